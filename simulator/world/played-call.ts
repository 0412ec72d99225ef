// One call from its first ring to its end: somebody rings the agent, or is rung by it, and what happens is shown.
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallDirection, Carrier, VoiceModelKind } from '../../shared/call/call.ts';
import type { LiveMessage } from '../../shared/call/live-message.ts';
import type { Phone } from '../caller/phone.ts';
import { orderCall } from './order-call.ts';
import type { World } from './world.ts';

export interface CallPlan<Report> {
  /** A number that nobody else has in this world, by which the call is told from the others. */
  readonly number: string;
  readonly carrier: Carrier;
  readonly direction: CallDirection;
  /** Outbound only: an inbound call is taken by the agent, and by the first model, that the settings name. */
  readonly agent?: string | undefined;
  readonly model?: VoiceModelKind | undefined;
  readonly context?: Readonly<Record<string, unknown>> | undefined;
  readonly phone: Phone & { readonly done: Promise<Report> };
}

export interface PlayedCall<Report> {
  /** Undefined if the product never took it for a call. */
  readonly callId: string | undefined;
  readonly report: Report;
}

const ringsForMs = 1_500;
/** Events that are still on their way when the line is dead: `ended` among them. */
const lastEventsMs = 5_000;

export async function playCall<Report>(
  world: World,
  plan: CallPlan<Report>,
  show: (message: LiveMessage) => void,
): Promise<PlayedCall<Report>> {
  const { number, phone } = plan;
  let callId: string | undefined;
  const ended = Promise.withResolvers<void>();
  const unwatch = await world.watch((message) => {
    if (message.type === 'event' && message.event === 'call-created' && message.details.remoteParty === number)
      callId = message.call_id;
    if (callId === undefined || message.call_id !== callId) return;
    show(message);
    if (message.type === 'status' && message.status === 'ended') ended.resolve();
  });
  try {
    await begin(world, plan);
    const report = await phone.done;
    await Promise.race([ended.promise, sleep(lastEventsMs)]);
    return { callId, report };
  } finally {
    unwatch();
  }
}

async function begin(world: World, plan: CallPlan<unknown>): Promise<void> {
  const { acs, twilio } = world.standIns;
  const { number, carrier, direction, agent, model, context, phone } = plan;
  if (direction === 'inbound') {
    if (carrier === 'acs') acs.ring({ from: number, phone });
    else twilio.ring({ from: number, to: [...twilio.numbers.keys()][0]!, phone });
    return;
  }
  const { phones } = carrier === 'acs' ? acs : twilio;
  phones.set(number, { kind: 'answers', afterMs: ringsForMs, phone });
  await orderCall(world, { to: number, carrier, agent, model, context });
}
