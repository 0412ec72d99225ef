// The carriers' legs held to their contract, over real sockets and on one clock.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, type TestContext } from 'node:test';
import { WebSocket, WebSocketServer } from 'ws';
import { frameMs, pcm16k, pcm24k } from '../audio/audio-format.ts';
import { TestClock } from '../audio/testing/test-clock.ts';
import { AcsTransport } from './acs-transport.ts';
import { type CarrierEnd, testMediaTransport } from './media-transport.contract.ts';
import { openTwilioTransport } from './twilio-transport.ts';
import { WebTransport } from './web-transport.ts';

/** For any carrier. */
const unreadable = ['', '{', 'null', '[]', Buffer.from([1, 2, 3])];

async function connect(t: TestContext) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const accepted = once(server, 'connection');
  const carrier = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const [ours] = (await accepted) as [WebSocket];
  if (carrier.readyState !== WebSocket.OPEN) await once(carrier, 'open');
  t.after(() => {
    carrier.terminate();
    ours.terminate();
    server.close();
  });
  const closed = new Map([ours, carrier].map((socket) => [socket, once(socket, 'close')]));
  /** A ping follows what was sent before it on the same socket. */
  const settle = async (from: WebSocket) => {
    if (from.readyState !== WebSocket.OPEN) return;
    const { promise: answered, resolve } = Promise.withResolvers<void>();
    from.once('pong', () => resolve());
    from.ping();
    await Promise.race([answered, closed.get(from)]);
  };
  const send = async (message: object | string | Buffer) => {
    carrier.send(typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message));
    await settle(carrier);
  };
  const end = async (how: () => void) => {
    how();
    await closed.get(ours);
  };
  return { ours, carrier, send, end, settle: () => settle(ours) };
}

async function openAcs(t: TestContext, format: typeof pcm16k): Promise<CarrierEnd> {
  const { ours, carrier, send, end, settle } = await connect(t);
  const clock = new TestClock(t);
  const received: (Buffer | 'clear')[] = [];
  carrier.on('message', (data) => {
    const { kind, audioData } = JSON.parse(String(data));
    received.push(kind === 'StopAudio' ? 'clear' : Buffer.from(audioData.data, 'base64'));
  });
  const transport = new AcsTransport({ socket: ours, format });
  t.after(() => transport.close());
  return {
    transport,
    received,
    nonsense: [
      ...unreadable,
      '{"kind":"AudioData"}',
      '{"kind":"AudioData","audioData":{"data":7}}',
      '{"kind":"DtmfData","dtmfData":{"data":"77"}}',
      '{"kind":"Weather","weather":{}}',
    ],
    send,
    say: (frame) =>
      send({ kind: 'AudioData', audioData: { data: frame.toString('base64'), participantRawID: '4:+15550100' } }),
    press: (digit) => send({ kind: 'DtmfData', dtmfData: { data: digit } }),
    async advance(ms) {
      clock.pass(ms);
      await settle();
    },
    stall() {},
    hangUp: () => end(() => carrier.close(1000)),
    drop: () => end(() => carrier.terminate()),
  };
}

