// How holes in a Twilio stream are filled.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TwilioGapFiller } from './twilio-gap-filler.ts';

function setUp() {
  const heard: string[] = [];
  const clock = { ms: 0 };
  const filler = new TwilioGapFiller(
    (audio) => heard.push(`${audio[0] === 0xff ? 'silence' : 'speech'} ${audio.length / 8}`),
    () => clock.ms,
  );
  return { filler, heard, clock, silenceMs: () => heard.reduce((sum, text) => sum + silence(text), 0) };
}
const silence = (text: string) => (text.startsWith('silence') ? Number(text.slice(8)) : 0);
const frame = Buffer.alloc(160, 0x21);

describe('TwilioGapFiller', () => {
  it('passes frames without holes as they are, whatever the first timestamp', () => {
    const { filler, heard } = setUp();
    for (const timestamp of [60, 80, 100]) filler.receive(timestamp, frame);
    assert.deepEqual(heard, ['speech 20', 'speech 20', 'speech 20']);
  });

  it('fills a jump of the timestamps', () => {
    const { filler, heard } = setUp();
    filler.receive(60, frame);
    filler.receive(580, frame);
    assert.deepEqual(heard, ['speech 20', 'silence 500', 'speech 20']);
  });

  it('makes silence by the clock while nothing comes, and does not fill the same hole twice', () => {
    const { filler, heard, clock, silenceMs } = setUp();
    filler.receive(60, frame);
    clock.ms = 100;
    filler.tick();
    assert.equal(silenceMs(), 0);
    clock.ms = 120;
    filler.tick();
    assert.equal(silenceMs(), 120);
    clock.ms = 200;
    filler.tick();
    assert.equal(silenceMs(), 200);
    filler.receive(60 + 20 + 300, frame);
    assert.equal(silenceMs(), 300);
    assert.equal(heard.at(-1), 'speech 20');
  });

  it('drops no word that is only late', () => {
    const { filler, heard, clock } = setUp();
    filler.receive(0, frame);
    clock.ms = 200;
    filler.tick();
    for (const timestamp of [20, 40, 60]) filler.receive(timestamp, frame);
    assert.equal(heard.filter((text) => text === 'speech 20').length, 4);
    filler.receive(80, frame);
    assert.equal(heard.at(-2), 'speech 20');
  });

  it('stops after ten seconds', () => {
    const { filler, clock, silenceMs } = setUp();
    filler.receive(0, frame);
    clock.ms = 60_000;
    filler.tick();
    assert.equal(silenceMs(), 10_000);
    filler.receive(60_000, frame);
    assert.equal(silenceMs(), 10_000);
  });
});
