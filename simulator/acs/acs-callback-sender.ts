// Sends the events of one call to the application: signed, retried a few times, and unruly when told to be.
import { type PostOutcome, post } from '../delivery/post.ts';
import type { ScaledTimers } from '../delivery/scaled-timers.ts';
import { createUnrulyDelivery } from '../delivery/unruly-delivery.ts';
import type { AcsFaults } from './acs-faults.ts';
import type { AcsTokenIssuer } from './acs-token-issuer.ts';

export interface CloudEvent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly time: string;
  readonly specversion: '1.0';
  readonly datacontenttype: 'application/json';
  readonly subject: string;
}

export interface CallbackRecord {
  readonly event: CloudEvent;
  readonly url: string;
  /** `dropped` is the fault knob's doing; a number is the last HTTP status. */
  outcome: 'pending' | 'dropped' | PostOutcome;
  attempts: number;
}

export interface CallbackSender {
  send(url: string, event: CloudEvent): void;
  readonly records: readonly CallbackRecord[];
}

const tokenLifetimeSeconds = 300;
const answerWithinMs = 10_000;
/** The service's schedule is not documented: a few quick ones. */
const retryAfterMs = [1_000, 2_000, 5_000];
const maxRecords = 1_000;

export function createCallbackSender(options: {
  readonly faults: AcsFaults['callbacks'];
  readonly timers: ScaledTimers;
  readonly tokens: AcsTokenIssuer;
  readonly signal: AbortSignal;
}): CallbackSender {
  const { faults, timers, tokens, signal } = options;
  const records: CallbackRecord[] = [];

  async function deliver(group: readonly CallbackRecord[]): Promise<void> {
    const body = faults.alter(JSON.stringify(group.map(({ event }) => event)));
    for (let attempt = 0; !signal.aborted; attempt++) {
      const authorization = await tokens.authorize(tokenLifetimeSeconds, faults.forge);
      const outcome = await post(group[0]!.url, {
        headers: { 'content-type': 'application/json; charset=utf-8', ...(authorization && { authorization }) },
        body,
        answerWithinMs,
        signal,
      });
      for (const record of group) {
        record.outcome = outcome;
        record.attempts++;
      }
      const mayHelp = typeof outcome === 'string' || outcome === 408 || outcome === 429 || Number(outcome) >= 500;
      const waitMs = retryAfterMs[attempt];
      if (!mayHelp || waitMs === undefined || !(await timers.sleep(waitMs))) return;
    }
  }

  const delivery = createUnrulyDelivery<CallbackRecord>({
    faults,
    timers,
    send(gathered) {
      for (const group of Map.groupBy(gathered, ({ url }) => url).values()) void deliver(group);
    },
  });

  return {
    records,
    send(url, event) {
      const record: CallbackRecord = { event, url, outcome: 'pending', attempts: 0 };
      records.push(record);
      if (records.length > maxRecords) records.shift();
      const leaves = delivery.push(event.type.replace('Microsoft.Communication.', ''), record);
      if (!leaves) record.outcome = 'dropped';
    },
  };
}
