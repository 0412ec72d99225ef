// Rule 2: no turn that was finished is lost from the history, none stands twice, and what was heard of a reply is known to 40 ms.
import type { CallEvent } from '../../../shared/call/call-event.ts';
import type { Rule } from '../violation.ts';
import type { CallRecord, WireCut, WorldRecord } from '../world-record.ts';
import { findDelayMs, findHeldUpMs } from './lines-down.ts';

const exactMs = 40;
/** The carrier counts a frame as played when it begins to play. */
const frameMs = 20;
/** Between two sounds: whoever waits so long in a reply hears that somebody is there. */
const holeMs = 500;
/** Where less than this of the reply has been heard, that may come sooner: a syllable ends nobody's wait. */
const syllableMs = 300;
const holeAfterSyllableMs = 300;
/** From the event's time to the carrier's stop, over a link that is slow. */
const soonMs = 1_000;

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
  // A reply that fails is asked for again: what was heard of both may be the same words, told at one moment.
  const twice = kept.filter(
    (turn, index) =>
      kept.slice(0, index).filter((other) => nameOf(other) === nameOf(turn)).length >=
      Math.max(1, told.filter((other) => nameOf(other) === nameOf(turn)).length),
  );
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

/** By the carrier's count: of what came since the reply began, less what the carrier dropped. */
function findWrongPositions(world: WorldRecord, call: CallRecord) {
  return call.events.flatMap((event) => {
    if (event.type !== 'agent-interrupted') return [];
    const atMs = event.at - world.startedAt;
    // Where the line itself was replaced nothing was asked to stop: a cut on the next socket is that of another reply.
    const untilMs = Math.min(atMs + soonMs, findNextSocket(world, call, event));
    const near = call.cuts.filter((cut) => cut.atMs >= atMs && cut.atMs < untilMs);
    const socketMs = findSocketStart(world, call, event);
    const starts = near.map((cut) => findReplyStart(world, call, cut, event));
    const played = near.map((cut, index) => countPlayed(cut, starts[index], socketMs));
    // What was asked to stop goes on until it is told, and what it tells of its position is old by then. Nor does a reply that
    // began over a slow link catch up when that is quick again: how near the ear is by now its marks cannot tell.
    const fromMs = Math.min(atMs - soonMs, ...starts.map((startMs) => startMs ?? atMs));
    const toleranceMs = exactMs + 2 * findDelayMs(world, call, { fromMs, toMs: atMs });
    const mistakenMs = Math.max(0, ...near.map((cut) => findSleptOver(world, cut) + findHeldUp(world, call, cut)));
    const untoldMs = Math.max(0, ...near.map((cut) => findUntold(world, call, cut)));
    const fits = played.some(
      ({ leastMs, mostMs }) =>
        event.heardMs >= leastMs - frameMs - toleranceMs - untoldMs &&
        event.heardMs <= mostMs + toleranceMs + mistakenMs,
    );
    if (fits || near.length === 0) return [];
    const told = played.map(({ leastMs, mostMs }) => (leastMs === mostMs ? mostMs : `up to ${mostMs}`)).join(', ');
    return [
      {
        number: call.plan.number,
        atMs,
        what: `${event.heardMs} ms of a reply count as heard, and the carrier played ${told} ms`,
      },
    ];
  });
}

/**
 * What a carrier had not played when it fell asleep with all others it plays when they wake, and no bridge can know that it slept:
 * by the clock all of it was played meanwhile, as at any carrier that lives on.
 */
function findSleptOver({ faults }: WorldRecord, { frames, atMs }: WireCut): number {
  return faults.reduce((sum, { fromMs: asleepMs, sleptMs = 0 }) => {
    if (asleepMs > atMs) return sum;
    const sent = frames.filter((frame) => frame.atMs <= asleepMs);
    const playedAtMs = sent.reduce((endMs, frame) => Math.max(endMs, frame.atMs) + frame.lengthMs, 0);
    return sum + Math.min(sleptMs, Math.max(0, playedAtMs - asleepMs));
  }, 0);
}

