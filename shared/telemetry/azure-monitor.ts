// Sends telemetry to Application Insights. Takes a quarter of a second to load: only who has a connection string imports it.

import type { TokenCredential } from '@azure/identity';
import type { AzureMonitorOpenTelemetryOptions as CoreOptions } from '@azure/monitor-opentelemetry';
import { resourceFromAttributes } from '@opentelemetry/resources';
import appInsights, { type AzureMonitorOpenTelemetryOptions } from 'applicationinsights';
import { resendRefused } from './partial-success.ts';

type ExporterOptions = NonNullable<CoreOptions['azureMonitorExporterOptions']>;
type AddedPolicy = NonNullable<ExporterOptions['additionalPolicies']>[number];

export interface AzureMonitorOptions {
  /** Which part this process is: the portal's cloud role. */
  readonly service: string;
  readonly connectionString: string;
  /** Undefined: the connection string alone lets us in. */
  readonly credential: TokenCredential | undefined;
  /** The ingestion endpoint is on this machine, and speaks plain HTTP. */
  readonly isLocal: boolean;
}

const off = { enabled: false };

/** Once a process. */
export function startAzureMonitor({ service, connectionString, credential, isLocal }: AzureMonitorOptions): void {
  const options: AzureMonitorOpenTelemetryOptions = {
    resource: resourceFromAttributes({ 'service.name': service }),
    azureMonitorExporterOptions: {
      connectionString,
      credential,
      // What it has put there it cannot read again: see resendRefused.
      disableOfflineStorage: true,
      additionalPolicies: [{ position: 'perCall', policy: resendRefused }, ...(isLocal ? [plainHttp] : [])],
    },
    // Five traces a second is the default, and a call is one trace: the sixth would be lost whole.
    tracesPerSecond: 0,
    samplingRatio: 1,
    enableLiveMetrics: false,
    enablePerformanceCounters: false,
    // Made of the requests and dependencies that it sees: ours are spans of calls, not of HTTP.
    enableStandardMetrics: false,
    // It would tell of errors that belong to one call and were handled, beside the log that tells of them too.
    enableAutoCollectExceptions: false,
    // They patch modules when those are loaded: in a bundle nothing is. What is worth a span here is made one by name.
    instrumentationOptions: {
      http: off,
      azureSdk: off,
      mongoDb: off,
      mySql: off,
      postgreSql: off,
      redis: off,
      redis4: off,
      bunyan: off,
      winston: off,
      console: off,
    },
  };
  appInsights.useAzureMonitor(options);
}

/** Sends what waits, and then no more. */
export async function stopAzureMonitor(): Promise<void> {
  await appInsights.shutdownAzureMonitor();
}

/** The connection string's parser makes https of every address. */
const plainHttp: AddedPolicy = {
  position: 'perRetry',
  policy: {
    name: 'plainHttp',
    sendRequest(request, next) {
      request.url = request.url.replace(/^https:/, 'http:');
      request.allowInsecureConnection = true;
      return next(request);
    },
  },
};
