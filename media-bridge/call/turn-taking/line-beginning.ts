// Whether somebody was speaking when the line came: what is there from the first moment on passes for the room, until it stops.
import { frameMs } from '../../audio/audio-format.ts';
import { voicedFrom } from './steady-pitch.ts';

/** About -39 dBFS. */
const audibleDb = 51;
/** A vowel, or the rest of one. */
const leastFrames = 3;
/** What the room is so much softer than was not the room. */
const overRoomDb = 12;

export class LineBeginning {
  #voicedFrames = 0;
  #voicedDb = 0;
  #silentFrames = 0;

  /** The next frame. `likeness`: of it to itself at a pitch. */
  add(db: number, likeness: number): void {
    if (likeness >= voicedFrom && db >= audibleDb) {
      this.#voicedFrames += 1;
      this.#voicedDb += db;
      this.#silentFrames = 0;
    } else this.#silentFrames += 1;
  }

  /** How long the voice had been over by the last frame; undefined where there was none. `roomDb`: how loud the line has turned out to be. */
  findSilentMs(roomDb: number): number | undefined {
    if (this.#voicedFrames < leastFrames) return undefined;
    const isRoom = this.#voicedDb / this.#voicedFrames - roomDb < overRoomDb;
    return isRoom ? undefined : this.#silentFrames * frameMs;
  }
}
