// Tells an Event Grid custom topic that a call has ended, so that it is settled in a function of its own, and others can subscribe.
import type { EventGridPublisherClient } from '@azure/eventgrid';
import type { CallState } from '../../shared/call/call-state.ts';
import { within } from '../../shared/within.ts';

export const callEndedType = 'Parley.CallEnded';
/** With the client's own retries. */
const timeoutMs = 15_000;

export class CallEndedTopic {
  readonly #client: EventGridPublisherClient<'EventGrid'>;

  constructor(client: EventGridPublisherClient<'EventGrid'>) {
    this.#client = client;
  }

  /** No number and no word of the call: whoever wants those asks the API. Rejects where the topic did not take it. */
  async publish({ callId, agent, carrier, direction, endReason, createdAt, endedAt }: CallState): Promise<void> {
    const data = {
      call_id: callId,
      agent,
      carrier,
      direction,
      end_reason: endReason,
      created_at: createdAt === undefined ? undefined : new Date(createdAt).toISOString(),
      ended_at: endedAt === undefined ? undefined : new Date(endedAt).toISOString(),
    };
    const event = {
      id: `${callId}/ended`,
      eventType: callEndedType,
      subject: `/calls/${callId}`,
      dataVersion: '1',
      data,
    };
    await within(
      timeoutMs,
      (abortSignal) => this.#client.send([event], { abortSignal }),
      () => {
        throw new Error(`no answer in ${timeoutMs} ms`);
      },
    );
  }
}
