// A stand-in for Azure Speech on this machine: the real SDK connects to it, speaks to be heard, and hears it speak.
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import type { OpenEar } from '../voice/service-ear.ts';
import { agentVoice, type Speak } from '../voice/speech.ts';
import { openHearing } from './hearing.ts';
import { RecognitionSession } from './recognition-session.ts';
import { createSpeechFaults, type SpeechFaults } from './speech-faults.ts';
import { BadSpeechFrame, formatTextFrame, parseSpeechFrame, type SpeechFrame } from './speech-frames.ts';
import { SynthesisSession } from './synthesis-session.ts';

const recognitionPaths = new Set(['/stt/speech/universal/v2', '/speech/recognition/conversation/cognitiveservices/v1']);
const synthesisPaths = new Set([
  '/tts/cognitiveservices/websocket/v1',
  '/tts/cognitiveservices/websocket/v2',
  '/cognitiveservices/websocket/v1',
  '/cognitiveservices/websocket/v2',
]);
const kindOf = (path: string) => (recognitionPaths.has(path) ? 'recognition' : 'synthesis');
/** A second of 48 kHz audio is 96 kB; SSML ends at 64 kB. */
const maxFrameBytes = 262_144;

export interface SpeechServiceOptions {
  readonly key: string;
  /** What the recognition knows by ear. */
  readonly phrases: readonly string[];
  /** What it knows by ear in the agent's own voice, which comes back over some lines. */
  readonly echoes?: readonly string[] | undefined;
  readonly speak: Speak;
  /** For each recognition, in place of what it knows by ear. */
  readonly openEar?: OpenEar | undefined;
  readonly port?: number;
  /** Silence that ends a phrase; the service's own choice with semantic segmentation is not known to us. */
  readonly silenceMs?: number;
  readonly phraseDelayMs?: number;
  readonly firstAudioMs?: number;
}

export interface SpeechService {
  /** ws://127.0.0.1:<port> */
  readonly url: string;
  /** What was heard and said so far, newest last; undefined: speech that is in no book. */
  readonly heard: readonly (string | undefined)[];
  readonly spoken: readonly string[];
  /** Turn its switches at any time. */
  readonly faults: SpeechFaults;
  /** Resolves when somebody connects, before the connection is accepted. */
  nextConnection(): Promise<void>;
  /** Resolves when no socket is open or being opened. */
  empty(): Promise<void>;
  /** Every socket goes away without a word. */
  dropConnections(): void;
  /** What was heard and said so far, and who is half open. */
  forget(): void;
  stop(): Promise<void>;
}

interface Session {
  receive(frame: SpeechFrame): void;
  close(): void;
}

export async function startSpeech(options: SpeechServiceOptions): Promise<SpeechService> {
  const { key, speak, phrases, echoes = [], silenceMs = 500, phraseDelayMs = 100, firstAudioMs = 100 } = options;
  const echoed = new Set(echoes);
  const hearing = await openHearing([...phrases, ...echoes], (text) =>
    echoed.has(text) ? speak(text, agentVoice) : speak(text),
  );
  const heard: (string | undefined)[] = [];
  const spoken: string[] = [];
  const faults = createSpeechFaults();

  const http = createServer((_, response) => response.writeHead(404).end());
  const sockets = new WebSocketServer({ noServer: true, maxPayload: maxFrameBytes });

  const openSession = (path: string, socket: WebSocket): Session => {
    const kind = kindOf(path);
    const put = (data: string | Buffer) => {
      if (faults[kind] === 'well') socket.send(data);
    };
    const send = (path: string, requestId: string, body: object) =>
      put(formatTextFrame(path, requestId, faults.alter(JSON.stringify(body))));
    if (kind === 'recognition') {
      const onPhrase = (text: string | undefined) => heard.push(text);
      return new RecognitionSession({ hearing, ear: options.openEar?.(), silenceMs, phraseDelayMs, send, onPhrase });
    }
    const onSpoken = (text: string) => spoken.push(text);
    const fail = () => socket.close(1011);
    return new SynthesisSession({ speak, firstAudioMs, faults, send, sendAudio: put, fail, onSpoken });
  };

  let connections = 0;
  let onEmpty: (() => void)[] = [];
  http.on('connection', (connection) => {
    connections++;
    connection.on('close', () => {
      if (--connections > 0) return;
      for (const resolve of onEmpty) resolve();
      onEmpty = [];
    });
  });

  const accept = (path: string, request: IncomingMessage, connection: Duplex, head: Buffer) =>
    sockets.handleUpgrade(request, connection, head, (socket) => {
      const session = openSession(path, socket);
      socket.on('error', () => {});
      socket.on('close', () => session.close());
      const dieIfTold = () => {
        if (faults[kindOf(path)] === 'dead') socket.pause();
      };
      dieIfTold();
      socket.on('message', (data: RawData, isBinary) => {
        dieIfTold();
        try {
          session.receive(parseSpeechFrame(data as Buffer, isBinary));
        } catch (error) {
          if (!(error instanceof BadSpeechFrame)) throw error;
          socket.close(1007, error.message);
        }
      });
    });

  http.on('upgrade', (request, connection, head) => {
    connection.on('error', () => {});
    const url = new URL(request.url ?? '/', 'ws://127.0.0.1');
    const known = recognitionPaths.has(url.pathname) || synthesisPaths.has(url.pathname);
    const status = faults.refuse ?? (known ? (hasKey(request, url, key) ? undefined : 401) : 404);
    if (status !== undefined)
      connection.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    else if (faults.slowAcceptMs > 0) setTimeout(accept, faults.slowAcceptMs, url.pathname, request, connection, head);
    else accept(url.pathname, request, connection, head);
  });
  await new Promise<void>((resolve) => http.listen(options.port ?? 0, '127.0.0.1', resolve));

  return {
    url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}`,
    heard,
    spoken,
    async nextConnection() {
      await once(http, 'connection');
    },
    async empty() {
      if (connections > 0) await new Promise<void>((resolve) => onEmpty.push(resolve));
    },
    faults,
    dropConnections() {
      for (const socket of sockets.clients) socket.terminate();
    },
    forget() {
      heard.length = 0;
      // Half open: it reads of nobody's end.
      for (const socket of sockets.clients) if (socket.isPaused) socket.terminate();
      spoken.length = 0;
    },
    async stop() {
      for (const socket of sockets.clients) socket.terminate();
      http.closeAllConnections();
      await new Promise<void>((resolve) => http.close(() => resolve()));
    },
  };
}

/** The SDK puts its headers into the query too, and with Node's own WebSocket only there. */
function hasKey(request: IncomingMessage, url: URL, key: string): boolean {
  const given = request.headers['ocp-apim-subscription-key'] ?? url.searchParams.get('Ocp-Apim-Subscription-Key');
  const token = request.headers.authorization ?? url.searchParams.get('Authorization');
  return given === key || token === `Bearer ${key}`;
}