async function openTwilio(t: TestContext): Promise<CarrierEnd> {
  const { ours, carrier, send, end, settle } = await connect(t);
  const clock = new TestClock(t);
  const streamSid = 'MZ01';
  const received: (Buffer | 'clear')[] = [];
  /** What Twilio has and did not play yet: ms of audio, and marks between them. */
  let playing: (number | string)[] = [];
  let isStalled = false;
  let timestamp = 0;
  const echo = (name: string) => carrier.send(JSON.stringify({ event: 'mark', streamSid, mark: { name } }));
  carrier.on('message', (data) => {
    const message = JSON.parse(String(data));
    if (message.event === 'media') {
      const audio = Buffer.from(message.media.payload, 'base64');
      received.push(audio);
      playing.push(audio.length / 8);
    } else if (message.event === 'mark') {
      playing.push(message.mark.name);
    } else if (message.event === 'clear') {
      received.push('clear');
      // Twilio sends the marks of what it dropped back too.
      for (const piece of playing.splice(0)) if (typeof piece === 'string') echo(piece);
    }
  });
  const play = (ms: number) => {
    let leftMs = ms;
    while (playing.length > 0) {
      const [first] = playing;
      if (typeof first === 'string') echo(first);
      else if (first! > leftMs) {
        playing[0] = first! - leftMs;
        return;
      } else leftMs -= first!;
      playing = playing.slice(1);
    }
  };
  const opening = openTwilioTransport(ours, async () => {});
  await send({
    event: 'start',
    streamSid,
    start: {
      accountSid: 'AC01',
      streamSid,
      callSid: 'CA01',
      tracks: ['inbound'],
      mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 },
      customParameters: {},
    },
  });
  const { transport } = await opening;
  t.after(() => transport.close());
  return {
    transport,
    received,
    nonsense: [
      ...unreadable,
      '{"event":"media"}',
      '{"event":"weather"}',
      '{"event":"mark","mark":{"name":"never sent"}}',
      '{"event":"dtmf","dtmf":{"digit":"77"}}',
    ],
    send,
    say(frame) {
      const payload = frame.toString('base64');
      const media = { track: 'inbound', chunk: '1', timestamp: String(timestamp), payload };
      timestamp += frameMs;
      return send({ event: 'media', streamSid, media });
    },
    press: (digit) => send({ event: 'dtmf', streamSid, dtmf: { track: 'inbound_track', digit } }),
    async advance(ms) {
      for (let leftMs = ms; leftMs > 0; leftMs -= frameMs) {
        await settle();
        clock.pass(Math.min(frameMs, leftMs));
        await settle();
        if (!isStalled) play(Math.min(frameMs, leftMs));
        if (carrier.readyState === WebSocket.OPEN) await send('{"event":"connected"}');
      }
      await settle();
    },
    stall() {
      isStalled = true;
    },
    hangUp: () =>
      end(() => {
        carrier.send(JSON.stringify({ event: 'stop', streamSid, stop: { callSid: 'CA01' } }));
        carrier.close();
      }),
    drop: () => end(() => carrier.terminate()),
  };
}

async function openWeb(t: TestContext): Promise<CarrierEnd> {
  const { ours, carrier, send, end, settle } = await connect(t);
  const clock = new TestClock(t);
  const received: (Buffer | 'clear')[] = [];
  /** What the page has and did not play, and what it played, since the last clear. */
  let waitingBytes = 0;
  let playedBytes = 0;
  let clear = 0;
  let isStalled = false;
  carrier.on('message', (data, isBinary) => {
    if (isBinary) {
      received.push(data as Buffer);
      waitingBytes += (data as Buffer).length;
      return;
    }
    const message = JSON.parse(String(data));
    if (message.type !== 'clear') return;
    received.push('clear');
    waitingBytes = 0;
    playedBytes = 0;
    clear = message.clear;
  });
  const transport = new WebTransport({ socket: ours });
  t.after(() => transport.close());
  return {
    transport,
    received,
    nonsense: [
      ...unreadable,
      '{"type":"played"}',
      '{"type":"played","clear":7,"bytes":96000}',
      '{"type":"played","clear":0,"bytes":-1}',
      '{"type":"key","digit":"77"}',
      '{"type":"weather"}',
    ],
    send,
    say: (frame) => send(frame),
    press: (digit) => send({ type: 'key', digit }),
    async advance(ms) {
      for (let leftMs = ms; leftMs > 0; leftMs -= frameMs) {
        const stepMs = Math.min(frameMs, leftMs);
        await settle();
        clock.pass(stepMs);
        await settle();
        if (carrier.readyState !== WebSocket.OPEN) continue;
        const bytes = isStalled ? 0 : Math.min(waitingBytes, stepMs * 48);
        waitingBytes -= bytes;
        playedBytes += bytes;
        await send({ type: 'played', clear, bytes: playedBytes });
      }
      await settle();
    },
    stall() {
      isStalled = true;
    },
    hangUp: () => end(() => carrier.send('{"type":"hang-up"}')),
    drop: () => end(() => carrier.terminate()),
  };
}

const webCannot = {
  'fills up a last piece that is no whole frame, outside of its timeline': 'a page plays any length',
};

const acsCannot = {
  'takes nothing for heard that the carrier did not play': 'ACS acknowledges nothing: its clock is all there is',
};

describe('AcsTransport at 16 kHz', () => testMediaTransport((t) => openAcs(t, pcm16k), acsCannot));
describe('AcsTransport at 24 kHz', () => testMediaTransport((t) => openAcs(t, pcm24k), acsCannot));
describe('TwilioTransport', () => testMediaTransport(openTwilio));
describe('WebTransport', () => testMediaTransport(openWeb, webCannot));
