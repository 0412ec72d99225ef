// The announcements as they come with the bridge.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createAudioConverter } from './audio/audio-converter.ts';
import { type AudioFormat, bytesPerMs, mulaw8k, pcm16k, pcm24k } from './audio/audio-format.ts';
import type { Announcement } from './call/waiting-sounds.ts';
import { RecordedAnnouncements } from './recorded-announcements.ts';

const announcements = new RecordedAnnouncements(fileURLToPath(new URL('./announcements', import.meta.url)));
const announcer = announcements.createAnnouncer('en-US');

function samplesOf(audio: Buffer, format: AudioFormat): Int16Array {
  const pcm = format === mulaw8k ? createAudioConverter(mulaw8k, pcm16k).convert(audio) : audio;
  return new Int16Array(new Uint8Array(pcm).buffer);
}
const levelDb = (samples: Int16Array) =>
  20 * Math.log10(Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length) / 32768);
const peak = (samples: Int16Array) => samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);

/** In ms: long enough to be words, short enough not to hold up the reply. */
const lengths: Record<Announcement, readonly [number, number]> = {
  'one-moment': [700, 3_000],
  hold: [300, 500],
  apology: [2_000, 8_000],
};

describe('RecordedAnnouncements', () => {
  for (const announcement of ['one-moment', 'hold', 'apology'] as const) {
    it(`has "${announcement}" in every format, of the same length, as loud as speech and not clipped`, () => {
      for (const format of [mulaw8k, pcm16k, pcm24k]) {
        const audio = announcer.getAudio(announcement, format);
        const ms = audio.length / bytesPerMs(format);
        const [least, most] = lengths[announcement];
        assert.ok(ms >= least && ms <= most, `${ms} ms`);
        const ofMulaw = announcer.getAudio(announcement, mulaw8k).length / 8;
        assert.ok(Math.abs(ms - ofMulaw) < 2, `${ms} ms in ${format.sampleRate} Hz, ${ofMulaw} ms in mu-law`);
        const samples = samplesOf(audio, format);
        assert.ok(levelDb(samples) > -32 && levelDb(samples) < -12, `${levelDb(samples)} dB`);
        assert.ok(peak(samples) < 32_000);
      }
    });
  }

  it('begins and ends its tone without a click', () => {
    const samples = samplesOf(announcer.getAudio('hold', pcm16k), pcm16k);
    assert.ok(peak(samples.subarray(0, 16)) < 100);
    assert.ok(peak(samples.subarray(-16)) < 100);
  });

  it('speaks to every English caller, and says no English word to any other', () => {
    const [english, german] = [announcements.createAnnouncer('en-GB'), announcements.createAnnouncer('de-DE')];
    assert.equal(english.getAudio('apology', mulaw8k), announcer.getAudio('apology', mulaw8k));
    assert.equal(german.getAudio('one-moment', mulaw8k), german.getAudio('hold', mulaw8k));
    const end = german.getAudio('apology', pcm16k);
    assert.ok(end.length / bytesPerMs(pcm16k) < 1000, 'notes, and no words');
    assert.ok(peak(samplesOf(end, pcm16k)) > 3_000);
  });

  it('converts a recording once', () => {
    assert.equal(announcer.getAudio('apology', pcm24k), announcer.getAudio('apology', pcm24k));
  });

  it('does not start without its recordings', () => {
    assert.throws(() => new RecordedAnnouncements('no-such-folder'), /no-such-folder/);
  });
});
