// All of Parley on Azure but the bridge's container app, which bridge.bicep makes when its image is there.
targetScope = 'subscription'

@description('Name of the azd environment. The group is called after it.')
@minLength(1)
@maxLength(64)
param environmentName string = 'parley'
param location string = deployment().location
@description('Who deploys, and may read the secrets.')
param principalId string = ''
@allowed(['User', 'ServicePrincipal', 'Group'])
param principalType string = 'User'

@description('An ACS resource that has a number already; empty: a new one without a number.')
param existingCommunicationName string = ''
param existingCommunicationGroup string = ''
@description('Resource id of the system topic of that ACS resource, if it has one: there can be only one.')
param existingEventTopicId string = ''
@description('Where a new ACS resource keeps its data, for ever.')
param communicationDataLocation string = 'United States'

@description('A Foundry resource (kind AIServices) with the three deployments; empty: a new one.')
param existingAiName string = ''
param existingAiGroup string = ''
@description('Realtime models are not everywhere.')
param aiLocation string = contains(['eastus2', 'southindia', 'swedencentral'], location) ? location : 'swedencentral'
param realtimeModel object = { name: 'gpt-realtime-1.5', version: '2026-02-23', capacity: 10 }
param transcriptionModel object = { name: 'gpt-4o-mini-transcribe', version: '2025-12-15', capacity: 10 }
param chatModel object = { name: 'gpt-5.4-mini', version: '2026-03-17', capacity: 50 }

@description('An Azure AI Search service with an index of jobs; empty: agents look up none.')
param existingSearchName string = ''
param existingSearchGroup string = ''
@description('Region of an Azure Maps account, for example westus2; empty: none is made, and agents know no distances.')
param mapsLocation string = ''

param twilioAccountSid string = ''
@secure()
param twilioAuthToken string = ''

@description('Settings of the functions that are theirs alone, as the README lists them. What is empty counts as not set.')
param functionSettings object = {}
@description('Names of settings, by commas, whose values the vault keeps, like AGENT_SECRET_ORDERS in the secret agent-secret-orders. Both parts get them.')
param vaultedSettings string = ''
@description('The app registration of Entra that people sign in to the console with; empty: nobody signs in.')
param consoleClientId string = ''
param alwaysReadyInstances int = 1
param maximumInstances int = 40
param redisSku string = 'Balanced_B0'
param isRedisHighlyAvailable bool = true
@description('After how many days a call is forgotten.')
param historyDays int = 90
param recordingDays int = 365
param deadLetterDays int = 30
param logDays int = 30
param alertEmail string = '' // Who is told when an alert fires.
@description('Azure may restart nodes on Sundays from this hour on, for eight hours.')
param maintenanceHourUtc int = 2

var token = uniqueString(subscription().id, environmentName, location)
var tags = { 'azd-env-name': environmentName }
var names = {
  group: '${environmentName}-rg'
  functionsIdentity: 'id-functions-${token}'
  bridgeIdentity: 'id-bridge-${token}'
  workspace: 'log-${token}'
  component: 'appi-${token}'
  storage: 'st${token}'
  vault: 'kv-${token}'
  ai: 'ai-${token}'
  communication: 'acs-${token}'
  eventTopic: 'evgt-${token}'
  callTopic: 'evgt-calls-${token}'
  maps: 'maps-${token}'
  redis: 'redis-${token}'
  cosmos: 'cosmos-${token}'
  registry: 'cr${token}'
  containerEnvironment: 'cae-${token}'
  bridge: 'ca-bridge-${token}'
  plan: 'plan-${token}'
  functions: 'func-${token}'
}
var cosmosDatabase = 'parley'
var hasTwilio = !empty(twilioAccountSid) && !empty(twilioAuthToken)
var communicationName = empty(existingCommunicationName) ? names.communication : existingCommunicationName
var communicationGroup = empty(existingCommunicationName) ? names.group : existingCommunicationGroup
var aiName = empty(existingAiName) ? names.ai : existingAiName
var aiGroup = empty(existingAiName) ? names.group : existingAiGroup
var topicPrincipalIds = empty(existingEventTopicId) ? [eventTopic!.outputs.principalId] : []
var searchEndpoint = empty(existingSearchName) ? '' : search!.outputs.endpoint
var mapsClientId = empty(mapsLocation) ? '' : maps!.outputs.clientId
var principalIds = [identities.outputs.functionsPrincipalId, identities.outputs.bridgePrincipalId]

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: names.group
  location: location
  tags: tags
}

