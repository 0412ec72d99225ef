// A room in which phones hear each other: every 20 ms each one gets what all the others said.
import { phoneFrameSamples } from '../caller/phone.ts';
import type { FarEnd } from './phone-line.ts';

/** The clocks of the lines beat at their own moments: a frame or two may wait between them. */
const maxWaiting = 5;

export interface RoomSeat extends FarEnd {
  beat(spoken: Int16Array): Int16Array;
  leave(): void;
}

export class MixingRoom {
  /** By who hears, and then by who said it. */
  readonly #waiting = new Map<RoomSeat, Map<RoomSeat, Int16Array[]>>();

  get size(): number {
    return this.#waiting.size;
  }

  enter(): RoomSeat {
    const seat: RoomSeat = {
      beat: (spoken) => this.#beat(seat, spoken),
      leave: () => {
        this.#waiting.delete(seat);
        for (const heard of this.#waiting.values()) heard.delete(seat);
      },
    };
    this.#waiting.set(seat, new Map());
    return seat;
  }

  #beat(seat: RoomSeat, spoken: Int16Array): Int16Array {
    const heard = new Int16Array(phoneFrameSamples);
    if (!this.#waiting.has(seat)) return heard;
    for (const [other, waiting] of this.#waiting) if (other !== seat) push(waiting, seat, spoken);
    for (const frames of this.#waiting.get(seat)!.values()) mixInto(heard, frames.shift());
    return heard;
  }
}

function push(waiting: Map<RoomSeat, Int16Array[]>, from: RoomSeat, spoken: Int16Array): void {
  const frames = waiting.get(from) ?? [];
  // A phone's array is its own.
  frames.push(spoken.slice());
  if (frames.length > maxWaiting) frames.shift();
  waiting.set(from, frames);
}

export function mixInto(frame: Int16Array, samples: Int16Array | undefined): void {
  if (!samples) return;
  for (let i = 0; i < frame.length; i++) frame[i] = Math.max(-32768, Math.min(32767, frame[i]! + (samples[i] ?? 0)));
}