/** ACS tells nobody what it has played: by the clock it has played by now what a link keeps from it for a while. */
function findHeldUp(world: WorldRecord, call: CallRecord, { frames, atMs }: WireCut): number {
  return call.plan.carrier === 'acs' ? findHeldUpMs(world, call, { fromMs: frames[0]?.atMs ?? atMs, toMs: atMs }) : 0;
}

/** Who tells what it has played tells it late over a link that held everything back until just now: behind the words that cut it. */
function findUntold(world: WorldRecord, call: CallRecord, { frames, atMs }: WireCut): number {
  if (call.plan.carrier === 'acs') return 0;
  const wasHeldUp = findHeldUpMs(world, call, { fromMs: atMs - soonMs, toMs: atMs }) > 0;
  return wasHeldUp ? findHeldUpMs(world, call, { fromMs: frames[0]?.atMs ?? atMs, toMs: atMs }) : 0;
}

/** What fills the line while a model is slow is played in one piece with the reply, and is no part of it: the wire alone cannot tell them apart. */
function countPlayed({ atMs: cutMs, frames, droppedMs }: WireCut, replyMs: number | undefined, socketMs: number) {
  const own = frames.filter(({ atMs }) => atMs >= (replyMs ?? socketMs));
  const sentMs = own.reduce((sum, { lengthMs }) => sum + lengthMs, 0);
  // A stream that its carrier ends, as when it hands the caller over, is told to stop too late: what it had left was dropped by then.
  const mostMs = Math.min(sentMs - droppedMs, cutMs + frameMs - (own[0]?.atMs ?? cutMs));
  return { leastMs: replyMs === undefined ? 0 : mostMs, mostMs };
}

/** Something else may have been played after it. */
function hasHole(frames: WireCut['frames']): boolean {
  let playedAtMs = frames[0]?.atMs ?? 0;
  let playedMs = 0;
  return frames.some(({ atMs, lengthMs }) => {
    const isLate = atMs - playedAtMs > (playedMs < syllableMs ? holeAfterSyllableMs : holeMs);
    playedAtMs = Math.max(atMs, playedAtMs) + lengthMs;
    playedMs += lengthMs;
    return isLate;
  });
}

/** When the media socket that an event came by was opened: a reply that another one broke off is over. */
function findSocketStart(world: WorldRecord, { events }: CallRecord, event: CallEvent): number {
  const opened = events.slice(0, events.indexOf(event)).findLast(({ type }) => type === 'media-started');
  return opened ? opened.at - world.startedAt : 0;
}

function findNextSocket(world: WorldRecord, { events }: CallRecord, event: CallEvent): number {
  const opened = events.slice(events.indexOf(event)).find(({ type }) => type === 'media-started');
  return opened ? opened.at - world.startedAt : Number.POSITIVE_INFINITY;
}

/** When the reply that was cut began, if nothing else was heard then or within it, and it is the only one that was cut. */
function findReplyStart(world: WorldRecord, call: CallRecord, { frames }: WireCut, cut: CallEvent): number | undefined {
  const { events } = call;
  const index = events.indexOf(cut);
  const begun = events.slice(0, index).findLast((event) => event.type === 'reply-timed');
  if (begun?.type !== 'reply-timed' || (begun.playoutMs ?? 0) > frameMs) return undefined;
  const startMs = begun.at - world.startedAt;
  if (startMs < findSocketStart(world, call, cut)) return undefined;
  const isOther = events.some(
    (event) =>
      isTurn(event) &&
      event.role === 'agent' &&
      event.at >= begun.at &&
      (event.interrupted ? event.at < cut.at : event.at <= cut.at),
  );
  const cutMs = cut.at - world.startedAt;
  const isHalting = world.faults.some((fault) => fault.isHalting && fault.fromMs < cutMs && fault.toMs > startMs);
  const isFilled = isHalting || hasHole(frames.filter(({ atMs }) => atMs >= startMs));
  return isOther || isFilled || startMs < (frames[0]?.atMs ?? startMs) - soonMs ? undefined : startMs;
}
