// The page in the portal that shows every call: workbook/calls.json, over our component.
param location string
param tags object
param componentId string

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(componentId, 'calls')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'Parley: calls'
    category: 'workbook'
    sourceId: componentId
    serializedData: replace(loadTextContent('../workbook/calls.json'), '{{component}}', componentId)
  }
}
