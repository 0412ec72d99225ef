// A real Chromium, whose microphone is a WAV file: for tests of the console.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { resample } from '../voice/resample.ts';
import { formatWav } from '../voice/wav.ts';

/** Debian's. */
const executablePath = '/usr/bin/chromium';
const microphoneHz = 48_000;
/** Sound that waits for a quarter of a second less than it is to wait is left as it is: slowed down it would not be understood. */
const playoutTrial =
  '--force-fieldtrials=WebRTC-Audio-NetEqDecisionLogicConfig/deceleration_target_level_offset_ms:250/';
/** As `nice` counts. */
const urgent = -10;

/** What somebody says, and when: ms since the microphone was opened. */
export interface Utterance {
  readonly atMs: number;
  readonly samples: Int16Array;
}

export interface TestBrowser {
  readonly browser: Browser;
  close(): Promise<void>;
}

/** `sampleRate`: of the utterances. */
export async function openBrowser(says: readonly Utterance[], sampleRate: number): Promise<TestBrowser> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-browser-'));
  const file = join(folder, 'microphone.wav');
  await writeFile(file, formatWav(mix(says, sampleRate), microphoneHz));
  hurry();
  const browser = await chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      playoutTrial,
      '--autoplay-policy=no-user-gesture-required',
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      `--use-file-for-fake-audio-capture=${file}%noloop`,
    ],
  });
  return {
    browser,
    async close() {
      await browser.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Sound cannot wait for what else the machine does. What is started from here on inherits it, where this may be done at all. */
function hurry(): void {
  try {
    setPriority(urgent);
  } catch {
    // Then it is one among equals.
  }
}

function mix(says: readonly Utterance[], sampleRate: number): Int16Array {
  const spoken = says.map(({ atMs, samples }) => ({
    at: Math.round((atMs / 1000) * microphoneHz),
    samples: resample(samples, sampleRate, microphoneHz),
  }));
  const end = Math.max(0, ...spoken.map(({ at, samples }) => at + samples.length));
  const all = new Int16Array(end + 60 * microphoneHz);
  for (const { at, samples } of spoken) all.set(samples, at);
  return all;
}

/** A page that signs in by its link; whatever it complains of is told. */
export async function openPage(context: BrowserContext, url: string, onProblem: (text: string) => void): Promise<Page> {
  const page = await context.newPage();
  page.on('pageerror', (error) => onProblem(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') onProblem(message.text());
  });
  await page.goto(url);
  return page;
}

/**
 * In the page: whatever is connected to the speakers is also connected to an ear that keeps it. It is no part of the page's own
 * thread: on a busy machine that one is late, and a word with a hole in it is another word.
 */
const tap = `
const pieces = [];
let recorder;
const connect = AudioNode.prototype.connect;
AudioNode.prototype.connect = function (to, ...more) {
  if (to instanceof AudioDestinationNode) {
    const ear = this.context.createMediaStreamDestination();
    connect.call(this, ear);
    recorder = new MediaRecorder(ear.stream, { mimeType: 'audio/webm;codecs=opus', audioBitsPerSecond: 128000 });
    recorder.ondataavailable = ({ data }) => pieces.push(data);
    recorder.start(500);
  }
  return connect.call(this, to, ...more);
};
const Connection = globalThis.RTCPeerConnection;
globalThis.RTCPeerConnection = class extends Connection {
  constructor(...given) {
    super(...given);
    // On a busy machine sound comes in gusts, and a short buffer stretches words until nobody knows them.
    this.addEventListener('track', ({ receiver }) => { receiver.jitterBufferTarget = 1000; });
  }
};
globalThis.takeSound = async () => {
  if (recorder.state !== 'inactive') {
    const stopped = new Promise((resolve) => recorder.addEventListener('stop', resolve));
    recorder.stop();
    await stopped;
  }
  const context = new OfflineAudioContext(1, 1, 24000);
  const sound = await context.decodeAudioData(await new Blob(pieces).arrayBuffer());
  const samples = Int16Array.from(sound.getChannelData(0), (sample) => Math.max(-1, Math.min(1, sample)) * 0x7fff);
  return new Uint8Array(samples.buffer).toBase64();
};
`;

/** Keeps what the page plays, as it goes to the speakers: 16 bits, 24 kHz. */
export async function tapSound(context: BrowserContext): Promise<void> {
  await context.addInitScript({ content: tap });
}

export async function readSound(page: Page): Promise<Int16Array> {
  // As text: of an array each number would be looked at by both ends of the wire.
  const bytes = Uint8Array.from(Buffer.from(await page.evaluate<string>('takeSound()'), 'base64'));
  return new Int16Array(bytes.buffer);
}

/** Stretches of sound with so much silence around each that they are sayings of their own. */
export function splitUtterances(samples: Int16Array, sampleRate: number): Int16Array[] {
  const step = Math.round(sampleRate / 50);
  const quietSteps = 30;
  const found: Int16Array[] = [];
  let from = -1;
  let quiet = 0;
  for (let at = 0; at + step <= samples.length; at += step) {
    const isLoud = samples.subarray(at, at + step).some((sample) => Math.abs(sample) > 300);
    if (isLoud && from < 0) from = at;
    quiet = isLoud ? 0 : quiet + 1;
    if (from < 0 || quiet < quietSteps) continue;
    found.push(samples.slice(Math.max(0, from - step * 5), at));
    from = -1;
  }
  if (from >= 0) found.push(samples.slice(from));
  return found;
}
