// The events of a carrier's leg on their way to its one listener: kept until there is one.
import type { MediaTransportEvent } from './media-transport.ts';

/** What arrives while the model is being opened: five seconds of frames, then the oldest go. */
const maxHeldEvents = 250;

export class EarlyEvents {
  readonly #held: MediaTransportEvent[] = [];
  #listener: ((event: MediaTransportEvent) => void) | undefined;

  /** Set last: what comes up while the listener hears the past is heard after it. */
  listen(listener: (event: MediaTransportEvent) => void): void {
    if (this.#listener) throw new Error('A leg has one listener');
    for (let event = this.#held.shift(); event; event = this.#held.shift()) listener(event);
    this.#listener = listener;
  }

  /** Keys and the end outlive audio that grows old. */
  emit(event: MediaTransportEvent): void {
    if (this.#listener) {
      this.#listener(event);
      return;
    }
    if (this.#held.length >= maxHeldEvents) {
      const oldestAudio = this.#held.findIndex((held) => held.type === 'audio');
      this.#held.splice(Math.max(oldestAudio, 0), 1);
    }
    // Audio is lent until the listener returns, and here is none.
    this.#held.push(event.type === 'audio' ? { ...event, audio: Buffer.from(event.audio) } : event);
  }
}
