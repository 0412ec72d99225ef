// A call as the stores see it: who says what, word by word, and what is written down of it; no audio.
import { randomUUID } from 'node:crypto';
import type { CallId, Speaker } from '../../shared/call/call.ts';
import type { CallFact } from '../../shared/call/call-event.ts';
import { acquireHold, renewHold } from '../../shared/stores/call-hold.ts';
import type { CallLeases, Lease } from '../../shared/stores/call-leases.ts';
import type { CallStream } from '../../shared/stores/call-stream.ts';

/** Bridges show no partial transcript oftener. */
const beatMs = 150;
/** A question, a look-up, an answer, a rest. */
const cycleMs = 10_500;
const askedMs = 3_000;
const answersFromMs = 4_200;
const answeredMs = 9_000;
const holdEveryMs = 1_000;
const words = 'of course we are open from nine to five on every day of the week but for the last one'.split(' ');

const created = {
  type: 'call-created',
  carrier: 'acs',
  direction: 'inbound',
  remoteParty: '+15550100',
  ourNumber: '+15550101',
  agent: 'receptionist',
} as const satisfies CallFact;

export interface TalkingCallOptions {
  readonly replica: string;
  readonly stream: Pick<CallStream, 'append' | 'publishPartial'>;
  readonly leases: Pick<CallLeases, 'acquire' | 'renew'>;
  /** Where in its cycle it begins, from 0 to 1. */
  readonly phase: number;
  /** How long the stream took for an event. */
  readonly onWritten: (tookMs: number) => void;
}

export class TalkingCall {
  readonly #options: TalkingCallOptions;
  readonly #callId = `in-${randomUUID()}` as CallId;
  readonly #writes = new Set<Promise<void>>();
  #hold: Lease | undefined;
  #beats: NodeJS.Timeout | undefined;
  #renewals: NodeJS.Timeout | undefined;
  #atMs: number;
  #said = '';

  constructor(options: TalkingCallOptions) {
    this.#options = options;
    this.#atMs = Math.floor((options.phase * cycleMs) / beatMs) * beatMs;
  }

  async begin(): Promise<void> {
    const { leases, replica } = this.#options;
    this.#hold = await acquireHold(leases, this.#callId, replica);
    this.#write(created);
    this.#beats = setInterval(() => this.#beat(), beatMs);
    this.#renewals = setInterval(() => void this.#renew(), holdEveryMs);
  }

  /** Resolves when all is written. */
  async end(): Promise<void> {
    clearInterval(this.#beats);
    clearInterval(this.#renewals);
    this.#write({ type: 'call-ended', reason: 'caller-hung-up' });
    await Promise.all(this.#writes);
  }

  #beat(): void {
    this.#atMs = (this.#atMs + beatMs) % cycleMs;
    const atMs = this.#atMs;
    if (atMs < askedMs) this.#speak('caller');
    else if (atMs === askedMs) this.#finish('caller');
    else if (atMs === answersFromMs)
      this.#write({ type: 'tool-called', name: 'search_knowledge', ok: true, tookMs: 900 });
    else if (atMs > answersFromMs && atMs < answeredMs) this.#speak('agent');
    else if (atMs === answeredMs) {
      this.#finish('agent');
      this.#write({ type: 'reply-timed', latencyMs: 1_200, endpointingMs: 500, playoutMs: 20 });
    }
  }

  #speak(role: Speaker): void {
    this.#said += `${words[(this.#atMs / beatMs) % words.length]} `;
    this.#options.stream.publishPartial({ callId: this.#callId, at: Date.now(), role, text: this.#said });
  }

  #finish(role: Speaker): void {
    this.#write({ type: 'turn-finished', role, text: this.#said, interrupted: false });
    this.#said = '';
  }

  #write(fact: CallFact): void {
    const startedMs = performance.now();
    const write = this.#options.stream
      .append({ ...fact, id: randomUUID(), at: Date.now(), callId: this.#callId })
      .then(() => this.#options.onWritten(performance.now() - startedMs))
      .finally(() => this.#writes.delete(write));
    this.#writes.add(write);
  }

  async #renew(): Promise<void> {
    if (this.#hold && !(await renewHold(this.#options.leases, this.#hold))) throw new Error('a hold was lost');
  }
}
