// What is known of what the caller heard on a Twilio stream.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { TestClock } from '../audio/testing/test-clock.ts';
import { TwilioPlayback } from './twilio-playback.ts';

function setUp(t: TestContext) {
  const sent: (number | string)[] = [];
  const wire = {
    congested: false,
    last: Buffer.alloc(0) as Buffer,
    media(audio: Buffer) {
      wire.last = audio;
      sent.push(audio.length);
    },
    mark: (name: string) => sent.push(name),
    clear: () => sent.push('clear'),
  };
  const clock = new TestClock(t);
  const playback = new TwilioPlayback(wire);
  return { playback, wire, sent, clock };
}
const speech = (ms: number) => Buffer.alloc(ms * 8, 0x21);

describe('TwilioPlayback', () => {
  it('sends whole frames at once, with a mark each 100 ms and at the end', (t) => {
    const { playback, sent } = setUp(t);
    playback.add(speech(240));
    assert.deepEqual(sent, [800, 'g1:100', 800, 'g1:200', 320, 'g1:240']);
    assert.equal(playback.sentMs, 240);
  });

  it('follows the clock between marks, and never passes the next mark', (t) => {
    const { playback, clock } = setUp(t);
    playback.add(speech(240));
    clock.pass(60);
    assert.equal(playback.playedMs, 60);
    clock.pass(500);
    assert.equal(playback.playedMs, 100);
  });

  it('goes on from each mark that came back', (t) => {
    const { playback, clock } = setUp(t);
    playback.add(speech(240));
    clock.pass(100);
    playback.acknowledge('g1:100');
    clock.pass(20);
    assert.equal(playback.playedMs, 120);
    playback.acknowledge('g1:200');
    assert.equal(playback.playedMs, 200);
  });

  it('learns from the marks how far away the ear is: what is played until a clear is there is heard too', (t) => {
    const { playback, clock } = setUp(t);
    const oneWayMs = 80;
    playback.add(speech(1_000));
    clock.pass(oneWayMs + 100 + oneWayMs);
    playback.acknowledge('g1:100');
    assert.equal(playback.roundTripMs, 160);
    // The carrier is at 180 ms now, and will be at 260 when a clear arrives.
    assert.equal(playback.playedMs, 260);
    clock.pass(300);
    playback.acknowledge('g1:200');
    playback.acknowledge('g1:300');
    playback.acknowledge('g1:400');
    assert.equal(playback.playedMs, 560);
    // A mark that is late is no longer way.
    assert.equal(playback.roundTripMs, 160);
    // Without another mark nothing beyond the next one is believed, but for the way that its echo has.
    clock.pass(5_000);
    assert.equal(playback.playedMs, 660);
  });

  it('takes what a stall added for no distance, however many marks it delays', (t) => {
    const { playback, sent, clock } = setUp(t);
    const [stalledAtMs, stallMs] = [500, 900];
    playback.manner = 'attentive';
    playback.add(speech(4_000));
    let heardMs = 0;
    for (let atMs = 20; atMs <= 3_000; atMs += 20) {
      clock.pass(20);
      playback.pump();
      heardMs = atMs - Math.max(0, Math.min(stallMs, atMs - stalledAtMs));
      for (const name of sent.splice(0))
        if (typeof name === 'string') {
          if (Number(name.slice(3)) <= heardMs) playback.acknowledge(name);
          else sent.push(name);
        }
    }
    assert.equal(heardMs, 2_100);
    assert.ok(Math.abs(playback.playedMs - heardMs) <= 20, `${playback.playedMs} ms`);
  });

  it('says once that all was heard, and starts the next stretch at the clock of its first frame', (t) => {
    const { playback, clock } = setUp(t);
    playback.add(speech(120));
    assert.equal(playback.acknowledge('g1:100'), false);
    assert.equal(playback.acknowledge('g1:120'), true);
    assert.equal(playback.acknowledge('g1:120'), false);
    assert.equal(playback.playedMs, 120);
    clock.pass(5000);
    playback.add(speech(60));
    assert.equal(playback.playedMs, 120);
    clock.pass(20);
    assert.equal(playback.playedMs, 140);
  });

  it('carries the rest of a frame over to the next audio', (t) => {
    const { playback, sent, clock } = setUp(t);
    playback.add(Buffer.alloc(250));
    clock.pass(40);
    playback.pump();
    assert.deepEqual(sent, [160, 'g1:20']);
    playback.add(Buffer.alloc(70));
    assert.deepEqual(sent, [160, 'g1:20', 160, 'g1:40']);
    assert.equal(playback.sentMs, 40);
  });

  it('gathers two frames before it begins, so that what comes at the pace of speech is never late', (t) => {
    const { playback, sent, clock } = setUp(t);
    playback.add(speech(20));
    assert.deepEqual(sent, []);
    clock.pass(20);
    playback.add(speech(20));
    assert.deepEqual(sent, [320, 'g1:40']);
    clock.pass(22);
    playback.add(speech(20));
    assert.deepEqual(sent, [320, 'g1:40', 160, 'g1:60']);
  });

  it('holds back less than two frames no longer than they last', (t) => {
    const { playback, sent, clock } = setUp(t);
    playback.add(speech(20));
    clock.pass(20);
    playback.pump();
    assert.deepEqual(sent, []);
    clock.pass(20);
    playback.pump();
    assert.deepEqual(sent, [160, 'g1:20']);
  });

  it('pads the last frame just before the line would fall silent, outside the timeline', (t) => {
    const { playback, sent, wire, clock } = setUp(t);
    playback.add(Buffer.alloc(800 + 40, 0x21));
    playback.pump();
    assert.equal(sent.length, 2);
    clock.pass(60);
    playback.pump();
    assert.deepEqual(sent, [800, 'g1:100', 160, 'g1:105']);
    assert.deepEqual([wire.last[39], wire.last[40], wire.last[159]], [0x21, 0xff, 0xff]);
    assert.equal(playback.sentMs, 105);
  });

  it('runs at most two seconds ahead of the ear', (t) => {
    const { playback, sent, clock } = setUp(t);
    playback.add(speech(10_000));
    const onWire = () => sent.filter((item) => typeof item === 'number').reduce((sum, bytes) => sum + bytes, 0) / 8;
    assert.equal(onWire(), 2000);
    assert.equal(playback.sentMs, 10_000);
    clock.pass(500);
    playback.pump();
    assert.equal(onWire(), 2500);
  });

  it('cuts the timeline where the ear was, and takes no echo of a cleared mark for heard', (t) => {
    const { playback, sent, clock } = setUp(t);
    playback.add(speech(3000));
    playback.acknowledge('g1:100');
    clock.pass(40);
    playback.clear();
    assert.equal(sent.at(-1), 'clear');
    assert.equal(playback.playedMs, 140);
    assert.equal(playback.sentMs, 140);
    playback.add(speech(200));
    assert.equal(playback.acknowledge('g1:200'), false);
    assert.equal(playback.acknowledge('g1:2000'), false);
    assert.equal(playback.playedMs, 140);
    assert.deepEqual(sent.slice(-4), [800, 'g2:240', 800, 'g2:340']);
    assert.equal(playback.acknowledge('g2:240'), false);
    assert.equal(playback.acknowledge('g2:340'), true);
    assert.equal(playback.playedMs, 340);
  });

  it('sends no clear when everything was heard', (t) => {
    const { playback, sent, clock } = setUp(t);
    playback.add(speech(20));
    clock.pass(40);
    playback.pump();
    playback.acknowledge('g1:20');
    playback.clear();
    assert.deepEqual(sent, [160, 'g1:20']);
    assert.equal(playback.playedMs, 20);
  });

  it('keeps audio back while the carrier does not read, where a clear still drops it', (t) => {
    const { playback, sent, wire } = setUp(t);
    wire.congested = true;
    playback.add(speech(100));
    assert.deepEqual(sent, []);
    playback.clear();
    wire.congested = false;
    playback.pump();
    assert.deepEqual(sent, []);
    assert.equal(playback.sentMs, 0);
  });

  it('holds ten minutes and counts what finds no room', (t) => {
    const { playback, wire } = setUp(t);
    wire.congested = true;
    playback.add(speech(600_000));
    playback.add(speech(20));
    assert.equal(playback.sentMs, 600_000);
    assert.equal(playback.droppedBytes, 160);
  });

  it('stays close to the ear where somebody may be speaking, and has no gap on the way there and back', (t) => {
    const { playback, sent, clock } = setUp(t);
    playback.manner = 'alert';
    playback.add(speech(1_000));
    const frames = () =>
      sent.flatMap((item) => (typeof item === 'number' ? [item] : [])).reduce((sum, n) => sum + n, 0) / 160;
    for (let tick = 0; tick < 10; tick++) {
      assert.ok(frames() * 20 - tick * 20 <= 60, `${frames()} frames after ${tick * 20} ms`);
      assert.ok(frames() * 20 > tick * 20);
      clock.pass(20);
      playback.pump();
    }
    playback.manner = 'steady';
    assert.equal(frames(), 50);
  });

  it('pauses within 40 ms of what was not sent, and goes on with the sample behind', (t) => {
    const { playback, wire, clock } = setUp(t);
    const heard: Buffer[] = [];
    wire.media = (audio) => heard.push(Buffer.from(audio));
    playback.manner = 'alert';
    const audio = Buffer.from(Uint8Array.from({ length: 8 * 400 }, (_, n) => 0x10 + (n % 7)));
    playback.add(audio);
    clock.pass(20);
    playback.pump();
    playback.manner = 'paused';
    for (let tick = 0; tick < 20; tick++) {
      clock.pass(20);
      playback.pump();
    }
    const pausedMs = Buffer.concat(heard).length / 8;
    assert.ok(pausedMs <= 120, `${pausedMs} ms`);
    assert.equal(playback.sentMs, 400);
    playback.manner = 'steady';
    for (let tick = 0; tick < 20; tick++) {
      clock.pass(20);
      playback.pump();
    }
    // The pause began within the frame that ends it; behind the 20 ms in which the voice rises it is as it was.
    const after = Buffer.concat(heard).subarray(pausedMs * 8 + 160);
    // The last frame is filled up with silence.
    const words = after.subarray(0, after.indexOf(0xff));
    assert.ok(after.length - words.length < 160);
    assert.deepEqual(words, audio.subarray(audio.length - words.length));
  });
});
