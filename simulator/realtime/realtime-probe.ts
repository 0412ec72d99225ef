// A bare client of the realtime stand-in for its tests: sends what it is told, keeps what comes, waits for a kind of event.
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { openBrain } from '../chat/brain.ts';
import { receptionistRules } from '../chat/receptionist-phrases.ts';
import type { AudioFormat } from '../voice/audio-format.ts';
import { openSpeech } from '../voice/speech.ts';
import { encodeWireAudio } from './audio-wire.ts';
import { type RealtimeOptions, startRealtime } from './realtime-service.ts';

// biome-ignore lint/suspicious/noExplicitAny: a test reads into whatever came.
export type ProbeEvent = { type: string } & Record<string, any>;

export const gaPath = '/openai/v1/realtime?model=gpt-realtime';
export const voiceLivePath = (model: string) => `/voice-live/realtime?api-version=2026-07-15&model=${model}`;
export const pcm24: AudioFormat = { encoding: 'pcm16', sampleRate: 24000 };

export class RealtimeProbe {
  readonly events: ProbeEvent[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly #socket: WebSocket;
  #waiting: { matches: (event: ProbeEvent) => boolean; resolve: (event: ProbeEvent) => void }[] = [];
  /** Events up to here were waited for. */
  #seen = 0;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => resolve({ code, reason: String(reason) }));
    });
    socket.on('error', () => {});
    socket.on('message', (data, isBinary) => {
      const event = isBinary ? { type: '(binary)' } : parseEvent(String(data));
      this.events.push(event);
      const index = this.#waiting.findIndex(({ matches }) => matches(event));
      if (index < 0) return;
      this.#seen = this.events.length;
      this.#waiting.splice(index, 1)[0]!.resolve(event);
    });
  }

  send(event: { type: string } & Record<string, unknown>): void {
    this.#socket.send(JSON.stringify(event));
  }

  sendText(text: string): void {
    this.#socket.send(text);
  }

  /** In pieces of 20 ms, all at once: the service counts samples, not seconds. */
  speak(samples: Int16Array, format: AudioFormat = pcm24): void {
    const size = format.sampleRate / 50;
    for (let at = 0; at < samples.length; at += size) {
      const audio = encodeWireAudio(samples.subarray(at, at + size), format);
      this.send({ type: 'input_audio_buffer.append', audio });
    }
  }

  /** The first event of this type after those already waited for. */
  next(type: string): Promise<ProbeEvent> {
    const matches = (event: ProbeEvent) => event.type === type;
    const index = this.events.findIndex((event, i) => i >= this.#seen && matches(event));
    if (index >= 0) {
      this.#seen = index + 1;
      return Promise.resolve(this.events[index]!);
    }
    return new Promise((resolve) => this.#waiting.push({ matches, resolve }));
  }

  /** Sends, and waits for the error that answers it. */
  async provoke(event: { type: string } & Record<string, unknown>): Promise<ProbeEvent> {
    this.send({ event_id: 'evt_test', ...event });
    return (await this.next('error')).error;
  }

  /** Resolves when the service has answered: what it had to say before has come. */
  async ping(): Promise<void> {
    this.#socket.ping();
    await once(this.#socket, 'pong');
  }

  of(type: string): ProbeEvent[] {
    return this.events.filter((event) => event.type === type);
  }

  async close(): Promise<void> {
    this.#socket.close();
    await this.closed;
  }
}

export async function openProbe(url: string, path: string, headers: Record<string, string>): Promise<RealtimeProbe> {
  const socket = new WebSocket(url.replace('http', 'ws') + path, { headers, perMessageDeflate: false });
  const probe = new RealtimeProbe(socket);
  await once(socket, 'open');
  return probe;
}

/** The HTTP status an upgrade is refused with, and the body. */
export async function probeRefusal(url: string, path: string, headers: Record<string, string>) {
  const socket = new WebSocket(url.replace('http', 'ws') + path, { headers });
  socket.on('error', () => {});
  const [, response] = await once(socket, 'unexpected-response');
  let body = '';
  for await (const chunk of response) body += chunk;
  return { status: response.statusCode, retryAfter: response.headers['retry-after'], error: JSON.parse(body).error };
}

/** The service with the receptionist's rules, as fast as it goes. */
export async function startProbed(options: Partial<RealtimeOptions> = {}) {
  const speech = openSpeech({ cacheFolder: '.data/speech' });
  const brain = await openBrain(receptionistRules, speech.speak);
  const timing = { firstAudioMs: 0, audioSpeed: Number.POSITIVE_INFINITY, transcriptionMs: 0, ...options.timing };
  const service = await startRealtime({ brain, speak: speech.speak, ...options, timing });
  return {
    service,
    speak: speech.speak,
    open: (path: string) => openProbe(service.url, path, { 'api-key': service.apiKey }),
    async stop() {
      await service.stop();
      await speech.close();
    },
  };
}

function parseEvent(text: string): ProbeEvent {
  try {
    return JSON.parse(text);
  } catch {
    return { type: '(no JSON)' };
  }
}
