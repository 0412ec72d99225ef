// The history of calls: a serverless Cosmos DB without keys, with the container and index that the code expects.
param location string
param tags object
param name string
param databaseName string
@description('After how many days a call is forgotten.')
@minValue(1)
param historyDays int
param principalIds string[]

var roleIds = loadJsonContent('../role-ids.json')
var sortPaths = ['createdAt', 'keys/remoteParty', 'keys/agent', 'keys/model', 'keys/lengthMs', 'keys/reason']
var callPaths = union(sortPaths, ['id', 'standing', 'agent', 'phase', 'reason', 'outcome', 'satisfaction', 'remoteParty', 'recordingUntil'])

resource account 'Microsoft.DocumentDB/databaseAccounts@2026-03-15' = {
  name: name
  location: location
  tags: tags
  kind: 'GlobalDocumentDB'
  properties: {
    databaseAccountOfferType: 'Standard'
    locations: [{ locationName: location, failoverPriority: 0 }]
    capabilities: [{ name: 'EnableServerless' }]
    consistencyPolicy: { defaultConsistencyLevel: 'Session' }
    disableLocalAuth: true
    minimalTlsVersion: 'Tls12'
  }
}

resource database 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases@2026-03-15' = {
  parent: account
  name: databaseName
  properties: { resource: { id: databaseName } }
}

resource calls 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers@2026-03-15' = {
  parent: database
  name: 'calls'
  properties: {
    resource: {
      id: 'calls'
      partitionKey: { kind: 'Hash', version: 2, paths: ['/id'] }
      defaultTtl: historyDays * 86400
      // Only what the list of calls sorts and chooses by: every further path makes each write dearer.
      indexingPolicy: {
        indexingMode: 'consistent'
        includedPaths: [for path in callPaths: { path: '/${path}/?' }]
        excludedPaths: [{ path: '/*' }]
        compositeIndexes: concat(
          map(sortPaths, path => [{ path: '/${path}', order: 'descending' }, { path: '/id', order: 'descending' }]),
          map(sortPaths, path => [{ path: '/${path}', order: 'ascending' }, { path: '/id', order: 'ascending' }])
        )
      }
    }
  }
}

// What is known of a caller, under a hash of the number: all of one in one partition. Each document says how long it is kept.
resource callers 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers@2026-03-15' = {
  parent: database
  name: 'callers'
  properties: {
    resource: {
      id: 'callers'
      partitionKey: { kind: 'Hash', version: 2, paths: ['/caller'] }
      defaultTtl: -1
      indexingPolicy: {
        indexingMode: 'consistent'
        includedPaths: [{ path: '/at/?' }, { path: '/kind/?' }]
        excludedPaths: [{ path: '/*' }]
      }
    }
  }
  dependsOn: [calls]
}

// Data roles are Cosmos DB's own, not Azure's.
@batchSize(1)
resource access 'Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments@2026-03-15' = [
  for principalId in principalIds: {
    parent: account
    name: guid(account.id, principalId, roleIds.CosmosDataContributor)
    properties: {
      principalId: principalId
      roleDefinitionId: '${account.id}/sqlRoleDefinitions/${roleIds.CosmosDataContributor}'
      scope: account.id
    }
  }
]

output endpoint string = account.properties.documentEndpoint
