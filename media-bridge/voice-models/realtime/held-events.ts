// The events of a model on their way to its one listener: kept until there is one.
import type { VoiceModelEvent } from '../voice-model.ts';

/** A service is quiet before it hears something. */
const maxHeldEvents = 256;

export class HeldEvents {
  readonly #held: VoiceModelEvent[] = [];
  #listener: ((event: VoiceModelEvent) => void) | undefined;

  listen(listener: (event: VoiceModelEvent) => void): void {
    this.#listener = listener;
    for (const event of this.#held.splice(0)) listener(event);
  }

  /** Audio is lent until the listener returns: where there is none, a copy is kept. */
  emit(event: VoiceModelEvent): void {
    if (this.#listener) this.#listener(event);
    else if (this.#held.length < maxHeldEvents || event.type === 'closed')
      this.#held.push(event.type === 'audio' ? { ...event, audio: Buffer.from(event.audio) } : event);
  }
}
