// Lets both parts read the indexes of a search service that is there already: what is in them is the operator's.
param name string
param principalIds array

var roleIds = loadJsonContent('../role-ids.json')

resource service 'Microsoft.Search/searchServices@2025-05-01' existing = {
  name: name
}

resource access 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for principalId in principalIds: {
    name: guid(service.id, principalId, roleIds.SearchIndexDataReader)
    scope: service
    properties: {
      principalId: principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds.SearchIndexDataReader)
    }
  }
]

output endpoint string = 'https://${service.name}.search.windows.net'
