// Port: what a speech service hears with. As a rule by the energy of a voice and the sound of known phrases; others may know better.
import type { PhraseSampleRate, Recognition } from './phrase-book.ts';
import type { VoiceActivityChange, VoiceActivitySettings } from './voice-activity.ts';

export interface DetectionSettings extends VoiceActivitySettings {
  /** A turn ends where the words do, or after so much silence; undefined: after `silenceMs`, whatever was said. */
  readonly longestPauseMs?: number | undefined;
}

/** Of one stream of samples, in its own time. */
export interface ActivityDetector {
  readonly speaking: boolean;
  push(samples: Int16Array): VoiceActivityChange[];
}

/** Of one connection. */
export interface ServiceEar {
  createDetector(settings: DetectionSettings): ActivityDetector;
  /** The words of an utterance whose samples end now; undefined if it was none. */
  hear(samples: Int16Array, sampleRate: PhraseSampleRate): Recognition | undefined;
  /** The words so far of what is being said; undefined as long as none is sure. */
  readonly wordsSoFar: string | undefined;
}

export type OpenEar = () => ServiceEar;
