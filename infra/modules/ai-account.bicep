// One Foundry resource for every voice model: Azure OpenAI with its deployments, Voice Live and Speech.
param location string
param tags object
param name string
@description('What is deployed, one after the other: { name, version, capacity }. The deployment is called as its model.')
param models array

resource account 'Microsoft.CognitiveServices/accounts@2026-07-01' = {
  name: name
  location: location
  tags: tags
  kind: 'AIServices'
  sku: { name: 'S0' }
  properties: {
    // Entra tokens are taken under this name only.
    customSubDomainName: name
    disableLocalAuth: true
    publicNetworkAccess: 'Enabled'
  }
}

// The service refuses a deployment while it makes another one.
@batchSize(1)
resource deployments 'Microsoft.CognitiveServices/accounts/deployments@2026-07-01' = [
  for model in models: {
    parent: account
    name: model.name
    sku: { name: 'GlobalStandard', capacity: model.capacity }
    properties: {
      model: { format: 'OpenAI', name: model.name, version: model.version }
      versionUpgradeOption: 'OnceCurrentVersionExpired'
    }
  }
]