module identities 'modules/identities.bicep' = {
  scope: group
  params: { location: location, tags: tags, functionsName: names.functionsIdentity, bridgeName: names.bridgeIdentity }
}

module monitoring 'modules/monitoring.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    workspaceName: names.workspace
    componentName: names.component
    retentionDays: logDays
    publisherPrincipalIds: principalIds
    alertEmail: alertEmail
  }
}

module storage 'modules/storage.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    name: names.storage
    functionsPrincipalId: principalIds[0]
    bridgePrincipalId: principalIds[1]
    deadLetterDays: deadLetterDays
    recordingDays: recordingDays
  }
}

module vault 'modules/key-vault.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    name: names.vault
    readerPrincipalIds: principalIds
    officerPrincipalId: principalId
    officerPrincipalType: principalType
    twilioAuthToken: twilioAuthToken
  }
}

module ai 'modules/ai-account.bicep' = if (empty(existingAiName)) {
  scope: group
  params: { location: aiLocation, tags: tags, name: names.ai, models: [realtimeModel, transcriptionModel, chatModel] }
}

module aiAccess 'modules/ai-access.bicep' = {
  scope: resourceGroup(aiGroup)
  params: { name: aiName, functionsPrincipalId: principalIds[0], bridgePrincipalId: principalIds[1] }
  dependsOn: [ai]
}

module communication 'modules/communication.bicep' = if (empty(existingCommunicationName)) {
  scope: group
  params: { tags: tags, name: names.communication, dataLocation: communicationDataLocation }
}

module communicationAccess 'modules/communication-access.bicep' = {
  scope: resourceGroup(communicationGroup)
  params: { name: communicationName, principalIds: principalIds }
  dependsOn: [communication]
}

module eventTopic 'modules/event-topic.bicep' = if (empty(existingEventTopicId)) {
  scope: group
  params: { tags: tags, name: names.eventTopic, communicationId: communicationAccess.outputs.id }
}

module callTopic 'modules/call-topic.bicep' = {
  scope: group
  params: { location: location, tags: tags, name: names.callTopic, functionsPrincipalId: principalIds[0] }
}

module deadLetterAccess 'modules/dead-letter-access.bicep' = {
  scope: group
  params: {
    storageName: storage.outputs.name
    containerName: storage.outputs.deadLetterContainer
    topicPrincipalIds: concat([callTopic.outputs.principalId], topicPrincipalIds)
  }
}

module search 'modules/search-access.bicep' = if (!empty(existingSearchName)) {
  scope: resourceGroup(existingSearchGroup)
  params: { name: existingSearchName, principalIds: principalIds }
}

module maps 'modules/maps.bicep' = if (!empty(mapsLocation)) {
  scope: group
  params: { location: mapsLocation, tags: tags, name: names.maps, principalIds: principalIds }
}

module redis 'modules/redis.bicep' = {
  scope: group
  params: { location: location, tags: tags, name: names.redis, isHighlyAvailable: isRedisHighlyAvailable, sku: redisSku, principalIds: principalIds }
}

module cosmos 'modules/cosmos.bicep' = {
  scope: group
  params: { location: location, tags: tags, name: names.cosmos, databaseName: cosmosDatabase, historyDays: historyDays, principalIds: principalIds }
}

module registry 'modules/registry.bicep' = {
  scope: group
  params: { location: location, tags: tags, name: names.registry, bridgePrincipalId: identities.outputs.bridgePrincipalId }
}

module containerEnvironment 'modules/container-environment.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    name: names.containerEnvironment
    workspaceId: monitoring.outputs.workspaceId
    maintenanceHourUtc: maintenanceHourUtc
  }
}

// The bridge's address is known before the bridge is there: neither part waits for the other.
var bridgeUrl = 'wss://${names.bridge}.${containerEnvironment.outputs.defaultDomain}'

