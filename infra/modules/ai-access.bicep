// Lets the bridge, and the functions for their part, use a Foundry resource, ours or an existing one, and says where its services are.
param name string
param bridgePrincipalId string
param functionsPrincipalId string

var roleIds = loadJsonContent('../role-ids.json')
// Voice Live asks for the last two.
var bridgeRoles = [
  roleIds.CognitiveServicesOpenAIUser
  roleIds.CognitiveServicesSpeechUser
  roleIds.CognitiveServicesUser
  roleIds.FoundryUser
]

resource account 'Microsoft.CognitiveServices/accounts@2026-07-01' existing = {
  name: name
}

resource bridgeAccess 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for roleId in bridgeRoles: {
    name: guid(account.id, bridgePrincipalId, roleId)
    scope: account
    properties: {
      principalId: bridgePrincipalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleId)
    }
  }
]

// They judge calls that have ended.
resource functionsAccess 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account.id, functionsPrincipalId, roleIds.CognitiveServicesOpenAIUser)
  scope: account
  properties: {
    principalId: functionsPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds.CognitiveServicesOpenAIUser)
  }
}

output openAiEndpoint string = 'https://${account.properties.customSubDomainName}.openai.azure.com'
output voiceLiveEndpoint string = 'https://${account.properties.customSubDomainName}.services.ai.azure.com'
output speechEndpoint string = 'https://${account.properties.customSubDomainName}.cognitiveservices.azure.com'
