// The media bridge as a container app. azd deploys this after it has pushed the image, so that the first revision is the real one.
param location string = resourceGroup().location
param name string
param azdEnvironmentName string
param environmentName string
param image string
param registryServer string
param identityName string
param vaultUri string
@description('The settings of the bridge that are no secrets.')
param settings object
param hasTwilio bool
@description('Names of settings, by commas; the secret of each is called as the setting is, in lower case and with dashes.')
param vaultedSettings string
@description('Where the functions tell how many calls are live.')
param liveCallsUrl string
@description('Calls at once on one replica.')
@minValue(2)
param maxCalls int
@description('Two at least: Azure stops a replica on a node before it starts the next one.')
@minValue(2)
param minReplicas int
param maxReplicas int
@description('Cores of one replica; its memory is 2 GiB a core.')
@minValue(1)
@maxValue(4)
param cores int

var port = 8080
// The rest is room for the calls that come while the next replica starts.
var targetPercent = 60
// What Azure grants at most; it may take the replica away sooner.
var graceSeconds = 600
var vaulted = filter(map(split(vaultedSettings, ','), name => trim(name)), name => !empty(name))
var vaultedEnv = map(vaulted, name => { name: name, secretRef: toLower(replace(name, '_', '-')) })
var secretNames = concat(
  ['media-token-secret', 'api-key', 'scale-key'],
  hasTwilio ? ['twilio-auth-token'] : [],
  map(vaultedEnv, setting => setting.secretRef)
)
var twilioSecrets = [{ name: 'TWILIO_AUTH_TOKEN', secretRef: 'twilio-auth-token' }]

resource environment 'Microsoft.App/managedEnvironments@2026-01-01' existing = {
  name: environmentName
}

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource bridge 'Microsoft.App/containerApps@2026-01-01' = {
  name: name
  location: location
  tags: { 'azd-env-name': azdEnvironmentName, 'azd-service-name': 'bridge' }
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identity.id}': {} }
  }
  properties: {
    environmentId: environment.id
    workloadProfileName: 'Consumption'
    configuration: {
      activeRevisionsMode: 'Single'
      // Any other transport breaks WebSockets.
      ingress: { external: true, targetPort: port, transport: 'http', allowInsecure: false }
      registries: [{ server: registryServer, identity: identity.id }]
      secrets: [
        for secretName in secretNames: {
          name: secretName
          keyVaultUrl: '${vaultUri}secrets/${secretName}'
          identity: identity.id
        }
      ]
    }
    template: {
      terminationGracePeriodSeconds: graceSeconds
      containers: [
        {
          name: 'bridge'
          image: image
          resources: { cpu: cores, memory: '${2 * cores}Gi' }
          env: concat(
            map(items(settings), setting => { name: setting.key, value: setting.value }),
            vaultedEnv,
            hasTwilio ? twilioSecrets : [],
            [
              { name: 'API_KEY', secretRef: 'api-key' }
              { name: 'APPLICATIONINSIGHTS_AUTHENTICATION_STRING', value: 'Authorization=AAD' }
              { name: 'AZURE_CLIENT_ID', value: identity.properties.clientId }
              { name: 'DRAIN_SECONDS', value: string(graceSeconds - 30) }
              { name: 'HOST', value: '0.0.0.0' }
              { name: 'MAX_CALLS', value: string(maxCalls) }
              { name: 'MEDIA_TOKEN_SECRET', secretRef: 'media-token-secret' }
              { name: 'PORT', value: string(port) }
            ]
          )
          probes: [
            {
              type: 'Startup'
              httpGet: { path: '/healthz', port: port }
              periodSeconds: 2
              timeoutSeconds: 2
              failureThreshold: 10
            }
            {
              type: 'Liveness'
              httpGet: { path: '/healthz', port: port }
              periodSeconds: 10
              timeoutSeconds: 5
              failureThreshold: 6
            }
            {
              type: 'Readiness'
              httpGet: { path: '/readyz', port: port }
              periodSeconds: 2
              timeoutSeconds: 2
              failureThreshold: 1
            }
          ]
        }
      ]
      scale: {
        minReplicas: minReplicas
        maxReplicas: maxReplicas
        pollingInterval: 15
        // The scaler for HTTP counts a socket once, when it opens: half an hour of conversation is one request to it.
        rules: [
          {
            name: 'live-calls'
            custom: {
              type: 'metrics-api'
              metadata: {
                url: liveCallsUrl
                format: 'json'
                valueLocation: 'calls'
                targetValue: string(maxCalls * targetPercent / 100)
                authMode: 'apiKey'
                method: 'header'
                keyParamName: 'x-scale-key'
              }
              auth: [{ secretRef: 'scale-key', triggerParameter: 'apiKey' }]
            }
          }
        ]
      }
    }
  }
}
