// The topic on which ACS tells of incoming calls. The hook subscribes to it once the function is there.
param tags object
param name string
param communicationId string

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' = {
  name: name
  location: 'global'
  tags: tags
  identity: { type: 'SystemAssigned' }
  properties: {
    source: communicationId
    topicType: 'Microsoft.Communication.CommunicationServices'
  }
}

output id string = topic.id
output principalId string = topic.identity.principalId
