// The verb Dial: rings another phone and puts the two together until one of them hangs up.
import type { PhoneLine } from '../line/phone-line.ts';
import { createSid, type TwilioContext } from './twilio-context.ts';

import { type CallStatus, TwilioStatusCallbacks } from './twilio-status-callbacks.ts';
import type { DialOrder, DialOutcome } from './twiml-runner.ts';

interface Parent {
  readonly sid: string;
  readonly isLive: boolean;
  readonly options: { readonly from: string };
  readonly ended: Promise<unknown>;
}

export async function dialNumber(
  context: TwilioContext,
  parent: Parent,
  order: DialOrder,
  line: PhoneLine | undefined,
): Promise<DialOutcome> {
  const sid = createSid('CA');
  const from = order.callerId ?? parent.options.from;
  const callbacks = new TwilioStatusCallbacks(context, order.statusCallback, order.statusEvents);
  const tell = (status: CallStatus) =>
    callbacks.tell(status, {
      AccountSid: context.accountSid,
      ApiVersion: '2010-04-01',
      CallSid: sid,
      ParentCallSid: parent.sid,
      Direction: 'outbound-dial',
      From: from,
      To: order.number,
      Caller: from,
      Called: order.number,
    });
  const finish = (status: DialOutcome['DialCallStatus'], seconds = 0): DialOutcome => {
    tell(status);
    const bridged = status === 'completed' ? 'true' : 'false';
    return { DialCallStatus: status, DialCallSid: sid, DialCallDuration: String(seconds), DialBridged: bridged };
  };

  tell('initiated');
  const pickup = context.phones.get(order.number);
  if (!pickup || pickup.kind === 'invalid-number') return finish('failed');
  tell('ringing');
  const ringing = (ms: number) => Promise.race([context.timers.sleep(ms), parent.ended]);
  switch (pickup.kind) {
    case 'busy':
    case 'declines':
      return finish('busy');
    case 'no-answer':
      await ringing(order.timeoutSeconds * 1000);
      return finish(parent.isLive ? 'no-answer' : 'canceled');
    case 'answers': {
      const answersInTime = pickup.afterMs <= order.timeoutSeconds * 1000;
      await ringing(Math.min(pickup.afterMs, order.timeoutSeconds * 1000));
      if (!parent.isLive || !line) return finish('canceled');
      if (!answersInTime) return finish('no-answer');
      tell('in-progress');
      const answeredAtMs = performance.now();
      await line.bridge(pickup.phone);
      return finish('completed', Math.round((performance.now() - answeredAtMs) / 1000));
    }
    default:
      return pickup.kind satisfies never;
  }
}
