// The voice model's service decides whose turn it is: it stops for whatever it takes for speech, and answers at its end.
import type { SpokenTurns, Transcript } from '../spoken-turns.ts';
import type { TurnTaking } from './turn-taking.ts';

export interface ModelTurnsOptions {
  readonly turns: Pick<SpokenTurns, 'callerStopped' | 'transcript'>;
  /** Stops the agent: the caller has the word. */
  takeWord(): void;
}

export class ModelTurns implements TurnTaking {
  /** Each of its words is written down as it comes. */
  readonly awaitsWords = false;
  readonly #options: ModelTurnsOptions;

  constructor(options: ModelTurnsOptions) {
    this.#options = options;
  }

  hear(): void {}

  callerStarted(): void {
    this.takeWord();
  }

  callerStopped(): void {
    this.#options.turns.callerStopped();
  }

  transcript(transcript: Transcript): void {
    this.#options.turns.transcript(transcript);
  }

  takeWord(): void {
    this.#options.takeWord();
  }

  settled(): void {}

  modelLost(): void {}

  forget(): void {}

  close(): void {}
}
