// Telemetry of this process: on where a connection string says where to, and without a trace of it otherwise.
import { AzureCredential } from '../azure-credential.ts';
import { type Config, isLoopback } from '../config.ts';
import type { LogLine } from '../logger.ts';
import { within } from '../within.ts';
import { emitLogRecord } from './log-records.ts';

/** A process that is told to stop has little longer. */
const lastWordsMs = 3_000;

export interface Telemetry {
  readonly isOn: boolean;
  /** For the logger. Undefined: log lines go nowhere else. */
  readonly onLine: ((line: LogLine) => void) | undefined;
  /** Sends what waits. Idempotent; never rejects. */
  close(): Promise<void>;
}

export const noTelemetry: Telemetry = { isOn: false, onLine: undefined, async close() {} };

/** Once a process, before anything is observed. */
export async function openTelemetry(config: Config, service: string): Promise<Telemetry> {
  const { APPLICATIONINSIGHTS_CONNECTION_STRING: connectionString } = config;
  if (connectionString === undefined) return noTelemetry;
  const { startAzureMonitor, stopAzureMonitor } = await import('./azure-monitor.ts');
  startAzureMonitor({
    service,
    connectionString,
    credential: config.APPLICATIONINSIGHTS_AUTHENTICATION_STRING === undefined ? undefined : new AzureCredential(),
    isLocal: isLoopback(new URL(findIngestionEndpoint(connectionString)).hostname),
  });
  let closing: Promise<void> | undefined;
  return {
    isOn: true,
    onLine(line) {
      try {
        emitLogRecord(line);
      } catch {
        // Whoever logs is not to be stopped by it, and there is nobody else to tell.
      }
    },
    close: () => (closing ??= within(lastWordsMs, stopAzureMonitor(), () => {}).catch(() => {})),
  };
}

function findIngestionEndpoint(connectionString: string): string {
  return /IngestionEndpoint=([^;]+)/i.exec(connectionString)?.[1] ?? 'https://dc.services.visualstudio.com';
}
