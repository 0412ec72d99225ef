// Sends the live events of one call, or of all, to those who watch over a WebSocket.
import type { WebSocket } from 'ws';
import { type CallId, speakers } from '../shared/call/call.ts';
import type { CallEvent, PartialTranscript } from '../shared/call/call-event.ts';
import { formatLiveMessages, formatPartial, type LiveMessage } from '../shared/call/live-message.ts';
import type { Logger } from '../shared/logger.ts';
import type { CallStream } from '../shared/stores/call-stream.ts';

/** Minutes of events. Whoever reads slower than that has stopped reading. */
const maxUnreadBytes = 1024 * 1024;
/** What happens while the past is being read, which takes milliseconds. More: the store does not answer. */
const maxWaitingEvents = 1_000;

/** Of a single call it first sends what happened so far. */
export async function serveLiveFeed(
  socket: WebSocket,
  stream: CallStream,
  callId: CallId | 'all',
  log: Logger,
): Promise<void> {
  const sent = new Set<string>();
  const ended = new TurnEnds();
  const send = (...messages: readonly LiveMessage[]): void => {
    if (socket.bufferedAmount > maxUnreadBytes) socket.terminate();
    else for (const message of messages) socket.send(JSON.stringify(message));
  };
  const tell = (event: CallEvent): void => {
    if (callId !== 'all') {
      if (sent.has(event.id)) return;
      sent.add(event.id);
    }
    ended.see(event);
    send(...formatLiveMessages(event));
  };
  const fail = (): void => {
    leave();
    socket.close(1011, 'the events of this call cannot be read now');
  };
  // Live events wait until the past was sent, so that all come in order.
  let waiting: CallEvent[] | undefined = [];
  const unsubscribe = stream.subscribe(callId, (event) => {
    if (!waiting) tell(event);
    else if (waiting.push(event) > maxWaitingEvents) fail();
  });
  const unwatch = stream.subscribePartials(callId, (partial) => {
    if (!waiting && !ended.isPast(partial)) send(formatPartial(partial));
  });
  const leave = (): void => {
    unsubscribe();
    unwatch();
  };
  socket.on('close', leave);
  socket.on('error', (error) => log.debug({ error }, 'a watcher is gone'));
  try {
    if (callId !== 'all') for (const event of await stream.read(callId)) tell(event);
    for (const event of waiting) tell(event);
    waiting = undefined;
  } catch (error) {
    log.warn({ error }, 'the past of a call cannot be shown');
    fail();
  }
}

/** Partial transcripts come on a way of their own: one may be slower than the end of its turn. */
class TurnEnds {
  readonly #ends = new Map<string, number>();

  see(event: CallEvent): void {
    if (event.type === 'turn-finished') this.#ends.set(`${event.callId}/${event.role}`, event.at);
    // Whoever watches all calls watches for weeks.
    if (event.type === 'call-ended') for (const role of speakers) this.#ends.delete(`${event.callId}/${role}`);
  }

  isPast({ callId, role, at }: PartialTranscript): boolean {
    return at <= (this.#ends.get(`${callId}/${role}`) ?? 0);
  }
}
