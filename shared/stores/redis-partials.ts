// What people are saying right now, over a channel of its own in Redis: sent as changes, of all calls together, kept by nobody.
import { z } from 'zod';
import { type CallId, findCallId, type Speaker, speakers } from '../call/call.ts';
import type { PartialTranscript } from '../call/call-event.ts';
import type { Logger } from '../logger.ts';
import { Listeners } from './listeners.ts';
import type { RedisConnection } from './redis-connection.ts';
import type { RedisLink } from './redis-link.ts';

const channel = 'parley:partials';
/** A message is as dear as all that is in it. Who reads along does not notice. */
const gatherMs = 100;
const maxGathered = 200;
/** Messages under way to Redis. More means that it lags: what nobody keeps is the first to go. */
const maxPending = 20;
/** Turns that are being said: two a call, and as many calls as one Redis holds. The oldest is sent or read whole again. */
const maxTurns = 2_000;
/** Whoever joined in the middle of a turn, or lost a change, reads on from the next whole text. */
const wholeTextEveryMs = 2_000;

/** `text` follows the first `keep` characters of what the turn was before; 0: it is the whole text so far. */
const changeSchema = z.object({
  callId: z.custom<CallId>((value) => typeof value === 'string' && findCallId(value) !== undefined),
  at: z.number(),
  role: z.enum(speakers),
  /** Grows by one with each change of a turn. */
  serial: z.number().int(),
  keep: z.number().int().nonnegative(),
  text: z.string(),
});
type Change = z.output<typeof changeSchema>;

interface Turn {
  readonly text: string;
  readonly serial: number;
  readonly wholeAt: number;
}

export class RedisPartials {
  readonly #redis: RedisConnection;
  readonly #log: Logger;
  readonly #listeners: Listeners<PartialTranscript>;
  readonly #sent = new Map<string, Turn>();
  readonly #heard = new Map<string, Turn>();
  #subscriber: RedisLink | undefined;
  #gathered: Change[] = [];
  #flushedAtMs = Number.NEGATIVE_INFINITY;
  #flusher: NodeJS.Timeout | undefined;
  #pending = 0;
  #closed = false;

  constructor(redis: RedisConnection, log: Logger) {
    this.#redis = redis;
    this.#log = log;
    this.#listeners = new Listeners(log);
  }

  publish(partial: PartialTranscript): void {
    if (this.#closed || this.#pending >= maxPending) return;
    this.#gathered.push(this.#findChange(partial));
    const inMs = this.#flushedAtMs + gatherMs - performance.now();
    if (inMs <= 0 || this.#gathered.length >= maxGathered) this.flush();
    else this.#flusher ??= setTimeout(() => this.flush(), inMs).unref();
  }

  /** Before what is not to be overtaken. */
  flush(): void {
    clearTimeout(this.#flusher);
    this.#flusher = undefined;
    if (this.#gathered.length === 0) return;
    const message = JSON.stringify(this.#gathered);
    this.#gathered = [];
    this.#flushedAtMs = performance.now();
    this.#pending++;
    this.#redis
      .publish(channel, message)
      .catch(() => {})
      .finally(() => this.#pending--);
  }

  /** The turn is over: the next one begins with its whole text. */
  forget(callId: CallId, role: Speaker): void {
    this.#sent.delete(`${callId}/${role}`);
  }

  subscribe(callId: CallId | 'all', listener: (partial: PartialTranscript) => void): () => void {
    const unsubscribe = this.#listeners.add(callId, listener);
    this.#subscriber ??= this.#closed ? undefined : this.#openSubscriber();
    return () => {
      unsubscribe();
      if (this.#listeners.isEmpty) this.#leave();
    };
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#flusher);
    this.#listeners.clear();
    this.#leave();
  }

  #openSubscriber(): RedisLink {
    const subscriber = this.#redis.openSubscriber();
    subscriber
      .subscribe(channel, (message) => this.#hear(message))
      .catch((error: unknown) => {
        if (subscriber === this.#subscriber) this.#log.warn({ error }, 'partial transcripts cannot be heard');
      });
    return subscriber;
  }

  #leave(): void {
    this.#subscriber?.destroy();
    this.#subscriber = undefined;
    this.#heard.clear();
  }

  #findChange({ callId, at, role, text }: PartialTranscript): Change {
    const key = `${callId}/${role}`;
    const before = this.#sent.get(key);
    const serial = (before?.serial ?? 0) + 1;
    const isWhole = !before || at - before.wholeAt >= wholeTextEveryMs;
    const keep = isWhole ? 0 : countCommon(before.text, text);
    remember(this.#sent, key, { text, serial, wholeAt: isWhole ? at : before.wholeAt });
    return { callId, at, role, serial, keep, text: text.slice(keep) };
  }

  #hear(message: string): void {
    const changes = parseChanges(message);
    if (changes) for (const change of changes) this.#apply(change);
    else this.#log.warn({ bytes: message.length }, 'partial transcripts from Redis cannot be read');
  }

  #apply({ callId, at, role, serial, keep, text: added }: Change): void {
    const key = `${callId}/${role}`;
    const before = this.#heard.get(key);
    if (keep > 0 && before?.serial !== serial - 1) return;
    const text = keep > 0 ? before!.text.slice(0, keep) + added : added;
    remember(this.#heard, key, { text, serial, wholeAt: at });
    this.#listeners.deliver({ callId, at, role, text });
  }
}

/** A bridge of the version before sends each by itself. */
function parseChanges(message: string): readonly Change[] | undefined {
  try {
    return z.array(changeSchema).parse([JSON.parse(message)].flat());
  } catch {
    return undefined;
  }
}

function remember(turns: Map<string, Turn>, key: string, turn: Turn): void {
  turns.delete(key);
  turns.set(key, turn);
  if (turns.size > maxTurns) turns.delete(turns.keys().next().value!);
}

function countCommon(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  let count = 0;
  while (count < length && a.charCodeAt(count) === b.charCodeAt(count)) count++;
  return count;
}
