// Sends the live events of one call, or of all, to those who watch over a WebSocket.
import type { WebSocket } from 'ws';
import { type CallId, speakers } from '../shared/call/call.ts';
import type { CallEvent, PartialTranscript } from '../shared/call/call-event.ts';
import { formatLiveMessages, formatPartial, type LiveMessage, maskNumbers } from '../shared/call/live-message.ts';
import { AppError } from '../shared/errors.ts';
import type { Logger } from '../shared/logger.ts';
import type { CallStream } from '../shared/stores/call-stream.ts';
import { pause } from '../shared/within.ts';

/** Minutes of events. Whoever reads slower than that has stopped reading. */
const maxUnreadBytes = 1024 * 1024;
/** What happens while the past is being read, which takes milliseconds. More: the store does not answer. */
const maxWaitingEvents = 1_000;
/** Five seconds: a store that moves to its replica is back by then. */
const maxReads = 20;
const retryMs = 250;

/** An ingress cuts a socket that is silent for four minutes, and a page takes one for lost that is silent for three of these. */
const pingEveryMs = 15_000;

export interface LiveFeedOptions {
  readonly socket: WebSocket;
  readonly stream: CallStream;
  readonly calls: CallId | 'all';
  /** A watcher who may not know them sees masked numbers. */
  readonly showsNumbers: boolean;
  readonly log: Logger;
}

/** Of a single call it first sends what happened so far. Each message has a number, one more than the one before it. */
export async function serveLiveFeed({
  socket,
  stream,
  calls: callId,
  showsNumbers,
  log,
}: LiveFeedOptions): Promise<void> {
  const sent = new Set<string>();
  const ended = new TurnEnds();
  let seq = 0;
  const write = (message: object): void => {
    seq += 1;
    if (socket.bufferedAmount > maxUnreadBytes) socket.terminate();
    else socket.send(JSON.stringify({ ...message, seq }));
  };
  const send = (...messages: readonly LiveMessage[]): void => {
    for (const message of messages) write(showsNumbers ? message : maskNumbers(message));
  };
  const ping = () => write({ type: 'ping', at: Date.now() });
  const pings = setInterval(ping, pingEveryMs);
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
  const gone = new AbortController();
  const leave = (): void => {
    gone.abort();
    clearInterval(pings);
    unsubscribe();
    unwatch();
  };
  socket.on('close', leave);
  socket.on('error', (error) => log.debug({ error }, 'a watcher is gone'));
  try {
    if (callId !== 'all') for (const event of await readPast(stream, callId, gone.signal)) tell(event);
    for (const event of waiting) tell(event);
    waiting = undefined;
    // Says that all of the past has been told.
    ping();
  } catch (error) {
    if (gone.signal.aborted) return;
    log.warn({ error }, 'the past of a call cannot be shown');
    fail();
  }
}

/** Rejects when that cannot be read for as long as anybody would wait for it, or when nobody waits any more. */
async function readPast(stream: CallStream, callId: CallId, signal: AbortSignal): Promise<readonly CallEvent[]> {
  for (let reads = 1; ; reads++) {
    try {
      return await stream.read(callId);
    } catch (error) {
      const isAway = error instanceof AppError && error.retryable;
      if (!isAway || reads >= maxReads) throw error;
      await pause(retryMs, signal);
    }
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
