// The verb Dial: rings another phone and puts the two together until one of them hangs up.
import type { PhoneLine } from '../line/phone-line.ts';
import { createSid, type TwilioContext } from './twilio-context.ts';
import { ringPhone } from './twilio-ringing.ts';
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
  const ringing = await ringPhone(context, order.number, order.timeoutSeconds * 1000, {
    onRinging: () => tell('ringing'),
    givenUp: parent.ended,
  });
  if (!parent.isLive || !line) return finish('canceled');
  if (ringing.status !== 'in-progress') return finish(ringing.status);
  tell('in-progress');
  const answeredAtMs = performance.now();
  await line.bridge(ringing.phone);
  return finish('completed', Math.round((performance.now() - answeredAtMs) / 1000));
}
