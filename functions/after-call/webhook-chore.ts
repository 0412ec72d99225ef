// Chore: tells the agent's webhook what became of a call, again and again for half a day while it is not there.
import type { AgentProfile } from '../../shared/agents/agent.ts';
import { type DeliveryEvent, type DeliveryTry, findLastTry } from '../../shared/call/call-delivery.ts';
import type { CallState } from '../../shared/call/call-state.ts';
import type { Logger } from '../../shared/logger.ts';
import type { CallLedger } from '../../shared/stores/call-ledger.ts';
import { formatDetail, formatSummary } from '../api/call-formats.ts';
import type { Chore } from './chore.ts';
import { sendWebhook } from './webhook-sender.ts';

/** After each try that failed; as many tries as there are, and one. */
const retryAfterMs = [30_000, 2 * 60_000, 10 * 60_000, 3_600_000, 6 * 3_600_000];
/** It says so itself. */
const gone = 410;

export interface WebhookChoreOptions {
  readonly ledger: Pick<CallLedger, 'post'>;
  readonly secrets: Readonly<Record<string, string>>;
  readonly log: Logger;
}

export class WebhookChore implements Chore {
  readonly name = 'webhook';
  readonly #options: WebhookChoreOptions;

  constructor(options: WebhookChoreOptions) {
    this.#options = options;
  }

  async run(call: CallState, agent: AgentProfile | undefined): Promise<boolean> {
    const webhook = agent?.webhook;
    if (!webhook) return true;
    const due = webhook.events.filter((event) => hasHappened(call, event));
    const settled = await Promise.all(due.map((event) => this.#tell(call, agent, event)));
    return settled.every(Boolean);
  }

  async #tell(call: CallState, agent: AgentProfile, event: DeliveryEvent): Promise<boolean> {
    const last = findLastTry(call.deliveries ?? [], event);
    if (last && isOver(last)) return true;
    if (last?.nextAt !== undefined && Date.now() < last.nextAt) return false;
    return this.#try(call, agent, event, (last?.attempt ?? 0) + 1);
  }

  async #try(call: CallState, agent: AgentProfile, event: DeliveryEvent, attempt: number): Promise<boolean> {
    const { ledger, secrets, log } = this.#options;
    const { callId } = call;
    const { url, secret: setting } = agent.webhook!;
    const secret = secrets[setting];
    const startedAt = performance.now();
    const request = { url, event, deliveryId: `${callId}/${event}`, body: formatBody(call, event) };
    const status = secret === undefined ? undefined : await sendWebhook({ ...request, secret });
    const tookMs = Math.round(performance.now() - startedAt);
    const delivered = status !== undefined && status >= 200 && status < 300;
    const waitMs = delivered || status === gone ? undefined : retryAfterMs[attempt - 1];
    if (secret === undefined) log.error({ callId, setting }, 'a webhook is not told: its secret is not set');
    else if (!delivered) log.warn({ callId, event, attempt, status }, 'a webhook was not there');
    await ledger.post(
      callId,
      {
        type: 'webhook-tried',
        event,
        attempt,
        tookMs,
        ...(status !== undefined && { status }),
        ...(delivered && { delivered }),
        ...(waitMs !== undefined && { nextAt: Date.now() + waitMs }),
      },
      { id: `webhook/${event}/${attempt}` },
    );
    return delivered || waitMs === undefined;
  }
}

function isOver({ delivered, nextAt }: DeliveryTry): boolean {
  return delivered === true || nextAt === undefined;
}

function hasHappened({ phase, outcome, recording }: CallState, event: DeliveryEvent): boolean {
  switch (event) {
    case 'call-ended':
      return phase === 'ended';
    case 'outcome-ready':
      return outcome?.status === 'done' || outcome?.status === 'failed';
    case 'recording-ready':
      return recording?.status === 'kept';
    default:
      return event satisfies never;
  }
}

function formatBody(call: CallState, event: DeliveryEvent): object {
  const told = event === 'call-ended' ? formatSummary(call) : { ...formatDetail(call), deliveries: undefined };
  return { event, at: new Date().toISOString(), call: told };
}
