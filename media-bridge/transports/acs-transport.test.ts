// An ACS media stream over a real socket, on a clock of the test's own.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { WebSocket, WebSocketServer } from 'ws';
import { type AudioFormat, pcm16k, pcm24k } from '../audio/audio-format.ts';
import { TestClock } from '../audio/testing/test-clock.ts';
import { AcsTransport } from './acs-transport.ts';
import type { MediaTransportEvent } from './media-transport.ts';

type Sent = { kind: string; audioData?: { data: string } };

/** `carrier` is the end of ACS. */
async function connect(t: TestContext, format: AudioFormat = pcm16k) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const accepted = once(server, 'connection');
  const carrier = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const received: Sent[] = [];
  carrier.on('message', (data) => received.push(JSON.parse(String(data))));
  const [socket] = (await accepted) as [WebSocket];
  await once(carrier, 'open');
  const clock = new TestClock(t);
  const transport = new AcsTransport({ socket, format });
  t.after(() => {
    transport.close();
    carrier.terminate();
    socket.terminate();
    server.close();
  });
  /** Resolves when all that was sent in the one direction has arrived: a ping follows it on the same socket. */
  const settle = async (from: WebSocket) => {
    const answered = once(from, 'pong');
    from.ping();
    await answered;
  };
  return {
    transport,
    carrier,
    socket,
    received,
    clock,
    async say(...messages: (object | string)[]) {
      for (const message of messages) carrier.send(typeof message === 'string' ? message : JSON.stringify(message));
      await settle(carrier);
    },
    heard: () => settle(socket),
    listen() {
      const events: MediaTransportEvent[] = [];
      transport.listen((event) => events.push(event));
      return events;
    },
  };
}

const metadata = (sampleRate: number, more: object = {}) => ({
  kind: 'AudioMetadata',
  audioMetadata: { subscriptionId: 's', encoding: 'PCM', sampleRate, channels: 1, length: 640, ...more },
});
const audio = (byte: number, more: object = {}) => ({
  kind: 'AudioData',
  audioData: {
    timestamp: '2026-11-20T09:00:00.020Z',
    participantRawID: '4:+15550100',
    data: Buffer.alloc(640, byte).toString('base64'),
    silent: false,
    ...more,
  },
});
const audioOf = (events: readonly MediaTransportEvent[]) =>
  events.flatMap((event) => (event.type === 'audio' ? [event.audio] : []));
const speech = (ms: number, byte = 7) => Buffer.alloc(32 * ms, byte);

describe('AcsTransport: what the caller says', () => {
  it('passes on audio, silent frames too, and keys, in any casing', async (t) => {
    const { listen, say } = await connect(t);
    const events = listen();
    await say(
      metadata(16000),
      audio(1),
      audio(0, { silent: true }),
      { Kind: 'AudioData', AudioData: { ParticipantRawID: '4:+15550100', Data: 'AQACAA==', Silent: false } },
      { kind: 'DtmfData', dtmfData: { data: '5' } },
    );
    assert.deepEqual(
      events.map((event) => (event.type === 'audio' ? event.audio.length : event)),
      [640, 640, 4, { type: 'dtmf', digit: '5' }],
    );
  });

  it('passes on the first participant only', async (t) => {
    const { listen, say } = await connect(t);
    const events = listen();
    await say(audio(1), audio(2, { participantRawID: '8:acs:other' }), audio(3));
    assert.deepEqual(
      audioOf(events).map((frame) => frame[0]),
      [1, 3],
    );
  });

  it('keeps what arrives before somebody listens', async (t) => {
    const { listen, say } = await connect(t);
    await say(audio(1), { kind: 'DtmfData', dtmfData: { data: '1' } });
    assert.deepEqual(
      listen().map(({ type }) => type),
      ['audio', 'dtmf'],
    );
  });

  it('keeps keys rather than old audio when nobody listens for long', async (t) => {
    const { listen, say } = await connect(t);
    await say({ kind: 'DtmfData', dtmfData: { data: '1' } }, ...Array.from({ length: 300 }, (_, i) => audio(i % 256)));
    const events = listen();
    assert.equal(events.length, 250);
    assert.equal(events[0]?.type, 'dtmf');
    assert.equal(audioOf(events).at(-1)?.[0], 299 % 256);
  });

  it('makes up silence while nothing comes, at the pace of frames, until the socket is given up after two seconds', async (t) => {
    const { listen, say, socket, clock } = await connect(t);
    const events = listen();
    await say(audio(1));
    clock.pass(400);
    assert.equal(audioOf(events).length, 1);
    clock.pass(600);
    const made = audioOf(events).slice(1);
    assert.equal(made.length, 50);
    assert.ok(made.every((frame) => frame.equals(Buffer.alloc(640))));
    await say(audio(1));
    clock.pass(500);
    assert.equal(audioOf(events).length, 1 + 50 + 1 + 25);
    const gone = once(socket, 'close');
    clock.pass(2_000);
    await gone;
    assert.deepEqual(events.at(-1), { type: 'closed', clean: false, code: 1006, wasSilent: true });
  });

  it('survives what it cannot read, and reads on', async (t) => {
    const { listen, say, carrier } = await connect(t);
    const events = listen();
    carrier.send(Buffer.from([1, 2, 3]));
    await say('{', 'null', { kind: 'AudioData' }, { kind: 'TranscriptionData', transcriptionData: {} }, audio(9));
    assert.deepEqual(
      audioOf(events).map((frame) => frame[0]),
      [9],
    );
  });

  it('resamples a stream at another rate than was asked, both ways', async (t) => {
    const { listen, say, transport, received, heard, clock } = await connect(t, pcm24k);
    const events = listen();
    await say(metadata(16000), ...Array.from({ length: 50 }, () => audio(0)));
    const bytes = audioOf(events).reduce((sum, frame) => sum + frame.length, 0);
    assert.ok(Math.abs(bytes - 48_000) < 480, `${bytes} bytes are not a second at 24 kHz`);
    transport.sendAudio(Buffer.alloc(48_000));
    clock.pass(1000);
    await heard();
    const sent = received.reduce((sum, { audioData }) => sum + Buffer.from(audioData?.data ?? '', 'base64').length, 0);
    assert.ok(Math.abs(sent - 32_000) < 640, `${sent} bytes are not a second at 16 kHz`);
  });

  it('closes on a stream that it cannot read', async (t) => {
    const { transport, carrier } = await connect(t);
    const closed = new Promise((resolve) => transport.listen(resolve));
    carrier.send(JSON.stringify(metadata(44100)));
    assert.equal((await once(carrier, 'close'))[0], 1002);
    assert.deepEqual(await closed, { type: 'closed', clean: false, code: 1002 });
  });
});

