// Tests of hearing when speech starts and stops.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTone } from './tone.ts';
import { VoiceActivity } from './voice-activity.ts';

const sampleRate = 16000;
const silence = (ms: number) => new Int16Array((ms * sampleRate) / 1000);
const sound = (ms: number, peak = 6000) => createTone(300, ms, sampleRate, peak);
/** The same hiss every time, about 20 dB over the idle noise of a line. */
function hiss(ms: number, peak: number): Int16Array {
  let state = 7;
  return silence(ms).map(() => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return ((state / 2147483648) * 2 - 1) * peak;
  });
}
const join = (...parts: Int16Array[]) => Int16Array.from(parts.flatMap((part) => [...part]));

describe('voice activity', () => {
  it('starts with the first loud step and stops after the silence asked for', () => {
    const activity = new VoiceActivity({ sampleRate, silenceMs: 500 });
    assert.deepEqual(activity.push(join(silence(320), sound(640), silence(1000))), [
      { type: 'started', atMs: 320 },
      { type: 'stopped', atMs: 320 + 640 + 512 },
    ]);
  });

  it('decides the same whatever pieces the audio comes in', () => {
    const audio = join(silence(200), sound(700), silence(900));
    const whole = new VoiceActivity({ sampleRate }).push(audio);
    const activity = new VoiceActivity({ sampleRate });
    const pieces = [];
    for (let at = 0; at < audio.length; at += 37) pieces.push(...activity.push(audio.subarray(at, at + 37)));
    assert.equal(whole.length, 2);
    assert.deepEqual(pieces, whole);
  });

  it('takes neither a click for speech nor a short pause for its end', () => {
    const activity = new VoiceActivity({ sampleRate, silenceMs: 500 });
    assert.deepEqual(activity.push(join(silence(320), sound(32), silence(320))), []);
    assert.deepEqual(
      activity.push(join(sound(320), silence(400), sound(320))).map(({ type }) => type),
      ['started'],
    );
    assert.equal(activity.speaking, true);
  });

  it('gets used to the noise of a line and hears speech over it', () => {
    const activity = new VoiceActivity({ sampleRate, silenceMs: 300 });
    assert.deepEqual(activity.push(hiss(3000, 300)), []);
    const speech = hiss(640, 300).map((sample, i) => sample + sound(640)[i]!);
    assert.deepEqual(
      activity.push(join(speech, hiss(1000, 300))).map(({ type }) => type),
      ['started', 'stopped'],
    );
  });

  it('hears no speech in lost frames on a noisy line', () => {
    const activity = new VoiceActivity({ sampleRate });
    const audio = join(hiss(1000, 400), silence(200), hiss(1000, 400), silence(640), hiss(1000, 400));
    assert.deepEqual(activity.push(audio), []);
  });

  it('needs louder speech at a higher threshold', () => {
    const quiet = () => join(hiss(2000, 300), sound(640, 800), hiss(1000, 300));
    assert.equal(new VoiceActivity({ sampleRate, threshold: 0.2 }).push(quiet()).length, 2);
    assert.equal(new VoiceActivity({ sampleRate, threshold: 0.9 }).push(quiet()).length, 0);
  });
});
