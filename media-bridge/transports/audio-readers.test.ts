// Holds the readers of audio by bytes to the parsers: what they take they read alike, and they take what the carriers write.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AcsAudioReader } from './acs-audio-reader.ts';
import { parseAcsMessage } from './acs-messages.ts';
import { TwilioAudioReader } from './twilio-audio-reader.ts';
import { parseTwilioMessage } from './twilio-messages.ts';

const pcm = Buffer.from(Int16Array.from({ length: 40 }, (_, i) => i * 700 - 9_000).buffer).toString('base64');
const acsFrames = [
  `{"kind":"AudioData","audioData":{"timestamp":"2026-01-15T10:16:12.925Z","participantRawID":"4:+15550100","data":"${pcm}","silent":false}}`,
  `{"kind":"AudioData","audioData":{"timestamp":"2026-01-15T10:16:12.945Z","participantRawID":"4:+15550100","data":"${pcm}","silent":true}}`,
  `{"kind":"AudioData","audioData":{"timestamp":"2026-01-15T10:16:12.965Z","data":"${pcm}","silent":false}}`,
];
const twilioFrame = `{"event":"media","sequenceNumber":"4","media":{"track":"inbound","chunk":"2","timestamp":"40","payload":"${Buffer.alloc(160, 0x5a).toString('base64')}"},"streamSid":"MZ01"}`;

/** Bytes that matter to JSON, to base64 and to text, beside any. */
const telling = [...Buffer.from('"\\{}[],:=+/-_ 0At\n\u0000\u007f'), 0xc3, 0xa9, 0xff];

function createDice() {
  let state = 2026;
  return (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function damage(text: string, dice: (below: number) => number): Buffer {
  const bytes = [...Buffer.from(text)];
  for (let times = dice(3); times >= 0; times--) {
    const at = dice(bytes.length);
    const byte = dice(2) === 0 ? telling[dice(telling.length)]! : dice(256);
    const what = dice(4);
    if (what === 0) bytes.splice(at, 1);
    else if (what === 1) bytes.splice(at, 0, byte);
    else if (what === 2) bytes.splice(at, dice(12), ...bytes.slice(0, dice(12)));
    else bytes[at] = byte;
  }
  return Buffer.from(bytes);
}

describe('the reader of ACS', () => {
  it('reads frames as the parser does', () => {
    const reader = new AcsAudioReader();
    for (const text of acsFrames) {
      const bytes = Buffer.from(`before ${text} after`);
      assert.deepEqual(reader.read(bytes, 7, 7 + text.length), parseAcsMessage(text));
    }
  });

  it('takes nothing that the parser reads otherwise', () => {
    const reader = new AcsAudioReader();
    const dice = createDice();
    let taken = 0;
    for (let i = 0; i < 6_000; i++) {
      const bytes = damage(acsFrames[i % acsFrames.length]!, dice);
      const message = reader.read(bytes, 0, bytes.length);
      if (!message) continue;
      taken += 1;
      assert.deepEqual(message, parseAcsMessage(bytes.toString()), bytes.toString('latin1'));
    }
    assert.ok(taken > 50, `${taken} of the damaged frames were still frames`);
  });
});

describe('the reader of Twilio', () => {
  it('reads frames as the parser does', () => {
    const bytes = Buffer.from(twilioFrame);
    const expected = parseTwilioMessage(twilioFrame, 'MZ01');
    assert.deepEqual(new TwilioAudioReader('MZ01').read(bytes, 0, bytes.length), expected);
  });

  it('leaves frames of another stream to the parser', () => {
    const bytes = Buffer.from(twilioFrame);
    assert.equal(new TwilioAudioReader('MZ02').read(bytes, 0, bytes.length), undefined);
  });

  it('takes nothing that the parser reads otherwise', () => {
    const reader = new TwilioAudioReader('MZ01');
    const dice = createDice();
    let taken = 0;
    for (let i = 0; i < 6_000; i++) {
      const bytes = damage(twilioFrame, dice);
      const message = reader.read(bytes, 0, bytes.length);
      if (!message) continue;
      taken += 1;
      assert.deepEqual(message, parseTwilioMessage(bytes.toString(), 'MZ01'), bytes.toString('latin1'));
    }
    assert.ok(taken > 50, `${taken} of the damaged frames were still frames`);
  });
});
