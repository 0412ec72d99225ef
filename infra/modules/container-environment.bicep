// What the bridge runs in. Its logs go to the workspace without a key.
param location string
param tags object
param name string
param workspaceId string
@description('When Azure may restart nodes, in UTC: choose the quietest hours.')
@minValue(0)
@maxValue(23)
param maintenanceHourUtc int

resource environment 'Microsoft.App/managedEnvironments@2026-01-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    appLogsConfiguration: { destination: 'azure-monitor' }
    workloadProfiles: [{ name: 'Consumption', workloadProfileType: 'Consumption' }]
  }
}

resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'logs'
  scope: environment
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
  }
}

resource maintenance 'Microsoft.App/managedEnvironments/maintenanceConfigurations@2026-01-01' = {
  parent: environment
  name: 'default'
  properties: {
    scheduledEntries: [{ weekDay: 'Sunday', startHourUtc: maintenanceHourUtc, durationHours: 8 }]
  }
}

output name string = environment.name
output defaultDomain string = environment.properties.defaultDomain
