// Who the functions and the bridge are to all other services: an identity each, made before anything that lets them in.
param location string
param tags object
param functionsName string
param bridgeName string

resource functions 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: functionsName
  location: location
  tags: tags
}

resource bridge 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: bridgeName
  location: location
  tags: tags
}

output functionsId string = functions.id
output functionsClientId string = functions.properties.clientId
output functionsPrincipalId string = functions.properties.principalId
output bridgeId string = bridge.id
output bridgeClientId string = bridge.properties.clientId
output bridgePrincipalId string = bridge.properties.principalId
