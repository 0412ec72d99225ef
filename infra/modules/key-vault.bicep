// The few secrets that no identity can replace. Ours are drawn at random by the first provision and kept by all later ones.
param location string
param tags object
param name string
param readerPrincipalIds string[]
@description('Who deploys, and may read and change the secrets; empty: nobody besides the two parts.')
param officerPrincipalId string
@allowed(['User', 'ServicePrincipal', 'Group'])
param officerPrincipalType string
@secure()
param twilioAuthToken string
// A random GUID has 122 random bits: two of them are a key of 244. Only a parameter's default may be random.
@secure()
param randomMediaToken string = '${newGuid()}${newGuid()}'
@secure()
param randomApiKey string = '${newGuid()}${newGuid()}'
@secure()
param randomScaleKey string = '${newGuid()}${newGuid()}'

var roleIds = loadJsonContent('../role-ids.json')

resource vault 'Microsoft.KeyVault/vaults@2026-02-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    softDeleteRetentionInDays: 7
  }
}

@onlyIfNotExists()
resource mediaToken 'Microsoft.KeyVault/vaults/secrets@2026-02-01' = {
  parent: vault
  name: 'media-token-secret'
  properties: { value: randomMediaToken, contentType: 'MEDIA_TOKEN_SECRET' }
}

@onlyIfNotExists()
resource apiKey 'Microsoft.KeyVault/vaults/secrets@2026-02-01' = {
  parent: vault
  name: 'api-key'
  properties: { value: randomApiKey, contentType: 'API_KEY' }
}

@onlyIfNotExists()
resource scaleKey 'Microsoft.KeyVault/vaults/secrets@2026-02-01' = {
  parent: vault
  name: 'scale-key'
  properties: { value: randomScaleKey, contentType: 'SCALE_KEY' }
}

resource twilioToken 'Microsoft.KeyVault/vaults/secrets@2026-02-01' = if (!empty(twilioAuthToken)) {
  parent: vault
  name: 'twilio-auth-token'
  properties: { value: twilioAuthToken, contentType: 'TWILIO_AUTH_TOKEN' }
}

resource readers 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for principalId in readerPrincipalIds: {
    name: guid(vault.id, principalId, roleIds.KeyVaultSecretsUser)
    scope: vault
    properties: {
      principalId: principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds.KeyVaultSecretsUser)
    }
  }
]

resource officer 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(officerPrincipalId)) {
  name: guid(vault.id, officerPrincipalId, roleIds.KeyVaultSecretsOfficer)
  scope: vault
  properties: {
    principalId: officerPrincipalId
    principalType: officerPrincipalType
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds.KeyVaultSecretsOfficer)
  }
}

output name string = vault.name
output uri string = vault.properties.vaultUri
