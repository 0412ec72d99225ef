// What every carrier's leg does, as tests to register against one of them.
import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import { bytesPerMs, createSilence, frameBytes } from '../audio/audio-format.ts';
import type { MediaTransport, MediaTransportEvent } from './media-transport.ts';

/** The carrier's end of a leg, and the clock of both. Each promise resolves when the other side has taken it in. */
export interface CarrierEnd {
  readonly transport: MediaTransport;
  /** Audio as it reached the carrier, in the transport's format, and the orders to drop what it holds. */
  readonly received: readonly (Buffer | 'clear')[];
  /** Messages that no carrier should send. */
  readonly nonsense: readonly (string | Buffer)[];
  say(frame: Buffer): Promise<void>;
  press(digit: string): Promise<void>;
  send(message: string | Buffer): Promise<void>;
  /** The carrier plays what it has in real time. */
  advance(ms: number): Promise<void>;
  /** From now on the carrier plays nothing, though time goes on. */
  stall(): void;
  /** The call is over: the carrier closes in order. */
  hangUp(): Promise<void>;
  /** The network fails. */
  drop(): Promise<void>;
}

/** `cannot`: behaviour that the carrier does not allow for, with the reason. */
export function testMediaTransport(
  open: (t: TestContext) => Promise<CarrierEnd>,
  cannot: Readonly<Record<string, string>> = {},
) {
  const names = new Set<string>();
  const test = (name: string, run: (t: TestContext) => Promise<void>) => {
    names.add(name);
    it(name, { skip: cannot[name] ?? false }, run);
  };

  test('begins its timeline at nothing', async (t) => {
    const { transport } = await open(t);
    assert.deepEqual([transport.sentMs, transport.playedMs], [0, 0]);
  });

  test('holds what comes before somebody listens, and delivers it in order', async (t) => {
    const { transport, say, press } = await open(t);
    await say(speech(transport, 20, 1));
    await press('7');
    await say(speech(transport, 20, 2));
    assert.deepEqual(listen(transport), [
      { type: 'audio', audio: speech(transport, 20, 1) },
      { type: 'dtmf', digit: '7' },
      { type: 'audio', audio: speech(transport, 20, 2) },
    ]);
    assert.throws(() => transport.listen(() => {}));
  });

  test('passes on what the caller says byte for byte, silence too', async (t) => {
    const { transport, say } = await open(t);
    const events = listen(transport);
    const frames = [speech(transport, 20, 1), createSilence(transport.format, 20), speech(transport, 20, 2)];
    for (const frame of frames) await say(frame);
    assert.deepEqual(audioOf(events), Buffer.concat(frames));
  });

  test('makes up the silence that the carrier does not send', async (t) => {
    const { transport, say, advance } = await open(t);
    const events = listen(transport);
    await say(createSilence(transport.format, 20));
    await advance(1000);
    const audio = audioOf(events);
    const lengthMs = audio.length / bytesPerMs(transport.format);
    assert.ok(lengthMs > 900 && lengthMs <= 1040, `${lengthMs} ms in a second`);
    const made = audio.subarray(frameBytes(transport.format));
    assert.deepEqual(made, createSilence(transport.format, made.length / bytesPerMs(transport.format)));
  });

  test('passes on keys', async (t) => {
    const { transport, press } = await open(t);
    const events = listen(transport);
    for (const digit of ['1', '*', '#']) await press(digit);
    assert.deepEqual(
      events.map((event) => event.type === 'dtmf' && event.digit),
      ['1', '*', '#'],
    );
  });

  test('ignores what it cannot read, and reads on', async (t) => {
    const { transport, nonsense, send, say } = await open(t);
    const events = listen(transport);
    assert.ok(nonsense.length > 5);
    for (const message of nonsense) await send(message);
    await say(speech(transport, 20));
    assert.deepEqual(events, [{ type: 'audio', audio: speech(transport, 20) }]);
  });

  test('sends audio of any length, as it was when it was given', async (t) => {
    const { transport, received, advance } = await open(t);
    const wanted: Buffer[] = [];
    for (const [index, ms] of [3, 250, 1, 70, 16].entries()) {
      const audio = speech(transport, ms, index + 1);
      wanted.push(Buffer.from(audio));
      transport.sendAudio(audio);
      audio.fill(0x55);
    }
    transport.sendAudio(Buffer.alloc(0));
    assert.equal(transport.sentMs, 340);
    await advance(600);
    const heard = Buffer.concat(received.filter((piece) => piece !== 'clear'));
    assert.deepEqual(heard, Buffer.concat(wanted));
  });

  test('fills up a last piece that is no whole frame, outside of its timeline', async (t) => {
    const { transport, received, advance } = await open(t);
    transport.sendAudio(speech(transport, 30));
    await advance(300);
    const heard = Buffer.concat(received.filter((piece) => piece !== 'clear'));
    assert.deepEqual(heard, Buffer.concat([speech(transport, 30), createSilence(transport.format, 10)]));
    assert.deepEqual([transport.sentMs, transport.playedMs], [30, 30]);
  });

  test('knows at any time what was heard, to a frame, and never more than was sent', async (t) => {
    const { transport, advance } = await open(t);
    transport.sendAudio(speech(transport, 1000));
    assert.equal(transport.sentMs, 1000);
    for (let atMs = 0; atMs <= 1400; atMs += 100) {
      assert.ok(transport.playedMs <= transport.sentMs);
      assert.ok(Math.abs(transport.playedMs - Math.min(atMs, 1000)) <= 20, `${transport.playedMs} at ${atMs} ms`);
      await advance(100);
    }
  });

  test('counts no silence between replies', async (t) => {
    const { transport, advance } = await open(t);
    transport.sendAudio(speech(transport, 100));
    await advance(700);
    assert.deepEqual([transport.sentMs, transport.playedMs], [100, 100]);
    transport.sendAudio(speech(transport, 100));
    assert.deepEqual([transport.sentMs, transport.playedMs], [200, 100]);
    await advance(60);
    assert.ok(Math.abs(transport.playedMs - 160) <= 20, `${transport.playedMs}`);
  });

  test('tells once for each stretch of audio that all of it was heard', async (t) => {
    const { transport, advance } = await open(t);
    const events = listen(transport);
    const told = () => events.filter(({ type }) => type === 'played-out').length;
    transport.sendAudio(speech(transport, 200));
    transport.sendAudio(speech(transport, 100));
    await advance(280);
    assert.equal(told(), 0);
    await advance(400);
    assert.equal(told(), 1);
    assert.equal(transport.playedMs, transport.sentMs);
    transport.sendAudio(speech(transport, 100));
    await advance(400);
    assert.equal(told(), 2);
  });

  test('drops on a clear what was not heard: nothing of it goes out any more, and its timeline ends there', async (t) => {
    const { transport, received, advance } = await open(t);
    transport.sendAudio(speech(transport, 4000, 1));
    await advance(300);
    transport.clearAudio();
    const { sentMs, playedMs } = transport;
    assert.equal(sentMs, playedMs);
    assert.ok(Math.abs(playedMs - 300) <= 20, `${playedMs}`);
    await advance(1000);
    assert.equal(received.filter((piece) => piece === 'clear').length, 1);
    assert.equal(received.at(-1), 'clear');
    assert.deepEqual([transport.sentMs, transport.playedMs], [sentMs, playedMs]);
    transport.sendAudio(speech(transport, 40, 2));
    assert.equal(transport.sentMs, sentMs + 40);
    await advance(200);
    const after = received.slice(received.indexOf('clear') + 1).filter((piece) => piece !== 'clear');
    assert.deepEqual(Buffer.concat(after), speech(transport, 40, 2));
    assert.equal(transport.playedMs, sentMs + 40);
  });

  test('does not take what was cleared for heard', async (t) => {
    const { transport, advance } = await open(t);
    const events = listen(transport);
    const told = () => events.filter(({ type }) => type === 'played-out').length;
    transport.sendAudio(speech(transport, 500));
    await advance(100);
    transport.clearAudio();
    await advance(1000);
    assert.equal(told(), 0);
    transport.sendAudio(speech(transport, 100));
    await advance(60);
    assert.equal(told(), 0);
    await advance(400);
    assert.equal(told(), 1);
  });

  test('is not misled when what follows a clear ends where the cleared audio would have ended', async (t) => {
    const { transport, advance } = await open(t);
    const events = listen(transport);
    transport.sendAudio(speech(transport, 500));
    await advance(100);
    transport.clearAudio();
    transport.sendAudio(speech(transport, 500 - transport.playedMs));
    await advance(200);
    assert.ok(Math.abs(transport.playedMs - 300) <= 40, `${transport.playedMs}`);
    assert.ok(!events.some(({ type }) => type === 'played-out'));
    await advance(600);
    assert.equal(transport.playedMs, 500);
    assert.equal(events.filter(({ type }) => type === 'played-out').length, 1);
  });

  test('has nothing to cut when all was heard', async (t) => {
    const { transport, advance } = await open(t);
    transport.clearAudio();
    transport.sendAudio(speech(transport, 100));
    await advance(400);
    transport.clearAudio();
    transport.clearAudio();
    assert.deepEqual([transport.sentMs, transport.playedMs], [100, 100]);
  });

  test('takes nothing for heard that the carrier did not play', async (t) => {
    const { transport, advance, stall } = await open(t);
    const events = listen(transport);
    transport.sendAudio(speech(transport, 1000));
    await advance(200);
    stall();
    await advance(2000);
    assert.ok(transport.playedMs <= 400, `${transport.playedMs}`);
    assert.ok(!events.some(({ type }) => type === 'played-out'));
  });

  test('ends clean, once and last, when the carrier hangs up', async (t) => {
    const { transport, say, hangUp, advance } = await open(t);
    const events = listen(transport);
    await say(speech(transport, 20));
    transport.sendAudio(speech(transport, 500));
    await hangUp();
    transport.sendAudio(speech(transport, 500));
    await advance(2000);
    assert.deepEqual(
      events.map((event) => (event.type === 'closed' ? { closed: event.clean } : event.type)),
      ['audio', { closed: true }],
    );
  });

  test('ends unclean when the network fails', async (t) => {
    const { transport, drop } = await open(t);
    const events = listen(transport);
    await drop();
    assert.deepEqual(
      events.map((event) => event.type === 'closed' && event.clean),
      [false],
    );
  });

  test('tells its end to whoever listens only afterwards', async (t) => {
    const { transport, say, hangUp } = await open(t);
    await say(speech(transport, 20));
    await hangUp();
    assert.deepEqual(
      listen(transport).map(({ type }) => type),
      ['audio', 'closed'],
    );
  });

  test('closes once however often it is told to, and does nothing afterwards', async (t) => {
    const { transport, received, advance } = await open(t);
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    const events: MediaTransportEvent[] = [];
    transport.listen((event) => {
      events.push(event);
      resolve();
    });
    transport.close();
    transport.close();
    transport.sendAudio(speech(transport, 500));
    transport.clearAudio();
    await closed;
    transport.sendAudio(speech(transport, 500));
    transport.clearAudio();
    transport.close();
    await advance(1000);
    assert.deepEqual([received, events.length, events[0]?.type], [[], 1, 'closed']);
  });

  for (const name of Object.keys(cannot)) assert.ok(names.has(name), `There is no behaviour named "${name}"`);
}

function listen(transport: MediaTransport): MediaTransportEvent[] {
  const events: MediaTransportEvent[] = [];
  transport.listen((event) =>
    events.push(event.type === 'audio' ? { ...event, audio: Buffer.from(event.audio) } : event),
  );
  return events;
}

/** Not silent, and different for each `seed`. */
function speech({ format }: MediaTransport, ms: number, seed = 1): Buffer {
  return Buffer.alloc(bytesPerMs(format) * ms, 16 + seed);
}

function audioOf(events: readonly MediaTransportEvent[]): Buffer {
  return Buffer.concat(events.flatMap((event) => (event.type === 'audio' ? [event.audio] : [])));
}
