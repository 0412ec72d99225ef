// The silences in which a caller waited for the agent, on the wire: after the greeting was due, a sentence, or a reply that broke off. Pure.
import type { CallRecord, Span, WorldRecord } from '../world-record.ts';

/** An agent that falls silent because it is spoken to has done so by then. */
const stopsWithinMs = 600;
/** Keys are one message until none has come for so long. */
const gatheringMs = 2_000;
/** Between a reply's last sound and its entry in the store, either way. */
const entryWithinMs = 1_500;
/** What is written down because a model was lost is so at that moment. */
const atLossMs = 50;

export function isMachine({ plan }: CallRecord): boolean {
  return plan.pickup === 'machine' && plan.direction === 'outbound';
}

/**
 * While the caller was given to a person, or was to be: whom he waits for then is not the agent. Where the carrier's answer was
 * lost nothing is written down of it, and the carrier knows it alone.
 */
export function findHandedOver(world: WorldRecord, { events, transfers }: CallRecord): Span[] {
  const written = events.flatMap((event, index): Span[] => {
    const isGiven = event.type === 'transfer-started' || event.type === 'transfer-answered';
    if (!isGiven && !(event.type === 'consultation-decided' && event.accepted)) return [];
    const back = events.slice(index).find(({ type }) => type === 'transfer-failed');
    return [{ fromMs: event.at - world.startedAt, toMs: back ? back.at - world.startedAt : Number.POSITIVE_INFINITY }];
  });
  return [...written, ...transfers];
}

/** Nothing of the call was taken by a store from then on until its machine was killed: what that one knew nobody knows. */
function isLostWithMachine({ faults, startedAt, machineOfReplica }: WorldRecord, { events }: CallRecord, atMs: number) {
  const owner = events.findLast((event) => event.type === 'media-started' && event.at - startedAt <= atMs);
  const machine = owner?.type === 'media-started' ? machineOfReplica[owner.replica] : undefined;
  const killed = faults.find((fault) => fault.isKill && fault.machine === machine && fault.fromMs >= atMs);
  if (!killed) return false;
  return !events.some(({ at }) => at - startedAt >= atMs - entryWithinMs && at - startedAt < killed.fromMs);
}

/** When replies were written down that were whole, and not heard to their end yet: their model was lost, and the next one has to know of them. */
function findWholeAtLoss({ startedAt }: WorldRecord, { events }: CallRecord): number[] {
  const losses = events.filter(({ type }) => type === 'model-lost');
  return events.flatMap((event) => {
    const isWhole = event.type === 'turn-finished' && event.role === 'agent' && !event.interrupted;
    return isWhole && losses.some(({ at }) => Math.abs(at - event.at) <= atLossMs) ? [event.at - startedAt] : [];
  });
}

export function findOwedSilences(world: WorldRecord, call: CallRecord): Span[] {
  const { line, said, sounds, sockets, pressedAtMs } = call;
  // A machine is listened to until it is told a message.
  if (!line || isMachine(call)) return [];
  const written = [
    ...call.events.filter(({ type }) => type === 'turn-finished'),
    ...(call.history?.turns ?? []),
  ].flatMap((turn) => ('role' in turn && turn.role === 'agent' ? [turn.at - world.startedAt] : []));
  const wholeAtLoss = findWholeAtLoss(world, call);
  const closedMs = Math.min(line.toMs, call.hungUpAtMs ?? Number.POSITIVE_INFINITY);
  const owedFrom = [
    // Somebody who speaks first is answered, not greeted.
    ...(said[0] && said[0].fromMs < (sounds[0]?.fromMs ?? closedMs) ? [] : [line.fromMs]),
    ...said.map(({ toMs }) => toMs),
    // No carrier keeps what is pressed while it has no socket to tell it by.
    ...pressedAtMs
      .filter((ms) => sockets.some(({ fromMs, toMs }) => ms >= fromMs && ms <= toMs))
      .map((ms) => ms + gatheringMs),
  ];
  const owed = owedFrom.flatMap((fromMs): Span[] => {
    const sounding = sounds.find((sound) => sound.fromMs < fromMs && sound.toMs > fromMs);
    // It speaks on: that is what is heard for an answer.
    if (sounding && sounding.toMs > fromMs + stopsWithinMs) return [];
    return silenceAfter(sounding?.toMs ?? fromMs);
  });
  const broken = sounds.flatMap(({ toMs }): Span[] => {
    const isPressedTo = pressedAtMs.some((ms) => Math.abs(ms - toMs) < gatheringMs);
    const isSpokenTo =
      isPressedTo || said.some((words) => words.fromMs <= toMs + stopsWithinMs && words.toMs >= toMs - stopsWithinMs);
    return isSpokenTo || isReplyOver(toMs) ? [] : silenceAfter(toMs);
  });
  const away = findHandedOver(world, call);
  return [...owed, ...broken].flatMap(({ fromMs, toMs }) => {
    if (away.some((span) => fromMs >= span.fromMs && fromMs < span.toMs)) return [];
    return [{ fromMs, toMs: Math.min(toMs, ...away.map((span) => span.fromMs).filter((ms) => ms > fromMs)) }];
  });

  function silenceAfter(fromMs: number): Span[] {
    // Whoever is speaking is owed an answer when they have said it.
    if (said.some((words) => words.fromMs < fromMs && words.toMs > fromMs)) return [];
    const nextSoundMs = sounds.find((sound) => sound.fromMs >= fromMs)?.fromMs ?? closedMs;
    // And so is whoever speaks on, or presses keys.
    const nextWordMs = said.find((words) => words.fromMs >= fromMs)?.fromMs ?? closedMs;
    const nextKeyMs = pressedAtMs.find((ms) => ms >= fromMs) ?? closedMs;
    const toMs = Math.min(nextSoundMs, nextWordMs, nextKeyMs, closedMs);
    return toMs > fromMs ? [{ fromMs, toMs }] : [];
  }

  /** The agent's words up to here are all that it had to say, as it wrote down, or nobody waits any more. */
  function isReplyOver(atMs: number): boolean {
    const later = sounds.find((sound) => sound.fromMs > atMs);
    if (!later) return true;
    const untilMs = later.fromMs;
    const askedMs = said.findLast((words) => words.toMs <= atMs)?.toMs ?? line!.fromMs;
    if (wholeAtLoss.some((ms) => ms >= askedMs && ms <= atMs)) return true;
    // A bridge that ends while the stream does not answer has the history keep what was said, and the stream lacks it.
    return written.some((ms) => ms >= atMs - entryWithinMs && ms <= untilMs) || isLostWithMachine(world, call, atMs);
  }
}
