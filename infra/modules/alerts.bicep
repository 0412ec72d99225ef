// Wakes operators: a query each over what calls have told, and the group of people who are told of it.
param location string
param tags object
param componentId string
param groupName string
@description('Who is told by mail; empty: the alerts are seen in the portal alone.')
param email string

var rules = loadJsonContent('../alerts.json')

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: groupName
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'parley'
    emailReceivers: empty(email) ? [] : [{ name: 'operator', emailAddress: email, useCommonAlertSchema: true }]
  }
}

resource alerts 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = [
  for rule in rules: {
    name: rule.name
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: 'Parley: ${rule.name}'
      description: '${rule.description} See docs/operations.md.'
      enabled: true
      severity: rule.severity
      scopes: [componentId]
      evaluationFrequency: rule.frequency
      windowSize: rule.window
      autoMitigate: true
      // A new component has no tables yet.
      skipQueryValidation: true
      criteria: {
        allOf: [
          union(
            {
              query: rule.query
              timeAggregation: rule.timeAggregation
              operator: 'GreaterThan'
              threshold: rule.threshold
              failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
            },
            contains(rule, 'measure') ? { metricMeasureColumn: rule.?measure } : {},
            contains(rule, 'dimension')
              ? { dimensions: [{ name: rule.?dimension, operator: 'Include', values: ['*'] }] }
              : {}
          )
        ]
      }
      actions: { actionGroups: [people.id] }
    }
  }
]