describe('AcsTransport: what the caller hears', () => {
  it('sends 200 ms at once and the rest as it is heard, in frames of 20 ms', async (t) => {
    const { transport, received, heard, clock } = await connect(t);
    transport.sendAudio(speech(1000));
    assert.equal(transport.sentMs, 1000);
    await heard();
    assert.equal(received.length, 10);
    clock.pass(300);
    await heard();
    assert.equal(received.length, 25);
    assert.equal(transport.playedMs, 300);
    assert.deepEqual(received[0], { kind: 'AudioData', audioData: { data: speech(20).toString('base64') } });
  });

  it('tells once when all was heard', async (t) => {
    const { transport, listen, clock } = await connect(t);
    const events = listen();
    transport.sendAudio(speech(250));
    clock.pass(259);
    assert.deepEqual(
      events.filter(({ type }) => type === 'played-out'),
      [],
    );
    clock.pass(1000);
    assert.deepEqual(
      events.filter(({ type }) => type === 'played-out'),
      [{ type: 'played-out' }],
    );
    assert.equal(transport.playedMs, transport.sentMs);
  });

  it('stops on a clear: StopAudio, and not one frame of the old after it', async (t) => {
    const { transport, received, heard, clock } = await connect(t);
    transport.sendAudio(speech(1000));
    clock.pass(500);
    transport.clearAudio();
    assert.deepEqual([transport.playedMs, transport.sentMs], [500, 500]);
    clock.pass(500);
    transport.sendAudio(speech(40, 8));
    await heard();
    const kinds = received.map(({ kind, audioData }) => (audioData ? Buffer.from(audioData.data, 'base64')[0] : kind));
    const old = Array(35).fill(7);
    assert.deepEqual(kinds, [...old, 'StopAudio', 8, 8]);
    assert.deepEqual(received[35], { kind: 'StopAudio', stopAudio: {} });
  });

  it('drops audio that a stalled carrier does not read', async (t) => {
    const { transport, received, heard, carrier, socket, clock } = await connect(t);
    carrier.pause();
    // More than the two kernels keep between them.
    for (let i = 0; i < 40; i++) {
      transport.sendAudio(speech(10_000));
      // It reads nothing, and speaks all the same.
      for (let ms = 0; ms < 10_000; ms += 400) {
        socket.emit('message', Buffer.from('{"kind":"Other"}'), false);
        clock.pass(400);
      }
    }
    carrier.resume();
    await heard();
    assert.ok(received.length < 20_000, 'nothing was dropped');
    transport.clearAudio();
    await heard();
    assert.equal(received.at(-1)?.kind, 'StopAudio');
  });
});

describe('AcsTransport: the end', () => {
  it('is clean when the carrier closes in order', async (t) => {
    const { transport, carrier, clock } = await connect(t);
    const closed = new Promise((resolve) => transport.listen(resolve));
    const left = once(carrier, 'close');
    carrier.close(1000);
    assert.deepEqual(await closed, { type: 'closed', clean: true, code: 1000 });
    await left;
    assert.equal(clock.timers, 0);
  });

  it('is not clean when the socket dies or the service goes away', async (t) => {
    for (const [code, end] of [
      [1006, (carrier: WebSocket) => carrier.terminate()],
      [1001, (carrier: WebSocket) => carrier.close(1001)],
    ] as const) {
      const { transport, carrier } = await connect(t);
      const closed = new Promise((resolve) => transport.listen(resolve));
      end(carrier);
      assert.deepEqual(await closed, { type: 'closed', clean: false, code });
    }
  });

  it('comes once, and nothing is sent after our close', async (t) => {
    const { transport, listen, carrier, received, clock } = await connect(t);
    const events = listen();
    transport.close();
    transport.close();
    transport.sendAudio(speech(100));
    transport.clearAudio();
    clock.pass(500);
    await once(carrier, 'close');
    clock.pass(5_000);
    while (events.length === 0) await new Promise(setImmediate);
    assert.deepEqual([received, events], [[], [{ type: 'closed', clean: true, code: 1000 }]]);
  });
});
