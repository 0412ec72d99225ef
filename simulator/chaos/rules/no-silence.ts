// Rule 1: nobody who is owed a reply waits in silence, and every call goes on or ends with words.
import type { Rule } from '../violation.ts';
import type { CallRecord, Span, WorldRecord } from '../world-record.ts';
import { findDeafCarrier, findDelayMs, findExcused, subtract } from './lines-down.ts';
import { findHandedOver, findOwedSilences, isMachine } from './owed-replies.ts';

const longestSilenceMs = 2_000;
/** The last words may be so long ago when the line is closed. */
const lastWordsWithinMs = 5_000;

export const noSilence: Rule = {
  name: 'no silence',
  find: (world) => world.calls.flatMap((call) => [...findSilences(world, call), ...findWordlessEnd(world, call)]),
};

/** What each caller of a world waited in silence while a reply was owed. */
export function findWaits(world: WorldRecord, call: CallRecord): Span[] {
  const excused = findExcused(world, call);
  return findOwedSilences(world, call).flatMap((silence) => subtract(silence, excused).slice(0, 1));
}

function findSilences(world: WorldRecord, call: CallRecord) {
  return findWaits(world, call)
    .filter(({ fromMs, toMs }) => toMs - fromMs > longestSilenceMs + findTripsMs(world, call, { fromMs, toMs }))
    .map(({ fromMs, toMs }) => ({
      number: call.plan.number,
      atMs: fromMs,
      what: `silent for ${Math.round(toMs - fromMs)} ms while a reply was owed`,
    }));
}

/** Over a link that is slow what is said comes later, and so does the answer; a socket is opened by three messages more. */
function findTripsMs(world: WorldRecord, call: CallRecord, silence: Span): number {
  const isFirst = silence.fromMs === call.line?.fromMs;
  const isOpened = call.sockets.some(({ fromMs }) => fromMs > silence.fromMs && fromMs < silence.toMs);
  // A bridge that refused it had it before, and is in no record.
  if (isFirst || isOpened) return 5 * findDelayMs(world, call, silence, { viaAnyBridge: true });
  return 2 * findDelayMs(world, call, silence);
}

function findWordlessEnd(world: WorldRecord, call: CallRecord) {
  const { line, endedBy, sounds, plan } = call;
  if (!line || (endedBy !== undefined && endedBy !== 'us') || isMachine(call)) return [];
  if (findHandedOver(world, call).length > 0) return [];
  const lastMs = sounds.findLast(({ fromMs }) => fromMs < line.toMs)?.toMs ?? Number.NEGATIVE_INFINITY;
  const quiet = { fromMs: Math.max(lastMs, line.fromMs), toMs: line.toMs };
  // Whoever has said goodbye cannot hang up where the carrier's API does not work.
  const [left] = subtract(quiet, [...findExcused(world, call), ...findDeafCarrier(world, call)]);
  if (!left || left.toMs - left.fromMs <= lastWordsWithinMs) return [];
  return [{ number: plan.number, atMs: line.toMs, what: 'the agent closed the line without a word' }];
}
