// The Azure Communication Services resource. Its phone number is bought or ported by hand: ARM knows no numbers.
param tags object
param name string
param dataLocation string

resource communication 'Microsoft.Communication/communicationServices@2026-03-18' = {
  name: name
  location: 'global'
  tags: tags
  identity: { type: 'SystemAssigned' }
  properties: {
    dataLocation: dataLocation
    disableLocalAuth: true
  }
}
