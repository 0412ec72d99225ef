// A Twilio media stream over a real socket.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { WebSocket, WebSocketServer } from 'ws';
import { TestClock } from '../audio/testing/test-clock.ts';
import type { MediaTransportEvent } from './media-transport.ts';
import type { TwilioStart } from './twilio-messages.ts';
import { openTwilioTransport } from './twilio-transport.ts';

const start = (format = { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 }) => ({
  event: 'start',
  sequenceNumber: '1',
  start: {
    accountSid: 'AC01',
    streamSid: 'MZ01',
    callSid: 'CA01',
    tracks: ['inbound'],
    mediaFormat: format,
    customParameters: { token: 'good' },
  },
  streamSid: 'MZ01',
});
const media = (timestamp: number, byte: number) => ({
  event: 'media',
  media: {
    track: 'inbound',
    chunk: '1',
    timestamp: String(timestamp),
    payload: Buffer.alloc(160, byte).toString('base64'),
  },
  streamSid: 'MZ01',
});
const mark = (name: string) => ({ event: 'mark', streamSid: 'MZ01', mark: { name } });

/** A socket pair; `carrier` is Twilio's end of it. */
async function connect(t: TestContext) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  t.after(() => server.close());
  await once(server, 'listening');
  const accepted = once(server, 'connection');
  const carrier = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`, {
    perMessageDeflate: false,
  });
  t.after(() => carrier.terminate());
  const received: { event: string; mark?: { name: string }; media?: { payload: string } }[] = [];
  const waiting: (() => void)[] = [];
  carrier.on('message', (data) => {
    received.push(JSON.parse(String(data)));
    for (const wake of waiting.splice(0)) wake();
  });
  const [ours] = (await accepted) as [WebSocket];
  await once(carrier, 'open');
  return {
    ours,
    carrier,
    received,
    say: (...messages: object[]) => {
      for (const message of messages) carrier.send(JSON.stringify(message));
    },
    async until(reached: () => boolean) {
      while (!reached()) await new Promise<void>((resolve) => waiting.push(resolve));
    },
  };
}

/** Collects the events of a leg, and waits for the first of a type. */
function collect() {
  const events: MediaTransportEvent[] = [];
  const waiting: (() => void)[] = [];
  return {
    events,
    listener: (event: MediaTransportEvent) => {
      events.push(event);
      for (const wake of waiting.splice(0)) wake();
    },
    async first<Type extends MediaTransportEvent['type']>(type: Type) {
      for (;;) {
        const found = events.find((event) => event.type === type);
        if (found) return found as Extract<MediaTransportEvent, { type: Type }>;
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
  };
}

const admit = async (start: TwilioStart) => {
  if (start.parameters.token !== 'good') throw new Error('not our token');
  return start.callSid;
};

async function open(t: TestContext) {
  const pair = await connect(t);
  const time = new TestClock(t);
  const opening = openTwilioTransport(pair.ours, admit);
  pair.say({ event: 'connected', protocol: 'Call', version: '1.0.0' }, start());
  return { ...pair, ...(await opening), time, ...collect() };
}

describe('openTwilioTransport', () => {
  it('gives the leg and what the token said', async (t) => {
    const { transport, ticket, start } = await open(t);
    assert.equal(ticket, 'CA01');
    assert.equal(start.streamSid, 'MZ01');
    assert.deepEqual(
      [transport.carrier, transport.format, transport.sentMs, transport.playedMs],
      ['twilio', { encoding: 'mulaw', sampleRate: 8000 }, 0, 0],
    );
  });

  it('closes the door to a wrong token before any audio moves', async (t) => {
    const { ours, say, carrier, received } = await connect(t);
    const opening = openTwilioTransport(ours, async () => {
      throw new Error('not our token');
    });
    say(start(), media(60, 0x21));
    await assert.rejects(opening, /not our token/);
    const [code] = await once(carrier, 'close');
    assert.equal(code, 1008);
    assert.deepEqual(received, []);
  });

  it('hears, counts and ends by nothing that is of another stream', async (t) => {
    const { transport, say, events, listener, first } = await open(t);
    transport.listen(listener);
    const other = (message: object) => ({ ...message, streamSid: 'MZ02' });
    const key = (digit: string) => ({ event: 'dtmf', streamSid: 'MZ01', dtmf: { track: 'inbound_track', digit } });
    say(other(media(20, 0x21)), other(key('1')), other({ event: 'stop' }), media(20, 0x31), key('2'));
    assert.equal((await first('dtmf')).digit, '2');
    const heard = events.flatMap((event) => (event.type === 'audio' ? [...event.audio] : []));
    assert.ok(heard.includes(0x31) && !heard.includes(0x21));
    assert.ok(events.every(({ type }) => type !== 'closed'));
  });

  it('refuses audio that is not mu-law at 8000 Hz', async (t) => {
    const { ours, say } = await connect(t);
    const opening = openTwilioTransport(ours, admit);
    say(start({ encoding: 'audio/l16', sampleRate: 16000, channels: 1 }));
    await assert.rejects(opening, /audio\/l16 at 16000 Hz/);
  });

  it('does not wait for ever for the start', async (t) => {
    const { ours, say } = await connect(t);
    const clock = new TestClock(t);
    const opening = openTwilioTransport(ours, admit);
    const heard = once(ours, 'message');
    say({ event: 'connected', protocol: 'Call', version: '1.0.0' });
    await heard;
    clock.pass(5_000);
    await assert.rejects(opening, /no start/);
  });

  it('refuses a stream that begins with audio, and one that closes', async (t) => {
    const first = await connect(t);
    first.say(media(60, 0x21));
    await assert.rejects(openTwilioTransport(first.ours, admit), /did not begin with start/);
    const second = await connect(t);
    const opening = openTwilioTransport(second.ours, admit);
    second.carrier.terminate();
    await assert.rejects(opening, /closed before start/);
  });
});

describe('TwilioTransport', () => {
  it('keeps what arrives before somebody listens', async (t) => {
    const pair = await connect(t);
    const allArrived = once(pair.ours, 'ping');
    const opening = openTwilioTransport(pair.ours, () => allArrived);
    pair.say(start(), media(60, 0x21), {
      event: 'dtmf',
      streamSid: 'MZ01',
      dtmf: { track: 'inbound_track', digit: '5' },
    });
    pair.say({ event: 'stop', sequenceNumber: '4', stop: {}, streamSid: 'MZ01' });
    pair.carrier.ping();
    const { transport } = await opening;
    const { events, listener, first } = collect();
    transport.listen(listener);
    pair.carrier.close();
    await first('closed');
    assert.deepEqual(
      events.map((event) => event.type),
      ['audio', 'dtmf', 'closed'],
    );
  });

  it('says what was heard when the last mark comes back', async (t) => {
    const { transport, say, received, until, listener, first, time } = await open(t);
    transport.listen(listener);
    transport.sendAudio(Buffer.alloc(1600, 0x21));
    await until(() => received.length === 4);
    assert.deepEqual(
      received.map((message) => message.mark?.name ?? message.media?.payload.length),
      [1068, 'g1:100', 1068, 'g1:200'],
    );
    time.pass(60);
    assert.equal(transport.playedMs, 60);
    say(mark('g1:100'), mark('g1:200'));
    await first('played-out');
    assert.equal(transport.playedMs, 200);
  });

  it('clears the buffer of Twilio and starts anew from what was heard', async (t) => {
    const { transport, say, received, until, listener, first, time, events } = await open(t);
    transport.listen(listener);
    transport.sendAudio(Buffer.alloc(8000, 0x21));
    time.pass(40);
    transport.clearAudio();
    assert.deepEqual([transport.playedMs, transport.sentMs], [40, 40]);
    transport.sendAudio(Buffer.alloc(160, 0x21));
    time.pass(40);
    await until(() => received.at(-1)?.mark?.name === 'g2:60');
    assert.equal(received.filter((message) => message.event === 'clear').length, 1);
    say(mark('g1:100'), mark('g1:1000'));
    assert.equal(
      events.some((event) => event.type === 'played-out'),
      false,
    );
    say(mark('g2:60'));
    await first('played-out');
    assert.equal(transport.playedMs, 60);
  });

  it('survives nonsense', async (t) => {
    const { transport, carrier, say, listener, first } = await open(t);
    transport.listen(listener);
    carrier.send('{');
    carrier.send(Buffer.from([1, 2, 3]));
    say({ event: 'media' }, { event: 'weather' }, start(), mark('never sent'), media(60, 0x21));
    const { audio } = await first('audio');
    assert.equal(audio.length, 160);
  });

  it('hands on silence while Twilio sends nothing', async (t) => {
    const { transport, say, listener, first, time, events } = await open(t);
    transport.listen(listener);
    say(media(60, 0x7e));
    await first('audio');
    time.pass(500);
    assert.deepEqual(
      events.slice(1).map((event) => event.type === 'audio' && event.audio[0]),
      Array(25).fill(0xff),
    );
  });

  it('ends clean after stop, and leaves it to Twilio to close', async (t) => {
    const { transport, carrier, ours, say, listener, first, events, time } = await open(t);
    transport.listen(listener);
    say({ event: 'stop', sequenceNumber: '2', stop: { callSid: 'CA01' }, streamSid: 'MZ01' });
    const left = Promise.all([once(carrier, 'close'), once(ours, 'close')]);
    carrier.close();
    assert.deepEqual(await first('closed'), { type: 'closed', clean: true, code: 1000 });
    await left;
    const told = events.length;
    time.pass(60_000);
    assert.equal(events.length, told, 'nothing of it goes on');
  });

  it('ends unclean when the socket dies', async (t) => {
    const { transport, carrier, listener, first } = await open(t);
    transport.listen(listener);
    carrier.terminate();
    assert.deepEqual(await first('closed'), { type: 'closed', clean: false, code: 1006 });
  });

  it('closes once, and sends nothing afterwards', async (t) => {
    const { transport, carrier, listener, first, events, received, time } = await open(t);
    transport.listen(listener);
    transport.close();
    transport.close();
    transport.sendAudio(Buffer.alloc(160));
    transport.clearAudio();
    time.pass(100);
    const [code] = await once(carrier, 'close');
    assert.equal(code, 1000);
    await first('closed');
    assert.deepEqual([received, events.length], [[], 1]);
  });
});
