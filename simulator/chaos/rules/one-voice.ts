// Rule 3: a call never has two owners, a line never two voices, and nobody is heard on the line of somebody else.
import type { Rule } from '../violation.ts';
import type { CallRecord } from '../world-record.ts';
import { isMachine } from './owed-replies.ts';

/** One bridge closes as another one opens. */
const handOverMs = 1_000;

export const oneVoice: Rule = {
  name: 'one voice',
  find: (world) =>
    world.calls.flatMap((call) => [...findTwoOwners(call), ...findTwoSockets(call), ...findStrangers(call)]),
};

function findTwoOwners({ plan: { number }, events }: CallRecord) {
  const starts = events.flatMap((event) =>
    event.type === 'media-started' && event.fence !== undefined ? [event] : [],
  );
  return starts.flatMap(({ replica, fence, at }) => {
    const isShared = starts.some((other) => other.fence === fence && other.replica !== replica);
    return isShared ? [{ number, what: `two bridges hold the call by one number, ${fence}, at ${at}` }] : [];
  });
}

function findTwoSockets({ plan: { number }, sockets }: CallRecord) {
  return sockets.slice(1).flatMap(({ fromMs }, index) => {
    const before = sockets[index]!;
    if (before.toMs - fromMs <= handOverMs) return [];
    return [{ number, atMs: fromMs, what: 'two media sockets of one line are open at once' }];
  });
}

/** Words that its own caller never said are another one's. */
function findStrangers(call: CallRecord) {
  const {
    plan: { number },
    events,
    said,
  } = call;
  // What a machine says is in no script.
  if (isMachine(call)) return [];
  return events.flatMap((event) => {
    if (event.type !== 'turn-finished' || event.role !== 'caller') return [];
    const known = said.some(({ text }) => text === event.text);
    return known || !isSentence(event.text) ? [] : [{ number, what: `somebody else is heard: "${event.text}"` }];
  });
}

/** Keys are told as words of our own, and what was not understood as nothing. */
const isSentence = (text: string) => /^[A-Z].*[.?]$/.test(text) && !text.startsWith('The caller pressed');
