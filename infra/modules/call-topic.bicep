// The topic on which the functions tell of calls that have ended. The hook subscribes a function of ours; others may subscribe too.
param location string
param tags object
param name string
param functionsPrincipalId string

var roleIds = loadJsonContent('../role-ids.json')

resource topic 'Microsoft.EventGrid/topics@2025-02-15' = {
  name: name
  location: location
  tags: tags
  identity: { type: 'SystemAssigned' }
  properties: {
    disableLocalAuth: true
    inputSchema: 'EventGridSchema'
    minimumTlsVersionAllowed: '1.2'
  }
}

resource sender 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(topic.id, functionsPrincipalId, roleIds.EventGridDataSender)
  scope: topic
  properties: {
    principalId: functionsPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds.EventGridDataSender)
  }
}

output id string = topic.id
output endpoint string = topic.properties.endpoint
output principalId string = topic.identity.principalId
