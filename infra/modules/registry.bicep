// Where the bridge's image is kept. The bridge may pull before it exists.
param location string
param tags object
param name string
param bridgePrincipalId string

var roleIds = loadJsonContent('../role-ids.json')

resource registry 'Microsoft.ContainerRegistry/registries@2025-11-01' = {
  name: name
  location: location
  tags: tags
  sku: { name: 'Basic' }
  properties: {
    adminUserEnabled: false
    // In the other mode AcrPull lets nobody in.
    roleAssignmentMode: 'LegacyRegistryPermissions'
  }
}

resource bridgePulls 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(registry.id, bridgePrincipalId, roleIds.AcrPull)
  scope: registry
  properties: {
    principalId: bridgePrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds.AcrPull)
  }
}

output loginServer string = registry.properties.loginServer
