// Puts a session's events on the wire, and does to them what the fault switches say: withholds, garbles, adds, or cuts the line.
import type { RealtimeFaults } from './realtime-faults.ts';
import type { Send } from './response-writer.ts';
import type { SessionLog } from './session-log.ts';
import { createWireId } from './wire-id.ts';

export interface EventSenderOptions {
  readonly faults: RealtimeFaults;
  readonly log: SessionLog;
  readonly send: (message: string | Buffer) => void;
  readonly kill: (code: number) => void;
}

export function createEventSender({ faults, log, send, kill }: EventSenderOptions): Send {
  return (event) => {
    if (faults.unknownEvents && !faults.withhold('session.weather'))
      send(JSON.stringify({ type: 'session.weather', event_id: createWireId('event'), mood: 3 }));
    const { type, ...fields } = event;
    if (faults.withhold(type)) return;
    const message = { type, event_id: createWireId('event'), ...fields };
    const text = JSON.stringify(message);
    const garbled = garble(text, faults.garble(type));
    log.add('service', garbled === undefined ? message : { type: '(garbled)', of: type });
    send(garbled ?? faults.alter(text));
    if (faults.killAt?.event === type) kill(faults.killAt.code);
  };
}

/** Undefined: the event is sound. */
function garble(text: string, how: ReturnType<RealtimeFaults['garble']>): string | Buffer | undefined {
  switch (how) {
    case 'cut-off':
      return text.slice(0, text.length / 2);
    case 'binary':
      return Buffer.from(text);
    case 'no-event':
      return '{"type":7,"delta":null}';
    default:
      return how satisfies undefined;
  }
}
