// One storage account without keys: the functions' package and state, events that could not be delivered, recordings.
param location string
param tags object
param name string
param functionsPrincipalId string
param bridgePrincipalId string
@minValue(1)
param deadLetterDays int
@minValue(1)
param recordingDays int

var roleIds = loadJsonContent('../role-ids.json')
var packageContainer = 'app-package'
var deadLetterContainer = 'dead-letters'
var recordingContainer = 'recordings'

resource account 'Microsoft.Storage/storageAccounts@2026-04-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: 'Standard_LRS' }
  properties: {
    allowBlobPublicAccess: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2026-04-01' = {
  parent: account
  name: 'default'
}

resource containers 'Microsoft.Storage/storageAccounts/blobServices/containers@2026-04-01' = [
  for container in [packageContainer, deadLetterContainer, recordingContainer]: {
    parent: blobs
    name: container
  }
]

resource lifecycle 'Microsoft.Storage/storageAccounts/managementPolicies@2026-04-01' = {
  parent: account
  name: 'default'
  properties: {
    policy: {
      rules: [
        {
          name: 'forget-dead-letters'
          type: 'Lifecycle'
          definition: {
            filters: { blobTypes: ['blockBlob'], prefixMatch: ['${deadLetterContainer}/'] }
            actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: deadLetterDays } } }
          }
        }
        {
          name: 'forget-recordings'
          type: 'Lifecycle'
          definition: {
            filters: { blobTypes: ['blockBlob'], prefixMatch: ['${recordingContainer}/'] }
            actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: recordingDays } } }
          }
        }
      ]
    }
  }
  dependsOn: [containers]
}

// The host keeps its keys and locks here as well as the package.
resource functionsOwnsBlobs 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account.id, functionsPrincipalId, roleIds.StorageBlobDataOwner)
  scope: account
  properties: {
    principalId: functionsPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds.StorageBlobDataOwner)
  }
}

// It keeps the peaks of both sides beside each recording.
resource bridgeWritesRecordings 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account.id, recordingContainer, bridgePrincipalId, roleIds.StorageBlobDataContributor)
  scope: containers[2]
  properties: {
    principalId: bridgePrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds.StorageBlobDataContributor)
  }
}

output id string = account.id
output name string = account.name
output packageUrl string = '${account.properties.primaryEndpoints.blob}${packageContainer}'
output recordingsUrl string = '${account.properties.primaryEndpoints.blob}${recordingContainer}'
output deadLetterUrl string = '${account.properties.primaryEndpoints.blob}${deadLetterContainer}'
output deadLetterContainer string = deadLetterContainer
