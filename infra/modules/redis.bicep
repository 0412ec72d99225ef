// Live state of calls: Azure Managed Redis without keys, as the cluster that it is: what one step needs together has one hash tag.
param location string
param tags object
param name string
@description('Two servers instead of one. Without them a restart of Redis forgets the live calls.')
param isHighlyAvailable bool
param sku string
param principalIds string[]

resource redis 'Microsoft.Cache/redisEnterprise@2025-07-01' = {
  name: name
  location: location
  tags: tags
  sku: { name: sku }
  properties: {
    highAvailability: isHighlyAvailable ? 'Enabled' : 'Disabled'
    minimumTlsVersion: '1.2'
    publicNetworkAccess: 'Enabled'
  }
}

resource database 'Microsoft.Cache/redisEnterprise/databases@2025-07-01' = {
  parent: redis
  name: 'default'
  properties: {
    accessKeysAuthentication: 'Disabled'
    clientProtocol: 'Encrypted'
    // Azure's default, and what grows with the sku. It cannot be changed later.
    clusteringPolicy: 'OSSCluster'
    // Any other policy may drop the lease of a live call when memory runs short.
    evictionPolicy: 'NoEviction'
    port: 10000
  }
}

// The service refuses an assignment while it makes another one.
@batchSize(1)
resource access 'Microsoft.Cache/redisEnterprise/databases/accessPolicyAssignments@2025-07-01' = [
  for principalId in principalIds: {
    parent: database
    // Letters and digits alone: guid() has dashes.
    name: uniqueString(database.id, principalId)
    properties: {
      accessPolicyName: 'default'
      user: { objectId: principalId }
    }
  }
]

output isCluster bool = database.properties.clusteringPolicy == 'OSSCluster'
output url string = 'rediss://${redis.properties.hostName}:${database.properties.port}'
