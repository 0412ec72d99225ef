// A caller on hold: the agent has asked them to wait, is silent and hears nothing, and music plays.
import type { VoiceModel } from '../../voice-models/voice-model.ts';
import { MutableModel } from '../answering/mutable-model.ts';
import { HoldMusic, type MusicLine } from './hold-music.ts';

/** The agent asks the caller to hold the line; whatever it says, the music begins then. */
const announcementMs = 6_000;

export interface CallerHoldOptions {
  readonly music: MusicLine;
  /** Stops what the agent is saying. */
  cut(): void;
}

export class CallerHold {
  readonly #options: CallerHoldOptions;
  readonly #music: HoldMusic;
  #model: MutableModel | undefined;
  #begun = Promise.withResolvers<void>();
  #isOn = false;
  #isOver = false;
  #announcement: NodeJS.Timeout | undefined;

  constructor(options: CallerHoldOptions) {
    this.#options = options;
    this.#music = new HoldMusic(options.music);
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  /** Resolves when the caller is on hold; never, where it does not come to that. */
  get begun(): Promise<void> {
    return this.#begun.promise;
  }

  /** Each model of the call is spoken with through what this returns. */
  wrap(model: VoiceModel): VoiceModel {
    this.#model = new MutableModel(model);
    if (this.#isOn) this.#model.mute();
    return this.#model;
  }

  /** Once the agent has said so, or has had the time to. */
  announce(): void {
    this.#announcement ??= setTimeout(() => this.begin(), announcementMs);
  }

  /** The agent was heard to the end of something that it said. */
  replyHeard(): void {
    if (this.#announcement !== undefined) this.begin();
  }

  /** Idempotent. */
  begin(): void {
    this.#forgetAnnouncement();
    if (this.#isOn || this.#isOver) return;
    this.#isOn = true;
    this.#model?.mute();
    this.#options.cut();
    this.#music.start();
    this.#begun.resolve();
  }

  /** The caller is the agent's again. Idempotent. */
  end(): void {
    this.#forgetAnnouncement();
    if (!this.#isOn) return;
    this.#isOn = false;
    this.#begun = Promise.withResolvers<void>();
    this.#music.stop();
    this.#model?.unmute();
  }

  /** For good: nobody here says anything any more. Idempotent. */
  close(): void {
    this.#isOver = true;
    this.#forgetAnnouncement();
    this.#music.stop();
  }

  #forgetAnnouncement(): void {
    clearTimeout(this.#announcement);
    this.#announcement = undefined;
  }
}
