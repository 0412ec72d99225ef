// The voice model's service decides whose turn it is: it stops for whatever it takes for speech, and answers at its end.
import type { ModelLeg } from '../model-leg.ts';
import type { SpokenTurns, Transcript } from '../spoken-turns.ts';
import { HeardTurns } from './heard-turns.ts';
import type { TurnTaking } from './turn-taking.ts';

export interface ModelTurnsOptions {
  readonly turns: Pick<SpokenTurns, 'callerStopped' | 'transcript'>;
  readonly model: Pick<ModelLeg, 'holdsVoice'>;
  /** Stops the agent: the caller has the word. */
  takeWord(): void;
}

export class ModelTurns implements TurnTaking {
  readonly #options: ModelTurnsOptions;
  readonly #heard: HeardTurns;

  constructor(options: ModelTurnsOptions) {
    this.#options = options;
    this.#heard = new HeardTurns(options.turns);
  }

  hear(): void {}

  callerStarted(turnId: string | undefined): void {
    if (turnId !== undefined) this.#heard.begin(turnId);
    this.takeWord();
  }

  callerStopped(): void {
    this.#heard.end();
    this.#options.turns.callerStopped();
  }

  transcript(transcript: Transcript): void {
    if (transcript.role === 'caller') this.#heard.take(transcript);
    else this.#options.turns.transcript(transcript);
  }

  get awaitsWords(): boolean {
    return this.#heard.awaitsWords;
  }

  settled(): void {
    this.#heard.settle();
  }

  takeWord(): void {
    this.#options.takeWord();
  }

  modelLost(): void {
    if (this.#options.model.holdsVoice) this.#heard.lose();
    this.#heard.release();
  }

  lineCameBack(): void {}

  forget(): void {}

  close(): void {
    this.#heard.close();
  }
}