module functions 'modules/functions.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    name: names.functions
    planName: names.plan
    identityId: identities.outputs.functionsId
    identityClientId: identities.outputs.functionsClientId
    storageName: storage.outputs.name
    packageUrl: storage.outputs.packageUrl
    vaultUri: vault.outputs.uri
    connectionString: monitoring.outputs.connectionString
    hasTwilio: hasTwilio
    vaultedSettings: vaultedSettings
    consoleClientId: consoleClientId
    alwaysReadyInstances: alwaysReadyInstances
    maximumInstances: maximumInstances
    settings: union(functionSettings, hasTwilio ? { TWILIO_ACCOUNT_SID: twilioAccountSid } : {}, {
      ACS_ENDPOINT: communicationAccess.outputs.endpoint
      ACS_RESOURCE_ID: communicationAccess.outputs.immutableResourceId
      AZURE_MAPS_CLIENT_ID: mapsClientId
      AZURE_OPENAI_CHAT_DEPLOYMENT: chatModel.name
      AZURE_OPENAI_ENDPOINT: aiAccess.outputs.openAiEndpoint
      AZURE_OPENAI_REALTIME_DEPLOYMENT: realtimeModel.name
      AZURE_OPENAI_TRANSCRIPTION_DEPLOYMENT: transcriptionModel.name
      AZURE_SEARCH_ENDPOINT: searchEndpoint
      BRIDGE_URL: bridgeUrl
      COSMOS_DATABASE: cosmosDatabase
      COSMOS_ENDPOINT: cosmos.outputs.endpoint
      // As for its subscriptions, below: a topic that is not ours puts nothing aside.
      DEAD_LETTERS_URL: empty(existingEventTopicId) ? storage.outputs.deadLetterUrl : ''
      EVENT_TOPIC_ENDPOINT: callTopic.outputs.endpoint
      HISTORY_DAYS: string(historyDays)
      RECORDINGS_URL: storage.outputs.recordingsUrl
      REDIS_CLUSTER: redis.outputs.isCluster ? 'true' : 'false'
      REDIS_URL: redis.outputs.url
    })
  }
}
// For azd and its hook.
output AZURE_RESOURCE_GROUP string = names.group
output AZURE_CONTAINER_REGISTRY_ENDPOINT string = registry.outputs.loginServer
output FUNCTIONS_SITE_ID string = functions.outputs.id
output EVENT_TOPIC_ID string = empty(existingEventTopicId) ? eventTopic!.outputs.id : existingEventTopicId
// A topic that is not ours has no right to put anything aside.
output DEAD_LETTER_STORAGE_ID string = empty(existingEventTopicId) ? storage.outputs.id : ''
output DEAD_LETTER_CONTAINER string = storage.outputs.deadLetterContainer
output CALL_TOPIC_ID string = callTopic.outputs.id
output CALL_DEAD_LETTER_STORAGE_ID string = storage.outputs.id
// For bridge.bicepparam.
output BRIDGE_NAME string = names.bridge
output BRIDGE_IDENTITY_NAME string = names.bridgeIdentity
output CONTAINER_ENVIRONMENT_NAME string = containerEnvironment.outputs.name
output KEY_VAULT_NAME string = vault.outputs.name
output KEY_VAULT_URI string = vault.outputs.uri
output HAS_TWILIO string = hasTwilio ? 'true' : 'false'
output PUBLIC_URL string = functions.outputs.url
output BRIDGE_URL string = bridgeUrl
output ACS_ENDPOINT string = communicationAccess.outputs.endpoint
output ACS_RESOURCE_ID string = communicationAccess.outputs.immutableResourceId
output APPLICATIONINSIGHTS_CONNECTION_STRING string = monitoring.outputs.connectionString
output AZURE_MAPS_CLIENT_ID string = mapsClientId
output AZURE_OPENAI_ENDPOINT string = aiAccess.outputs.openAiEndpoint
output AZURE_OPENAI_REALTIME_DEPLOYMENT string = realtimeModel.name
output AZURE_OPENAI_TRANSCRIPTION_DEPLOYMENT string = transcriptionModel.name
output AZURE_OPENAI_CHAT_DEPLOYMENT string = chatModel.name
output AZURE_VOICE_LIVE_ENDPOINT string = aiAccess.outputs.voiceLiveEndpoint
output AZURE_SEARCH_ENDPOINT string = searchEndpoint
output AZURE_SPEECH_ENDPOINT string = aiAccess.outputs.speechEndpoint
output COSMOS_DATABASE string = cosmosDatabase
output COSMOS_ENDPOINT string = cosmos.outputs.endpoint
output RECORDINGS_URL string = storage.outputs.recordingsUrl
output REDIS_CLUSTER string = redis.outputs.isCluster ? 'true' : 'false'
output REDIS_URL string = redis.outputs.url
