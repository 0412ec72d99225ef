// The load of the telemetry bench, as a process of its own: what 100 calls tell, five seconds of it at a time.

import { metrics, trace } from '@opentelemetry/api';
import { logs } from '@opentelemetry/api-logs';
import { CallTelemetry } from '../../media-bridge/telemetry/call-telemetry.ts';
import type { CallId } from '../../shared/call/call.ts';
import type { CallFact } from '../../shared/call/call-event.ts';
import { readConfig } from '../../shared/config.ts';
import { createLogger } from '../../shared/logger.ts';
import { openTelemetry } from '../../shared/telemetry/telemetry.ts';
import { quietenLibrary } from './quiet-library.ts';

/** A call of two minutes, in which the caller has the word every eight seconds. */
const callMs = 120_000;
const turnMs = 8_000;
/** As often as spans are sent. */
const stepMs = 5_000;
const spansATurn = 7;
/** Of a call besides its turns: the call, its media, its model and that one's opening, its hang-up. */
const spansACall = 5;

interface Flushable {
  forceFlush(): Promise<void>;
}

const [connectionString, calls, minutes] = process.argv.slice(2);
quietenLibrary();
const telemetry = await openTelemetry(readConfig({ APPLICATIONINSIGHTS_CONNECTION_STRING: connectionString }), 'bench');
const providers = [
  (trace.getTracerProvider() as unknown as { getDelegate(): Flushable }).getDelegate(),
  logs.getLoggerProvider() as unknown as Flushable,
  metrics.getMeterProvider() as unknown as Flushable,
];
const { onLine } = telemetry;
const log = createLogger({ level: 'info', showPii: false, service: 'bench', destination: { write() {} }, onLine });
const bridge = new CallTelemetry(log);

function openCall(n: number, startMs: number) {
  const callId = `in-${n}` as CallId;
  const watcher = bridge.watch({
    callId,
    carrier: 'acs',
    direction: 'inbound',
    agent: 'receptionist',
    replica: 'bench',
  });
  const child = log.child({ callId, ...watcher.traceIds });
  let told = 0;
  const tell = (at: number, fact: CallFact) =>
    watcher.observe({ ...fact, id: String(told++), callId, at } as Parameters<typeof watcher.observe>[0], true);
  tell(startMs, { type: 'media-started', replica: 'bench' });
  tell(startMs + 200, { type: 'model-opened', model: 'gpt-realtime', tookMs: 200 });
  child.info({ ageMs: 10 }, 'incoming call answered');
  return {
    turn(at: number) {
      tell(at - 500, { type: 'turn-finished', role: 'caller', text: '', interrupted: false });
      tell(at - 300, { type: 'tool-called', name: 'current_time', ok: true, tookMs: 10 });
      tell(at, { type: 'reply-timed', latencyMs: 450, endpointingMs: 520, playoutMs: 0 });
      tell(at + 3000, { type: 'agent-interrupted', heardMs: 3000, stopMs: 0.1 });
    },
    end(at: number) {
      tell(at, { type: 'hang-up-requested', by: 'agent', reason: 'agent-hung-up' });
      tell(at, { type: 'media-stopped', replica: 'bench', clean: true });
      child.info({ reason: 'agent-hung-up' }, 'call ended');
      watcher.close();
    },
  };
}

const lines = Number(calls);
const totalMs = Number(minutes) * 60_000;
const startMs = Date.now() - totalMs;
const live = new Map<number, ReturnType<typeof openCall>>();
let spans = 0;
let opened = 0;
// What is loaded once is not what calls cost.
for (const provider of providers) await provider.forceFlush();
const before = process.cpuUsage();
for (let nowMs = 0; nowMs < totalMs; nowMs += stepMs) {
  for (let line = 0; line < lines; line++) {
    // Not all at once: each line has its own beat.
    const ageMs = (nowMs + line * 1_200) % callMs;
    if (ageMs < stepMs || !live.has(line)) {
      if (live.has(line)) {
        live.get(line)!.end(startMs + nowMs);
        spans += spansACall;
      }
      live.set(line, openCall(opened++, startMs + nowMs));
    }
    if (ageMs % turnMs < stepMs) {
      live.get(line)!.turn(startMs + nowMs + stepMs / 2);
      spans += spansATurn;
    }
  }
  for (const provider of providers.slice(0, 2)) await provider.forceFlush();
  if (nowMs % 60_000 === 0) await providers[2]!.forceFlush();
}
for (const call of live.values()) {
  call.end(startMs + totalMs);
  spans += spansACall;
}
for (const provider of providers) await provider.forceFlush();
const { user, system } = process.cpuUsage(before);
await telemetry.close();
process.send!({ cpuMs: (user + system) / 1000, spans });
process.disconnect();
