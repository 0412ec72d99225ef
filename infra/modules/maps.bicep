// An Azure Maps account, which both parts ask for places and routes by their identities.
param location string
param tags object
param name string
param principalIds array

var roleIds = loadJsonContent('../role-ids.json')

resource account 'Microsoft.Maps/accounts@2023-06-01' = {
  name: name
  location: location
  tags: tags
  kind: 'Gen2'
  sku: { name: 'G2' }
  properties: { disableLocalAuth: true }
}

resource access 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for principalId in principalIds: {
    name: guid(account.id, principalId, roleIds.AzureMapsDataReader)
    scope: account
    properties: {
      principalId: principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds.AzureMapsDataReader)
    }
  }
]

output clientId string = account.properties.uniqueId
