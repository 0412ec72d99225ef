// Measures what a frame of ACS costs besides the kernel, read and written: through the WebSocket library and a parser, and past both.
import type { IncomingMessage } from 'node:http';
import { PerformanceObserver } from 'node:perf_hooks';
import { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { HotSocket } from '../wire/hot-socket.ts';
import { AcsAudioReader } from './acs-audio-reader.ts';
import { acsAudio, parseAcsMessage } from './acs-messages.ts';

/** The median of these, taken in turn, so that what else the machine does weighs on all alike. */
const rounds = 41;
const framesARound = 4_000;

/** A connection whose other end is the bench. */
class Wire extends Duplex {
  writtenBytes = 0;

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.writtenBytes += chunk.length;
    done();
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    for (const { chunk } of chunks) this.writtenBytes += chunk.length;
    done();
  }
}

function open(): { wire: Wire; socket: WebSocket } {
  const wire = new Wire();
  const headers = {
    connection: 'upgrade',
    upgrade: 'websocket',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'sec-websocket-version': '13',
  };
  let opened: WebSocket | undefined;
  const server = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  server.handleUpgrade({ method: 'GET', headers } as IncomingMessage, wire, Buffer.alloc(0), (socket) => {
    opened = socket;
  });
  return { wire, socket: opened! };
}

/** As a client has to: masked. */
function createChunk(text: string): Buffer {
  const payload = Buffer.from(text);
  const key = Buffer.from([1, 2, 3, 4]);
  for (const [i, byte] of payload.entries()) payload[i] = byte ^ key[i & 3]!;
  return Buffer.concat([Buffer.from([0x81, 0xfe, payload.length >> 8, payload.length & 0xff]), key, payload]);
}

const pcm = Buffer.from(Int16Array.from({ length: 320 }, (_, i) => 5_000 * Math.sin(i / 4)).buffer);
const audioData = {
  timestamp: '2026-01-15T10:16:12.925Z',
  participantRawID: '4:+15550100',
  data: pcm.toString('base64'),
  silent: false,
};
const chunk = createChunk(JSON.stringify({ kind: 'AudioData', audioData }));
let heardBytes = 0;

const library = open();
library.socket.on('message', (data) => {
  const message = parseAcsMessage(String(data));
  if (message.type === 'audio') heardBytes += message.audio.length;
});
const hot = open();
const reader = new AcsAudioReader();
hot.socket.on('message', () => {});
const past = new HotSocket(hot.socket, true, (bytes, start, end) => {
  const message = reader.read(bytes, start, end);
  if (message) heardBytes += message.audio.length;
  return message !== undefined;
});
const send = past.createSender(acsAudio);

const ways: Record<string, { reads: () => void; writes: () => void }> = {
  'through the library': {
    reads: () => library.wire.emit('data', Buffer.from(chunk)),
    writes: () => library.socket.send(`${acsAudio.before}${pcm.toString('base64')}${acsAudio.after}`),
  },
  'past it': {
    reads: () => hot.wire.emit('data', Buffer.from(chunk)),
    writes: () => send(pcm),
  },
};

let collections = 0;
let collectedMs = 0;
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) {
    collections += 1;
    collectedMs += duration;
  }
}).observe({ entryTypes: ['gc'] });

const turn = () => new Promise((resolve) => setImmediate(resolve));
const taken = new Map<string, { us: number[]; collections: number; collectedMs: number }>();
for (let round = 0; round < rounds; round++) {
  for (const [name, way] of Object.entries(ways)) {
    for (const what of ['reads', 'writes'] as const) {
      const key = `${name}: ${what}`;
      const entry = taken.get(key) ?? { us: [], collections: 0, collectedMs: 0 };
      taken.set(key, entry);
      await turn();
      const before = { collections, collectedMs };
      const startedAt = performance.now();
      for (let frame = 0; frame < framesARound; frame++) {
        way[what]();
        // As often as sockets are polled: what is put off to the end of a turn is part of it.
        if (frame % 20 === 0) await turn();
      }
      entry.us.push(((performance.now() - startedAt) * 1_000) / framesARound);
      await turn();
      entry.collections += collections - before.collections;
      entry.collectedMs += collectedMs - before.collectedMs;
    }
  }
}
console.table(
  Object.fromEntries(
    [...taken].map(([key, { us, collections, collectedMs }]) => [
      key,
      {
        'µs a frame': us.sort((a, b) => a - b)[rounds >> 1]!.toFixed(2),
        'collections of the heap, a million frames': Math.round((collections * 1e6) / (rounds * framesARound)),
        'ms in them': Math.round((collectedMs * 1e6) / (rounds * framesARound)),
      },
    ]),
  ),
);
if (heardBytes === 0 || hot.wire.writtenBytes !== library.wire.writtenBytes) throw new Error('the ways differ');
