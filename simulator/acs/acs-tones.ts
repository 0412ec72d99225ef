// The keys that a caller presses, told to the application one by one while it listens for them.
import type { AcsCallEvents } from './acs-call-events.ts';
import type { Operation } from './acs-call-request.ts';
import { toneNames } from './acs-requests.ts';
import { type AcsResult, acsResults } from './acs-result.ts';

export class AcsTones {
  readonly #events: AcsCallEvents;
  #listening: Operation | undefined;
  #sequence = 0;

  constructor(events: AcsCallEvents) {
    this.#events = events;
  }

  listen(operation: Operation): void {
    this.#listening = operation;
  }

  stop(result: AcsResult = acsResults.done): void {
    const operation = this.#listening;
    this.#listening = undefined;
    if (operation) this.#events.emit('ContinuousDtmfRecognitionStopped', {}, result, operation);
  }

  press(keys: string): void {
    if (!this.#listening) return;
    for (const key of keys.toLowerCase()) {
      const tone = toneNames[key as keyof typeof toneNames];
      if (!tone) continue;
      const data = { sequenceId: ++this.#sequence, tone };
      this.#events.emit('ContinuousDtmfRecognitionToneReceived', data, acsResults.ok, this.#listening);
    }
  }
}
