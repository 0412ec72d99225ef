// Settles a new session with a realtime service: says what we want and reads what the service made of it.
import { AppError } from '../../../shared/errors.ts';
import { within } from '../../../shared/within.ts';
import type { VoiceModelOptions } from '../voice-model.ts';
import type { RealtimeDialect, SessionFormats } from './realtime-dialect.ts';
import type { RealtimeLink } from './realtime-link.ts';
import { formatSessionUpdate, parseRealtimeEvent, readExpiry, type WireSession } from './realtime-messages.ts';

/** Two round trips; a service that needs longer is of no use on the phone. */
const settleTimeoutMs = 3_000;

export interface NegotiatedSession {
  readonly formats: SessionFormats;
  /** Unix time, if the service tells. */
  readonly expiresAtMs: number | undefined;
}

/** Rejects with an AppError or the reason of the signal. What the service says afterwards waits in the link for the next listener. */
export async function negotiateSession(
  link: RealtimeLink,
  dialect: RealtimeDialect,
  options: VoiceModelOptions,
): Promise<NegotiatedSession> {
  const { service } = dialect;
  const { promise, resolve, reject } = Promise.withResolvers<NegotiatedSession>();
  const wanted = dialect.pickFormats(options.carrierFormat);
  link.listen({
    onMessage(text) {
      const event = parseRealtimeEvent(text);
      switch (event.type) {
        case 'session-created':
          link.send(formatSessionUpdate(dialect.createSession(options, wanted)));
          return;
        case 'session-updated':
          link.listen(undefined);
          try {
            resolve(readSettled(dialect, event.session));
          } catch (error) {
            reject(error);
          }
          return;
        case 'error': {
          const { code, message } = event;
          // What it says may hold what it was sent.
          const cause = new Error(message);
          reject(new AppError('MODEL_PROTOCOL', `${service} refuses the session (${code})`, { cause }));
          return;
        }
        default:
          // Whatever else there is, it is not about the session.
          return;
      }
    },
    onClose: (error) => reject(error ?? new AppError('MODEL_UNAVAILABLE', `${service} closed the connection.`)),
  });
  // Nothing is told of a session to those who join it.
  if (dialect.isSideband) link.send(formatSessionUpdate(dialect.createSession(options, wanted)));
  const isTooSlow = () => {
    throw new AppError('MODEL_UNAVAILABLE', `${service} settles no session in ${settleTimeoutMs} ms.`);
  };
  return within(settleTimeoutMs, promise, isTooSlow, options.signal);
}

/** A format may come back other than it was asked for (seen: PCM instead of mu-law); then that one is spoken. */
function readSettled(dialect: RealtimeDialect, session: WireSession): NegotiatedSession {
  const { input, output } = dialect.readFormats(session);
  if (!input || !output) {
    throw new AppError('MODEL_PROTOCOL', `${dialect.service} speaks in an audio format that we do not know.`);
  }
  return { formats: { input, output }, expiresAtMs: readExpiry(session) };
}
