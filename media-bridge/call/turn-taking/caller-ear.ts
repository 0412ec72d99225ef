// Hears the caller on the line itself: when a sound begins and ends, how loud it is beside the caller's own voice, and what kind it is.
import { type AudioFormat, frameMs } from '../../audio/audio-format.ts';
import { LineFrames } from '../../audio/line-frames.ts';
import { VoiceFeatures } from '../../audio/voice-features.ts';
import { type CallerVoice, newCallerVoice } from './caller-voice.ts';
import { LineBeginning } from './line-beginning.ts';
import { RoomFloor } from './room-floor.ts';
import { type SoundKind, SoundProfile } from './sound-profile.ts';
import { SteadyPitch } from './steady-pitch.ts';

/** What stands out of the room by less may be the room. */
const overRoomDb = 7;
/** What stands out by less is not asked for a pitch. */
const mayBeVoiceDb = 3;
/** About -46 dBFS: below it a line is silent, whatever it is compared with. */
const leastDb = 44;
/** How fast the usual loudness of the room is learned, while there is nothing else. */
const roomLearning = 0.05;
/** Words begin softly: of the time before a sound stood out, so much may have been its beginning. */
const overRoomSoftlyDb = 5;
const longestBeginningMs = 120;
/** What is so much below the caller's own voice is the room, or somebody in it: softer beginnings of words are no loss. */
const faintestDb = -17;
/** And what is so loud may well be the caller. */
const loudDb = -10;
/** The room is not known before. */
const firstFrames = 25;
/** And with whoever was speaking by then in it, until it is forgotten again. */
const mixedFrames = 45;
/** Nor surely before this, where somebody was speaking when the line came. */
const uncertainFrames = 60;

/** 20 ms of the line. */
export interface HeardFrame {
  /** The line is heard for long enough to tell a voice from the room. */
  readonly isRoomKnown: boolean;
  /** Louder than the room, and not far below the caller's own voice. */
  readonly isSound: boolean;
  /** As loud as the softer moments of the caller's own voice. */
  readonly isLoud: boolean;
  /** For how long there has been something, however soft. */
  readonly risingMs: number;
  /** Of the sound that is going on, or was the last: against the caller's own voice. 0 until that is known. */
  readonly levelDb: number;
  /** Of this frame alone, whatever is in it; 0 until the caller's own voice is known. */
  readonly momentDb: number;
  readonly kind: SoundKind;
  /** Without the treble of the caller's own voice. */
  readonly isMuffled: boolean;
}

export class CallerEar {
  readonly #line: LineFrames;
  readonly #features: VoiceFeatures;
  readonly #profile = new SoundProfile();
  readonly #room = new RoomFloor();
  readonly #pitch = new SteadyPitch();
  readonly #beginning = new LineBeginning();
  #voice: CallerVoice = newCallerVoice;
  #frames = 0;
  /** Of the line, when the sound began that is judged. */
  #beganAtFrame = 0;
  #roomPower = 0;
  #roomChange = 0;
  #risingMs = 0;

  constructor(format: AudioFormat) {
    this.#line = new LineFrames(format);
    this.#features = new VoiceFeatures(format.sampleRate);
  }

  /** Audio of the line, of any length. */
  hear(audio: Buffer, onFrame: (frame: HeardFrame) => void): void {
    this.#line.cut(audio, (samples) => onFrame(this.#judge(samples)));
  }

  /** For how long somebody has been silent who was speaking when the line came; undefined where nobody was. */
  get cutShortMs(): number | undefined {
    const silentMs = this.#beginning.findSilentMs(Math.max(leastDb, this.#room.db));
    return silentMs === undefined ? undefined : silentMs + (this.#frames - firstFrames) * frameMs;
  }

  /** A sound begins: what was told of the one before is over. */
  beginSound(): void {
    this.#profile.clear();
    this.#beganAtFrame = this.#frames;
  }

  /** What went on was the caller's own voice: others are measured by it. Whoever spoke when the line came was taken for the room in part. */
  learnVoice(): void {
    if (this.#beganAtFrame <= mixedFrames) return;
    const { meanDb, brightness, frames } = this.#profile;
    this.#voice = this.#voice.learn({ meanDb, brightness, frames });
  }

  #judge(samples: Int16Array): HeardFrame {
    const features = this.#features;
    features.push(samples);
    this.#frames += 1;
    const { power, change } = features;
    const db = 10 * Math.log10(power + 1);
    const overDb = db - Math.max(leastDb, this.#room.db);
    const ownDb = this.#voice.levelDb ?? db;
    const isKnown = this.#frames > firstFrames;
    const isSound = isKnown && overDb > overRoomDb && db - ownDb > faintestDb;
    this.#risingMs = overDb > overRoomSoftlyDb ? Math.min(longestBeginningMs, this.#risingMs + frameMs) : 0;
    if (!isKnown) this.#beginning.add(db, features.findVoicing());
    // It looks back over two frames, and costs more than all the rest.
    if (overDb > mayBeVoiceDb) this.#pitch.follow(features.findVoicing(), features.lag);
    else this.#pitch.forget();
    this.#room.follow(power, this.#pitch.isVoiced);
    if (!isSound) {
      this.#profile.rest();
      this.#roomPower += roomLearning * (power - this.#roomPower);
      this.#roomChange += roomLearning * (change - this.#roomChange);
    }
    // What of it is the room's own is no part of it.
    else {
      const [ownPower, ownChange] = [Math.max(0, power - this.#roomPower), Math.max(0, change - this.#roomChange)];
      this.#profile.add(ownPower, ownChange, this.#pitch, this.#voice.brightness);
    }
    const { meanDb } = this.#profile;
    return {
      isRoomKnown: this.#frames > uncertainFrames,
      isSound,
      isLoud: isSound && db - ownDb > loudDb,
      risingMs: this.#risingMs,
      levelDb: this.#voice.levelDb === undefined ? 0 : meanDb - this.#voice.levelDb,
      momentDb: this.#voice.levelDb === undefined ? 0 : db - this.#voice.levelDb,
      kind: this.#profile.judge(this.#voice.brightness),
      isMuffled: this.#profile.isMuffled(this.#voice.brightness),
    };
  }
}
