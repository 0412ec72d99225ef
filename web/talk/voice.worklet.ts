// Runs beside the page, on the audio thread: takes the microphone in frames, plays what the agent says, and counts what was played.

interface Processor {
  readonly port: MessagePort;
}
declare const AudioWorkletProcessor: { new (): Processor };
declare function registerProcessor(name: string, processor: new () => Processor): void;

/** 20 ms at 24 kHz. */
const frameSamples = 480;
/** Between two reports of what was played: 20 ms too. */
const reportSamples = 480;

/** How the bridge has the agent sound while the caller may be speaking. */
type Manner = 'plain' | 'soft' | 'paused';
const loudness: Readonly<Record<Manner, number>> = { plain: 1, soft: 0.25, paused: 0 };
/** From as loud as ever to silent in 20 ms: nobody hears a click. */
const rampSamples = 480;

/** The loudest sample of a stretch, from 0 to 1. */
function findPeak(samples: Float32Array): number {
  let peak = 0;
  for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
  return peak;
}

class Microphone extends AudioWorkletProcessor {
  #frame = new Int16Array(frameSamples);
  #filled = 0;
  #peak = 0;

  process([input]: Float32Array[][]): boolean {
    const samples = input?.[0];
    // Without a microphone nothing comes: the bridge is told nothing, and makes up silence.
    if (!samples) return true;
    this.#peak = Math.max(this.#peak, findPeak(samples));
    for (const sample of samples) {
      this.#frame[this.#filled++] = Math.max(-1, Math.min(1, sample)) * 0x7fff;
      if (this.#filled < frameSamples) continue;
      const { buffer } = this.#frame;
      this.port.postMessage({ buffer, peak: this.#peak }, [buffer]);
      this.#frame = new Int16Array(frameSamples);
      this.#filled = 0;
      this.#peak = 0;
    }
    return true;
  }
}

class Speaker extends AudioWorkletProcessor {
  #queue: Int16Array[] = [];
  #at = 0;
  /** Since the last clear, and how much of it was told. */
  #played = 0;
  #told = 0;
  #clear = 0;
  #peak = 0;
  /** Samples of the voice service itself since the last report. */
  #direct = 0;
  #manner: Manner = 'plain';
  #gain = 1;

  constructor() {
    super();
    this.port.onmessage = ({ data }: MessageEvent<ArrayBuffer | number | Manner>) => {
      if (typeof data === 'number') this.#drop(data);
      else if (typeof data === 'string') this.#manner = data;
      else this.#queue.push(new Int16Array(data));
    };
  }

  process([input]: Float32Array[][], [output]: Float32Array[][]): boolean {
    const samples = output?.[0];
    if (!samples) return true;
    const count = this.#fill(samples);
    this.#add(samples, input?.[0]);
    for (const other of output!.slice(1)) other.set(samples);
    this.#played += count;
    this.#peak = Math.max(this.#peak, findPeak(samples));
    const isDone = this.#queue.length === 0;
    const isDue = this.#played > this.#told && (isDone || this.#played - this.#told >= reportSamples);
    if (isDue || this.#direct >= reportSamples) {
      this.#told = this.#played;
      this.#direct = 0;
      this.port.postMessage({ clear: this.#clear, bytes: this.#played * 2, peak: this.#peak });
      this.#peak = 0;
    }
    return true;
  }

  /** What comes from the voice service itself: it counts for nobody here, and is only shown. */
  #add(samples: Float32Array, direct: Float32Array | undefined): void {
    if (!direct) return;
    this.#direct += direct.length;
    for (let at = 0; at < samples.length; at++) samples[at]! += direct[at] ?? 0;
  }

  #fill(samples: Float32Array): number {
    let filled = 0;
    for (let piece = this.#queue[0]; piece && filled < samples.length; piece = this.#queue[0]) {
      const count = Math.min(samples.length - filled, piece.length - this.#at);
      let played = 0;
      while (played < count && this.#turnTo(loudness[this.#manner])) {
        samples[filled + played] = (piece[this.#at + played]! / 0x8000) * this.#gain;
        played++;
      }
      filled += played;
      this.#at += played;
      if (this.#at < piece.length) break;
      this.#queue.shift();
      this.#at = 0;
    }
    return filled;
  }

  /** False: nothing more is to be heard now. */
  #turnTo(gain: number): boolean {
    const step = 1 / rampSamples;
    this.#gain += Math.max(-step, Math.min(step, gain - this.#gain));
    return this.#gain > 0;
  }

  #drop(clear: number): void {
    this.#queue = [];
    this.#at = 0;
    this.#played = 0;
    this.#told = 0;
    this.#clear = clear;
    this.#manner = 'plain';
    this.#gain = 1;
  }
}

registerProcessor('microphone', Microphone);
registerProcessor('speaker', Speaker);
