// Rule 5: each call ends once, with one reason, and that is the true one.
import type { CallEndReason } from '../../../shared/call/call.ts';
import type { Rule } from '../violation.ts';
import type { CallRecord } from '../world-record.ts';
import { isMachine } from './owed-replies.ts';

/** Of a call that was answered, by who closed the line at the carrier. */
const trueReasons: Readonly<Record<NonNullable<CallRecord['endedBy']>, readonly CallEndReason[]>> = {
  person: ['caller-hung-up'],
  us: ['agent-hung-up', 'model-unavailable', 'media-lost', 'bridge-full', 'failed'],
  // Its carrier may have told nobody that it was.
  transfer: ['transferred', 'caller-hung-up', 'agent-hung-up'],
  carrier: ['media-lost', 'carrier-error', 'failed', 'bridge-full', 'model-unavailable'],
};
const unanswered: Readonly<Record<CallRecord['plan']['pickup'], readonly CallEndReason[]>> = {
  answers: [],
  busy: ['busy'],
  // Where Twilio's word is lost its API tells no more than that.
  declines: ['declined', 'busy'],
  'no-answer': ['no-answer', 'ring-timeout'],
  machine: [],
};
/** What the phone would have done is nobody's to know. */
const neverRung: readonly CallEndReason[] = ['refused', 'invalid-number', 'carrier-error', 'failed', 'bridge-full'];

export const oneEnd: Rule = {
  name: 'one end',
  find: ({ calls, startedAt }) =>
    calls.flatMap((call) => {
      const {
        plan: { number },
        events,
        history,
      } = call;
      if (events.length === 0) return [];
      const ends = new Set(events.flatMap((event) => (event.type === 'call-ended' ? [event.reason] : [])));
      // Who asked for the end may be known only after it: what was written at the end is then a guess.
      const reason = history?.endReason ?? [...ends][0];
      if (reason === undefined) return [{ number, what: 'the call has no end' }];
      if (ends.size > 1) return [{ number, what: `the call ended as ${[...ends].join(' and as ')}` }];
      // Whoever was given to a person talked to that one in the end; or the other hung up.
      if (
        reason === 'transferred' &&
        events.some(({ type }) => type === 'transfer-started' || type === 'transfer-answered')
      )
        return [];
      const wanted = findWanted(call, startedAt);
      const isTrue = wanted.length === 0 || wanted.includes(reason);
      return isTrue ? [] : [{ number, what: `the call ended as ${reason}: the line was closed by ${call.endedBy}` }];
    }),
};

/** None: any. */
function findWanted(call: CallRecord, startedAt: number): readonly CallEndReason[] {
  const { plan, line, endedBy, dials } = call;
  if (plan.direction === 'outbound' && dials === 0) return neverRung;
  if (isMachine(call)) return [...trueReasons.us, 'voicemail', ...(endedBy === 'person' ? trueReasons.person : [])];
  if (line) return [...trueReasons[endedBy ?? 'us'], ...findWishes(call, startedAt)];
  return plan.direction === 'outbound' ? unanswered[plan.pickup] : [];
}

/**
 * Twilio tells that a call is over, and not who closed it. Where it refused to hang up and the caller did so in the end, both had
 * wanted it, and the agent first.
 */
function findWishes({ plan, endedBy, events, hungUpAtMs = 0 }: CallRecord, startedAt: number): CallEndReason[] {
  if (plan.carrier !== 'twilio' || endedBy !== 'person') return [];
  return events.flatMap((event) =>
    event.type === 'hang-up-requested' && event.at - startedAt <= hungUpAtMs ? [event.reason] : [],
  );
}
