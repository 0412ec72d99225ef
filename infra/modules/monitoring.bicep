// Where logs and telemetry go: a workspace, and Application Insights that takes telemetry from our identities alone; who is woken by it.
param location string
param tags object
param workspaceName string
param componentName string
@minValue(30)
param retentionDays int
param publisherPrincipalIds string[]
param alertEmail string

var roleIds = loadJsonContent('../role-ids.json')

resource workspace 'Microsoft.OperationalInsights/workspaces@2026-03-01' = {
  name: workspaceName
  location: location
  tags: tags
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: retentionDays
  }
}

resource component 'Microsoft.Insights/components@2020-02-02' = {
  name: componentName
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    DisableLocalAuth: true
  }
}

resource publishers 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for principalId in publisherPrincipalIds: {
    name: guid(component.id, principalId, roleIds.MonitoringMetricsPublisher)
    scope: component
    properties: {
      principalId: principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds.MonitoringMetricsPublisher)
    }
  }
]

module alerts 'alerts.bicep' = {
  params: {
    location: location
    tags: tags
    componentId: component.id
    groupName: 'ag-${componentName}'
    email: alertEmail
  }
}

module workbook 'workbook.bicep' = {
  params: { location: location, tags: tags, componentId: component.id }
}

output workspaceId string = workspace.id
// Says where to send telemetry; without an identity nobody can.
output connectionString string = component.properties.ConnectionString
