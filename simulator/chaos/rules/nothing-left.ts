// Rule 6: when all is over nothing is left: no place, no lease, no timer, no socket, no row without an end.
import type { Rule } from '../violation.ts';

export const nothingLeft: Rule = {
  name: 'nothing left',
  find: ({ left, calls }) => [
    ...left.leases.map((callId) => ({ what: `the lease of ${callId} is held` })),
    ...left.unended.map((callId) => ({ what: `the history has no end of ${callId}` })),
    ...(left.heldCalls > 0 ? [{ what: `bridges hold ${left.heldCalls} calls` }] : []),
    ...(left.dialPlaces > 0 ? [{ what: `${left.dialPlaces} places of outbound calls are taken` }] : []),
    ...(left.timers > 0 ? [{ what: `${left.timers} timers are left` }] : []),
    ...(left.sockets > 0 ? [{ what: `${left.sockets} sockets are left` }] : []),
    ...left.legs.map((number) => ({ what: `the carrier has the call of ${number} open` })),
    ...calls
      .filter(({ isOpen, plan }) => isOpen && plan.carrier === 'web')
      .map(({ plan: { number } }) => ({ number, what: 'the page has the call open' })),
  ],
};
