// The agent's voice in a room of its own: a little noise lies under every word, so that silence on the wire is never a pause of the voice.
import { createHash } from 'node:crypto';
import { SeededRandom } from '../../virtual-time/seeded-random.ts';
import { agentVoice, type Speak } from '../../voice/speech.ts';

/** About -60 dBFS: nobody hears it, mu-law and a softer voice keep it. */
const roomPeak = 110;
/** Of a lag that is passed twice: above 1.5 kHz there is little left. */
const dullness = 0.45;

export interface SpokenText {
  readonly text: string;
  /** At 16 kHz, as the services made it. */
  readonly samples: Int16Array;
}

export class AgentVoice {
  /** In the order in which they were asked for. */
  readonly spoken: SpokenText[] = [];
  readonly #made = new Map<string, Promise<Int16Array>>();

  /** Of everybody else the voice is the engine's. */
  readonly change =
    (speak: Speak): Speak =>
    async (text, voice, manner) => {
      if (voice !== agentVoice) return speak(text, voice, manner);
      let making = this.#made.get(text);
      if (!making) {
        making = speak(text, voice, manner).then((samples) => addRoom(text, samples));
        this.#made.set(text, making);
      }
      const samples = await making;
      this.spoken.push({ text, samples });
      return samples;
    };
}

/** Another noise for each text, so that each place in it can be told from all others; a dull one, which is like itself half a sample later. */
function addRoom(text: string, samples: Int16Array): Int16Array {
  const random = new SeededRandom(createHash('sha256').update(text).digest().readUInt32LE(0));
  let [once, twice] = [0, 0];
  return samples.map((sample) => {
    once += dullness * (random.fraction() * 2 - 1 - once);
    twice += dullness * (once - twice);
    return Math.max(-32_768, Math.min(32_767, sample + Math.round(twice * roomPeak)));
  });
}
