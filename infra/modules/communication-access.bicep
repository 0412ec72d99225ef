// Lets functions and bridge control calls of an ACS resource, ours or an existing one, and says what they must know of it.
param name string
param principalIds string[]

var roleIds = loadJsonContent('../role-ids.json')

resource communication 'Microsoft.Communication/communicationServices@2026-03-18' existing = {
  name: name
}

resource access 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for principalId in principalIds: {
    name: guid(communication.id, principalId, roleIds.CommunicationAndEmailServiceOwner)
    scope: communication
    properties: {
      principalId: principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds.CommunicationAndEmailServiceOwner)
    }
  }
]

output id string = communication.id
output endpoint string = 'https://${communication.properties.hostName}'
output immutableResourceId string = communication.properties.immutableResourceId
