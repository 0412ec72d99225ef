// How the caller's own voice sounds on this line, learned from what they said in turns of theirs.

/** Of a turn. */
export interface VoiceSample {
  readonly meanDb: number;
  readonly brightness: number;
  readonly frames: number;
}

export interface CallerVoice {
  /** Undefined until the caller has said something. */
  readonly levelDb: number | undefined;
  readonly brightness: number | undefined;
  learn(sample: VoiceSample): CallerVoice;
}

/** Shorter is a word, which may be a shout or a mumble. */
const leastFrames = 15;
/** People move about, and lines change: of what was known so much is kept. */
const kept = 0.7;

export const newCallerVoice: CallerVoice = createVoice(undefined, undefined);

function createVoice(levelDb: number | undefined, brightness: number | undefined): CallerVoice {
  return Object.freeze({
    levelDb,
    brightness,
    learn(sample: VoiceSample): CallerVoice {
      if (sample.frames < leastFrames) return createVoice(levelDb, brightness);
      return createVoice(mix(levelDb, sample.meanDb), mix(brightness, sample.brightness));
    },
  });
}

function mix(known: number | undefined, heard: number): number {
  return known === undefined ? heard : kept * known + (1 - kept) * heard;
}
