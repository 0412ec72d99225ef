// The functions app on Flex Consumption: storage and telemetry by identity, an instance that is always ready for a ring.
param location string
param tags object
param name string
param planName string
param identityId string
param identityClientId string
param storageName string
param packageUrl string
param vaultUri string
param connectionString string
@description('The settings of the app that are no secrets, PUBLIC_URL excepted.')
param settings object
param hasTwilio bool
@description('Names of settings, by commas; the secret of each is called as the setting is, in lower case and with dashes.')
param vaultedSettings string
@description('The app registration of Entra that people sign in to the console with; empty: nobody signs in, and only the key opens the API.')
param consoleClientId string
@description('Instances that wait for calls and for hooks; 0: the first call after a pause waits for a cold start.')
@minValue(0)
param alwaysReadyInstances int
@minValue(40)
@maxValue(1000)
param maximumInstances int

var alwaysReady = [
  { name: 'http', instanceCount: alwaysReadyInstances }
  { name: 'function:incomingCall', instanceCount: alwaysReadyInstances }
]
var twilioSecrets = { TWILIO_AUTH_TOKEN: '@Microsoft.KeyVault(SecretUri=${vaultUri}secrets/twilio-auth-token)' }
var vaulted = filter(map(split(vaultedSettings, ','), name => trim(name)), name => !empty(name))
var vaultedReferences = toObject(
  vaulted,
  name => name,
  name => '@Microsoft.KeyVault(SecretUri=${vaultUri}secrets/${toLower(replace(name, '_', '-'))})'
)

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true }
}

resource site 'Microsoft.Web/sites@2025-03-01' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': 'api' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identityId}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    keyVaultReferenceIdentity: identityId
    siteConfig: { minTlsVersion: '1.2', scmMinTlsVersion: '1.2' }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: packageUrl
          authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: identityId }
        }
      }
      runtime: { name: 'node', version: '24' }
      scaleAndConcurrency: {
        instanceMemoryMB: 2048
        maximumInstanceCount: maximumInstances
        alwaysReady: alwaysReadyInstances == 0 ? [] : alwaysReady
      }
    }
  }
}

// Passwords for publishing: azd publishes with a token.
resource publishing 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = [
  for way in ['ftp', 'scm']: {
    parent: site
    name: way
    properties: { allow: false }
  }
]

resource appSettings 'Microsoft.Web/sites/config@2025-03-01' = {
  parent: site
  name: 'appsettings'
  properties: union(settings, vaultedReferences, hasTwilio ? twilioSecrets : {}, {
    // These three together, and no AzureWebJobsStorage beside them, or the host does not start.
    AzureWebJobsStorage__accountName: storageName
    AzureWebJobsStorage__clientId: identityClientId
    AzureWebJobsStorage__credential: 'managedidentity'
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
    APPLICATIONINSIGHTS_CONNECTION_STRING: connectionString
    // The console is at the root.
    AzureWebJobsDisableHomepage: 'true'
    AZURE_CLIENT_ID: identityClientId
    API_KEY: '@Microsoft.KeyVault(SecretUri=${vaultUri}secrets/api-key)'
    MEDIA_TOKEN_SECRET: '@Microsoft.KeyVault(SecretUri=${vaultUri}secrets/media-token-secret)'
    PUBLIC_URL: 'https://${site.properties.defaultHostName}'
    SCALE_KEY: '@Microsoft.KeyVault(SecretUri=${vaultUri}secrets/scale-key)'
  })
}

// Hooks, callbacks and programs with the key sign in to nothing: the app itself decides who may do what.
resource signIn 'Microsoft.Web/sites/config@2025-03-01' = if (consoleClientId != '') {
  parent: site
  name: 'authsettingsV2'
  properties: {
    platform: { enabled: true }
    globalValidation: { requireAuthentication: false, unauthenticatedClientAction: 'AllowAnonymous' }
    httpSettings: { requireHttps: true }
    identityProviders: {
      azureActiveDirectory: {
        enabled: true
        registration: {
          clientId: consoleClientId
          openIdIssuer: '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'
        }
        validation: { allowedAudiences: [consoleClientId] }
      }
    }
    login: { tokenStore: { enabled: false } }
  }
}

output id string = site.id
output url string = 'https://${site.properties.defaultHostName}'
