// The further phones in a call, beside the one that it began with: each on its own line, and all of them in one room.
import type { Phone } from '../caller/phone.ts';
import { MixingRoom, mixInto, type RoomSeat } from '../line/mixing-room.ts';
import { PhoneLine } from '../line/phone-line.ts';

interface Guest {
  readonly line: PhoneLine;
  readonly seat: RoomSeat;
}

export class AcsGuests {
  readonly #room = new MixingRoom();
  /** Of the phone with which the call began, and of what the application plays. */
  readonly #first = this.#room.enter();
  readonly #application = this.#room.enter();
  readonly #guests = new Map<string, Guest>();
  readonly #onLeft: (number: string) => void;

  /** `onLeft`: this one hung up. */
  constructor(onLeft: (number: string) => void) {
    this.#onLeft = onLeft;
  }

  get numbers(): readonly string[] {
    return [...this.#guests.keys()];
  }

  add(number: string, phone: Phone): void {
    this.remove(number);
    const seat = this.#room.enter();
    const line = new PhoneLine(phone, () => {
      this.remove(number);
      this.#onLeft(number);
    });
    line.attach(seat);
    line.connect();
    this.#guests.set(number, { line, seat });
  }

  /** False: there was no such guest. */
  remove(number: string): boolean {
    const guest = this.#take(number);
    guest?.line.close();
    return guest !== undefined;
  }

  /** Leaves the call with its phone still on the line. */
  release(number: string): Phone | undefined {
    return this.#take(number)?.line.release();
  }

  /** Every 20 ms: adds what the guests said to what the first phone hears, and lets them hear it and the application. */
  mix(spoken: Int16Array, heard: Int16Array): void {
    if (this.#guests.size === 0) return;
    this.#application.beat(heard);
    mixInto(heard, this.#first.beat(spoken));
  }

  close(): void {
    for (const number of this.numbers) this.remove(number);
  }

  #take(number: string): Guest | undefined {
    const guest = this.#guests.get(number);
    this.#guests.delete(number);
    guest?.seat.leave();
    return guest;
  }
}
