// When a caller's line to the agent was down, and for how much of that nobody can be blamed. Pure.
import type { CallRecord, PlayedFault, Span, WorldRecord } from '../world-record.ts';

/** Another one has the call by then. */
const takeOverMs = 5_000;

/** Spans in which silence is nobody's fault: a call whose line is lost is another one's, or has another socket, within `takeOverMs`. */
export function findExcused(world: WorldRecord, call: CallRecord): Span[] {
  const opening = findOpening(world, call);
  return world.faults
    .filter((fault) => isDown(fault) && takesLine(world, call, fault))
    .map((fault) => ({
      fromMs: fault.fromMs,
      toMs: findWorking(world, call, fault.fromMs, isMissedByRedis(fault)) + takeOverMs,
    }))
    .concat(opening ?? [], findUnopened(world, call));
}

/** What is slow is not down: nothing is excused. */
function isDown({ takesLineOf, delaysMs }: PlayedFault): boolean {
  return takesLineOf !== undefined && delaysMs === undefined;
}

/** When the API of the call's carrier did not work, or had just begun to. */
export function findDeafCarrier({ faults }: WorldRecord, { plan }: CallRecord): Span[] {
  return faults
    .filter(({ takesAway, name }) => takesAway === 'carrier' && name.includes(plan.carrier))
    .map(({ fromMs, toMs }) => ({ fromMs, toMs: toMs + takeOverMs }));
}

/** A carrier that asks a machine which is not there any more has no line to the agent until it asks the next one. */
function findOpening(world: WorldRecord, call: CallRecord): Span | undefined {
  const { line, sockets } = call;
  if (!line) return undefined;
  const { fromMs } = line;
  const isHurt = world.faults.some(
    (fault) =>
      (isDown(fault) || fault.takesAway !== undefined) &&
      fault.fromMs <= fromMs + takeOverMs &&
      fault.toMs >= fromMs - takeOverMs,
  );
  const latestMs = findWorking(world, call, fromMs) + takeOverMs;
  return isHurt ? { fromMs, toMs: Math.min(sockets[0]?.fromMs ?? line.toMs, latestMs) } : undefined;
}

/** A call without a line gets none while its carrier reaches no bridge. */
function findUnopened({ faults }: WorldRecord, { plan, sockets }: CallRecord): Span[] {
  return faults
    .filter(({ name }) => name === `media of ${plan.carrier} refused`)
    .flatMap(({ fromMs, toMs }) => subtract({ fromMs, toMs }, sockets));
}

/** Whoever sleeps closes no socket, nor whose link swallows all: others miss it by what it says of itself in Redis, and by nothing else. */
function isMissedByRedis({ name }: PlayedFault): boolean {
  return name === 'bridge paused' || name === 'link of a bridge a black hole';
}

/** When a bridge, a functions host, the carrier's API, and Redis where it is needed, work at `fromMs` or after it. */
function findWorking(world: WorldRecord, { plan }: CallRecord, fromMs: number, needsRedis = false): number {
  const inTheWay: Span[] = world.faults
    .filter(
      ({ takesAway, name }) =>
        (takesAway !== undefined && (takesAway !== 'carrier' || name.includes(plan.carrier))) ||
        (needsRedis && name.startsWith('Redis ')),
    )
    .concat(findNoBridge(world));
  let workingMs = fromMs;
  for (const { fromMs: from, toMs } of inTheWay.toSorted((a, b) => a.fromMs - b.fromMs))
    if (from <= workingMs + takeOverMs && toMs > workingMs) workingMs = toMs;
  return workingMs;
}

/** While two bridges are lost at once there may be no third one. */
function findNoBridge({ faults }: WorldRecord): PlayedFault[] {
  const lost = faults.filter((fault) => fault.machine?.startsWith('bridge') && isDown(fault));
  return lost.flatMap((one, index) =>
    lost.slice(index + 1).flatMap((other) => {
      const [fromMs, toMs] = [Math.max(one.fromMs, other.fromMs), Math.min(one.toMs, other.toMs)];
      return one.machine !== other.machine && fromMs < toMs ? [{ ...one, fromMs, toMs }] : [];
    }),
  );
}

/** For how long of a span a call's line was held up, and nothing on it was lost. */
export function findHeldUpMs(world: WorldRecord, call: CallRecord, { fromMs, toMs }: Span): number {
  return world.faults
    .filter((fault) => fault.holdsUp && takesLine(world, call, fault))
    .reduce((sum, fault) => sum + Math.max(0, Math.min(toMs, fault.toMs) - Math.max(fromMs, fault.fromMs)), 0);
}

/** The longest that a message took more between carrier and bridge, in a span of a call. */
export function findDelayMs(
  world: WorldRecord,
  call: CallRecord,
  { fromMs, toMs }: Span,
  { viaAnyBridge = false } = {},
): number {
  const takes = (fault: PlayedFault) => takesLine(world, call, fault) || (viaAnyBridge && isOfMachine(fault));
  const slow = world.faults.filter(
    (fault) =>
      fault.fromMs <= toMs &&
      fault.toMs >= fromMs &&
      (fault.takesLineOf ? takes(fault) : fault.name.includes(call.plan.carrier)),
  );
  return slow.reduce((sum, { delaysMs = 0 }) => sum + delaysMs, 0);
}

function isOfMachine({ takesLineOf }: PlayedFault): boolean {
  return typeof takesLineOf === 'object' && 'machine' in takesLineOf;
}

function takesLine(world: WorldRecord, call: CallRecord, fault: PlayedFault): boolean {
  const { takesLineOf } = fault;
  if (takesLineOf === undefined) return false;
  if (takesLineOf === 'everybody') return true;
  if ('number' in takesLineOf) return takesLineOf.number === call.plan.number;
  return call.events.some((event) => {
    if (event.type !== 'media-started' || world.machineOfReplica[event.replica] !== takesLineOf.machine) return false;
    const fromMs = event.at - world.startedAt;
    const next = call.events.find((later) => later.type === 'media-started' && later.at > event.at);
    const toMs = next ? next.at - world.startedAt : Number.POSITIVE_INFINITY;
    return fromMs <= fault.toMs && toMs >= fault.fromMs;
  });
}

/** What is left of a span, longest first. */
export function subtract(span: Span, taken: readonly Span[]): Span[] {
  let left = [span];
  for (const { fromMs, toMs } of taken)
    left = left.flatMap((part) =>
      toMs <= part.fromMs || fromMs >= part.toMs
        ? [part]
        : [
            { fromMs: part.fromMs, toMs: fromMs },
            { fromMs: toMs, toMs: part.toMs },
          ].filter(({ fromMs, toMs }) => toMs > fromMs),
    );
  return left.toSorted((a, b) => b.toMs - b.fromMs - (a.toMs - a.fromMs));
}
