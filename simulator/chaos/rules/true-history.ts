// Rule 2: no turn that was finished is lost from the history, none stands twice, and what was heard of a reply is known to 40 ms.
import type { CallEvent } from '../../../shared/call/call-event.ts';
import type { Rule } from '../violation.ts';
import type { CallRecord, WireCut, WorldRecord } from '../world-record.ts';

const toleranceMs = 40;
/** The carrier counts a frame as played when it begins to play. */
const frameMs = 20;
/** From the carrier's stop to the event's time, over a link that is slow. */
const soonMs = 1_000;
/** After a fault the line is filled for so long at most. */
const mendedMs = 10_000;

type FinishedTurn = Extract<CallEvent, { type: 'turn-finished' }>;

export const trueHistory: Rule = {
  name: 'true history',
  find: (world) => world.calls.flatMap((call) => [...findWrongTurns(call), ...findWrongPositions(world, call)]),
};

const isTurn = (event: CallEvent): event is FinishedTurn => event.type === 'turn-finished';
const nameOf = ({ role, text, at }: Pick<FinishedTurn, 'role' | 'text' | 'at'>) => `${role} ${at} ${text}`;

function findWrongTurns({ plan: { number }, events, history, said }: CallRecord) {
  const told = events.filter(isTurn);
  const kept = history?.turns ?? [];
  const lost = told.filter((turn) => !kept.some((other) => nameOf(other) === nameOf(turn)));
  const twice = kept.filter((turn, index) => kept.findIndex((other) => nameOf(other) === nameOf(turn)) < index);
  const callers = kept.filter(({ role }) => role === 'caller').map(({ text }) => text);
  const repeated = [...new Set(callers)].filter(
    (text) =>
      callers.filter((other) => other === text).length >
      Math.max(1, said.filter((words) => words.text === text).length),
  );
  return [
    ...lost.map((turn) => ({ number, what: `a turn is not in the history: ${turn.role}, "${turn.text}"` })),
    ...twice.map((turn) => ({ number, what: `a turn stands twice in the history: ${turn.role}, "${turn.text}"` })),
    ...repeated.map((text) => ({ number, what: `the history has "${text}" more often than it was said` })),
  ];
}

/** By the carrier's count, or by the clock where the carrier itself was held up. */
function findWrongPositions(world: WorldRecord, call: CallRecord) {
  const { number } = call.plan;
  return call.events.flatMap((event) => {
    if (event.type !== 'agent-interrupted') return [];
    const atMs = event.at - world.startedAt;
    const near = call.cuts.filter((cut) => Math.abs(cut.atMs - atMs) < soonMs);
    const fits = near.some((cut) => {
      const least = isReplyAlone(world, call, cut) ? Math.min(cut.playedMs - frameMs, cut.elapsedMs) - toleranceMs : 0;
      return event.heardMs >= least && event.heardMs <= Math.max(cut.playedMs, cut.elapsedMs) + toleranceMs;
    });
    if (fits || near.length === 0) return [];
    const played = near.map(({ playedMs }) => playedMs).join(', ');
    return [
      { number, atMs, what: `${event.heardMs} ms of a reply count as heard, and the carrier played ${played} ms` },
    ];
  });
}

/** What fills the line while a model is slow is played in one piece with the reply, and is no part of it: the wire alone cannot tell them apart. */
function isReplyAlone(world: WorldRecord, { events }: CallRecord, { atMs, elapsedMs }: WireCut): boolean {
  const fromMs = atMs - elapsedMs;
  const isHurt = world.faults.some((fault) => fault.fromMs < atMs && fault.toMs > fromMs - mendedMs);
  const isTimed = events.some(
    (event) =>
      event.type === 'reply-timed' &&
      (event.playoutMs ?? 0) <= frameMs &&
      Math.abs(event.at - world.startedAt - fromMs) < soonMs / 10,
  );
  return isTimed && !isHurt;
}
