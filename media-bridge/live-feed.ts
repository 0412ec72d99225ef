// Sends the live events of one call, or of all, to those who watch over a WebSocket.
import type { WebSocket } from 'ws';
import type { CallId } from '../shared/call/call.ts';
import type { LiveEvent } from '../shared/call/call-event.ts';
import { formatLiveMessages } from '../shared/call/live-message.ts';
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
  const send = (event: LiveEvent): void => {
    if ('id' in event && callId !== 'all') {
      if (sent.has(event.id)) return;
      sent.add(event.id);
    }
    if (socket.bufferedAmount > maxUnreadBytes) socket.terminate();
    else for (const message of formatLiveMessages(event)) socket.send(JSON.stringify(message));
  };
  const fail = (): void => {
    unsubscribe();
    socket.close(1011, 'the events of this call cannot be read now');
  };
  // Live events wait until the past was sent, so that all come in order.
  let waiting: LiveEvent[] | undefined = [];
  const unsubscribe = stream.subscribe(callId, (event) => {
    if (!waiting) send(event);
    else if (waiting.push(event) > maxWaitingEvents) fail();
  });
  socket.on('close', unsubscribe);
  socket.on('error', (error) => log.debug({ error }, 'a watcher is gone'));
  try {
    if (callId !== 'all') for (const event of await stream.read(callId)) send(event);
    for (const event of waiting) send(event);
    waiting = undefined;
  } catch (error) {
    log.warn({ error }, 'the past of a call cannot be shown');
    fail();
  }
}
