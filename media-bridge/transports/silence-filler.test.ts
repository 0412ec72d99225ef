// How holes in a carrier's stream are filled.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { mulaw8k } from '../audio/audio-format.ts';
import { MediaCounts } from '../audio/media-counts.ts';
import { TestClock } from '../audio/testing/test-clock.ts';
import { SilenceFiller } from './silence-filler.ts';

function setUp(t: TestContext) {
  const heard: string[] = [];
  const clock = new TestClock(t);
  const counts = new MediaCounts();
  const filler = new SilenceFiller(
    mulaw8k,
    (audio) => heard.push(`${audio[0] === 0xff ? 'silence' : 'speech'} ${audio.length / 8}`),
    counts,
  );
  return { filler, heard, clock, counts, silenceMs: () => heard.reduce((sum, text) => sum + silence(text), 0) };
}
const silence = (text: string) => (text.startsWith('silence') ? Number(text.slice(8)) : 0);
/** Of a line on which nobody speaks. */
const frame = Buffer.alloc(160, 0x7e);
const speech = Buffer.alloc(160, 0x21);

describe('SilenceFiller', () => {
  it('passes frames without holes as they are, whatever the first timestamp', (t) => {
    const { filler, heard } = setUp(t);
    for (const timestamp of [60, 80, 100]) filler.receive(frame, timestamp);
    assert.deepEqual(heard, ['speech 20', 'speech 20', 'speech 20']);
  });

  it('takes stamps that are off by a millisecond for no hole, and a lost frame for one', (t) => {
    const { filler, heard, counts } = setUp(t);
    for (const timestamp of [60, 81, 99, 120, 139]) filler.receive(frame, timestamp);
    assert.ok(
      heard.every((text) => text === 'speech 20'),
      heard.join(),
    );
    filler.receive(frame, 181);
    assert.deepEqual(heard.slice(-2), ['silence 20', 'speech 20']);
    assert.equal(counts.filledMs, 20);
  });

  it('makes up no silence in the midst of speech that is held up, and comes in a burst', (t) => {
    const { filler, heard, clock } = setUp(t);
    filler.receive(speech, 60);
    for (let ms = 0; ms < 1500; ms += 20) {
      clock.pass(20);
      filler.tick();
    }
    for (let timestamp = 80; timestamp < 1600; timestamp += 20) filler.receive(speech, timestamp);
    assert.ok(
      heard.every((text) => text === 'speech 20'),
      heard.join(),
    );
  });

  it('makes up none in a pause between two words either, and waits no longer where a carrier is known to rest', (t) => {
    const { filler, clock, silenceMs } = setUp(t);
    const pass = (ms: number) => {
      clock.pass(ms);
      filler.tick();
    };
    let timestamp = 60;
    const say = (...frames: readonly Buffer[]) => {
      for (const [n, audio] of frames.entries()) filler.receive(audio, timestamp + n * 20);
      timestamp += frames.length * 20;
    };
    const pause = Array.from({ length: 10 }, () => frame);
    say(speech, ...pause);
    pass(1_500);
    assert.equal(silenceMs(), 0);
    say(speech, ...pause, ...pause);
    pass(1_500);
    assert.equal(silenceMs(), 1_500);
    timestamp += 1_500;
    say(speech, ...pause);
    assert.equal(filler.isRestful, true);
    pass(500);
    assert.equal(silenceMs(), 2_000);
  });

  it('makes up silence after speech too, when nothing comes for longer than any hiccup', (t) => {
    const { filler, clock, silenceMs } = setUp(t);
    filler.receive(speech, 60);
    clock.pass(2_020);
    filler.tick();
    assert.equal(silenceMs(), 2_020);
  });

  it('fills a jump of the timestamps', (t) => {
    const { filler, heard } = setUp(t);
    filler.receive(frame, 60);
    filler.receive(frame, 580);
    assert.deepEqual(heard, ['speech 20', 'silence 500', 'speech 20']);
  });

  it('makes silence by the clock while nothing comes, and does not fill the same hole twice', (t) => {
    const { filler, heard, clock, silenceMs } = setUp(t);
    filler.receive(frame, 60);
    clock.pass(400);
    filler.tick();
    assert.equal(silenceMs(), 0);
    clock.pass(20);
    filler.tick();
    assert.equal(silenceMs(), 420);
    clock.pass(80);
    filler.tick();
    assert.equal(silenceMs(), 500);
    filler.receive(frame, 60 + 20 + 600);
    assert.equal(silenceMs(), 600);
    assert.equal(heard.at(-1), 'speech 20');
  });

  it('knows a carrier that sends nothing in silence from one that is late, and from one that lost frames at once', (t) => {
    const { filler, clock } = setUp(t);
    const pass = (ms: number) => {
      clock.pass(ms);
      filler.tick();
    };
    filler.receive(frame, 60);
    pass(1_500);
    for (const timestamp of [80, 100, 120]) filler.receive(frame, timestamp);
    filler.receive(frame, 1_600);
    assert.equal(filler.isRestful, false);
    pass(1_500);
    filler.receive(frame, 3_100);
    assert.equal(filler.isRestful, true);
  });

  it('drops no word that is only late', (t) => {
    const { filler, heard, clock } = setUp(t);
    filler.receive(frame, 0);
    clock.pass(500);
    filler.tick();
    for (const timestamp of [20, 40, 60]) filler.receive(frame, timestamp);
    assert.equal(heard.filter((text) => text === 'speech 20').length, 4);
    filler.receive(frame, 80);
    assert.equal(heard.at(-2), 'speech 20');
  });

  it('stops after ten seconds', (t) => {
    const { filler, clock, silenceMs } = setUp(t);
    filler.receive(frame, 0);
    clock.pass(60000);
    filler.tick();
    assert.equal(silenceMs(), 10_000);
    filler.receive(frame, 60_000);
    assert.equal(silenceMs(), 10_000);
  });

  it('fills by the clock alone where a stream does not tell its time', (t) => {
    const { filler, heard, clock, silenceMs } = setUp(t);
    filler.receive(frame);
    clock.pass(600);
    filler.tick();
    assert.equal(silenceMs(), 600);
    filler.receive(frame);
    assert.deepEqual([heard.at(-1), silenceMs()], ['speech 20', 600]);
  });
});
