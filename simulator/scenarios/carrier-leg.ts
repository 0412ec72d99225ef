// A call at its carrier, the same for both: places it in either direction, and tells what was on its wire.
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallDirection, Carrier, VoiceModelKind } from '../../shared/call/call.ts';
import type { Phone } from '../caller/phone.ts';
import { orderCall } from '../world/order-call.ts';
import type { World } from '../world/world.ts';

export interface WireRecord {
  /** What came from the agent, by performance.now(). */
  readonly frames: readonly { readonly atMs: number; readonly bytes: number }[];
  /** StopAudio or clear, and how much of what had come was not played yet. */
  readonly stops: readonly {
    readonly atMs: number;
    readonly droppedBytes: number;
    /** Of `frames`: by their times alone those that came in the same millisecond may have come before it. */
    readonly framesAfter?: readonly object[];
  }[];
  readonly invalidMessages: number;
  readonly bytesPerMs: number;
}

export interface CallOrder {
  readonly carrier: Carrier;
  readonly direction: CallDirection;
  /** Of the person on the phone: no other call of the world has it. */
  readonly number: string;
  readonly phone: Phone;
  /** Outbound only. */
  readonly model?: VoiceModelKind;
  readonly context?: Readonly<Record<string, unknown>>;
  readonly answersAfterMs?: number;
}

/** Rings the agent, or has it ring the phone. Resolves when the carrier has the call. */
export async function placeCall(world: World, order: CallOrder): Promise<void> {
  const { acs, twilio } = world.standIns;
  const { carrier, direction, number, phone, model, context, answersAfterMs = 1_000 } = order;
  if (direction === 'inbound') {
    if (carrier === 'acs') acs.ring({ from: number, phone });
    else twilio.ring({ from: number, to: [...twilio.numbers.keys()][0]!, phone });
    return;
  }
  const { phones } = carrier === 'acs' ? acs : twilio;
  phones.set(number, { kind: 'answers', afterMs: answersAfterMs, phone });
  await orderCall(world, { to: number, carrier, model, context });
}

/** Of a call whose media was opened at least once. */
export function getWire(world: World, { carrier, number }: Pick<CallOrder, 'carrier' | 'number'>): WireRecord {
  const { acs, twilio } = world.standIns;
  if (carrier === 'acs') {
    const { frames, stops, invalidMessages } = acs.calls.find((call) => call.number === number)!.media;
    const bytesPerMs = frames[0]?.bytes === 960 ? 48 : 32;
    return { frames, stops, invalidMessages, bytesPerMs };
  }
  const call = twilio.calls.find(({ options }) => options.from === number || options.to === number)!;
  const { received: frames, clears: stops, invalidMessages } = call.streams[0]!;
  return { frames, stops, invalidMessages, bytesPerMs: 8 };
}

/** Between two replies; within one the wire is never silent for so long. */
const pauseMs = 500;

/** How much of a reply the carrier played, by its count and by the clock: a carrier that is held up is behind. */
export interface PlayedReply {
  readonly playedMs: number;
  readonly elapsedMs: number;
}

/** What is stopped while nothing of it is on its way needs no message, and ends with its last frame. */
export function measureReplies({ frames, stops, bytesPerMs }: WireRecord): PlayedReply[] {
  const begins = frames.flatMap(({ atMs }, n) => {
    const last = frames[n - 1]?.atMs ?? Number.NEGATIVE_INFINITY;
    return atMs - last >= pauseMs || stops.some((stop) => stop.atMs >= last && stop.atMs < atMs) ? n : [];
  });
  return begins.map((first, index) => {
    const reply = frames.slice(first, begins[index + 1]);
    const fromMs = reply[0]!.atMs;
    const untilMs = frames[begins[index + 1] ?? Infinity]?.atMs ?? Infinity;
    const stop = stops.find(({ atMs }) => atMs >= fromMs && atMs < untilMs);
    const bytes = reply.reduce((sum, frame) => sum + frame.bytes, 0);
    const playedMs = (bytes - (stop?.droppedBytes ?? 0)) / bytesPerMs;
    return { playedMs, elapsedMs: Math.round((stop?.atMs ?? reply.at(-1)!.atMs) - fromMs) };
  });
}

/** A machine that does other things besides is slow: what is looked for comes all the same. */
const patienceMs = 20_000;

/** Looks again and again until it is there, also where a look fails: a store may be too slow for the one who asked it. */
export async function poll<T>(
  look: () => Promise<T>,
  isThere: (found: T) => boolean,
  withinMs = patienceMs,
): Promise<T> {
  const untilMs = performance.now() + withinMs;
  for (;;) {
    const isLast = performance.now() > untilMs;
    try {
      const found = await look();
      if (isLast || isThere(found)) return found;
    } catch (error) {
      if (isLast) throw error;
    }
    await sleep(20);
  }
}
