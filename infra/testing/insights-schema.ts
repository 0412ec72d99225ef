// The tables of an Application Insights component as its queries see them, for Kusto's own parser.

const common =
  'timestamp: datetime, itemId: string, itemType: string, itemCount: int, customDimensions: dynamic, customMeasurements: dynamic, ' +
  'operation_Id: string, operation_Name: string, operation_ParentId: string, operation_SyntheticSource: string, ' +
  'session_Id: string, user_Id: string, user_AuthenticatedId: string, user_AccountId: string, application_Version: string, ' +
  'client_Type: string, client_Model: string, client_OS: string, client_IP: string, client_City: string, ' +
  'client_StateOrProvince: string, client_CountryOrRegion: string, client_Browser: string, cloud_RoleName: string, ' +
  'cloud_RoleInstance: string, appId: string, appName: string, iKey: string, sdkVersion: string, _ResourceId: string';

/** By Microsoft's reference of the tables. */
export const insightsTables: Readonly<Record<string, string>> = {
  requests: `id: string, source: string, name: string, url: string, success: string, resultCode: string, duration: real, performanceBucket: string, ${common}`,
  dependencies: `id: string, target: string, type: string, name: string, data: string, success: string, resultCode: string, duration: real, performanceBucket: string, ${common}`,
  customEvents: `name: string, ${common}`,
  traces: `message: string, severityLevel: int, ${common}`,
  exceptions: `problemId: string, handledAt: string, type: string, message: string, assembly: string, method: string, outerType: string, outerMessage: string, outerAssembly: string, outerMethod: string, innermostType: string, innermostMessage: string, innermostAssembly: string, innermostMethod: string, severityLevel: int, details: dynamic, ${common}`,
  customMetrics: `name: string, value: real, valueCount: int, valueSum: real, valueMin: real, valueMax: real, valueStdDev: real, ${common}`,
};
