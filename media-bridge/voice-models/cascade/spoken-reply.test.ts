// Tests of which words of a reply were spoken and heard.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { SpokenReply } from './spoken-reply.ts';

function speak(...pieces: [text: string, ms: number][]): SpokenReply {
  const reply = new SpokenReply();
  for (const [text, ms] of pieces) {
    reply.beginPiece(text);
    reply.addAudio(ms / 2);
    reply.addAudio(ms / 2);
    reply.completePiece();
  }
  return reply;
}

it('knows whole pieces by their own length, and words within a piece by their share', () => {
  const reply = speak(['Yes.', 1000], [' We are open today.', 2000]);
  const table: [heardMs: number, text: string][] = [
    [0, ''],
    [500, ''],
    [999, 'Yes.'],
    [1000, 'Yes.'],
    [2000, 'Yes. We are'],
    [2999, 'Yes. We are open today.'],
    [9000, 'Yes. We are open today.'],
  ];
  for (const [heardMs, text] of table) assert.equal(reply.wordsHeard(heardMs), text, `${heardMs} ms`);
});

it('goes by the speed of speech while the audio of a piece still comes', () => {
  const reply = speak(['Yes.', 400]);
  reply.beginPiece(' We make furniture for offices and for homes.');
  assert.equal(reply.text, 'Yes.');
  reply.addAudio(700);
  assert.equal(reply.text, 'Yes. We make');
  assert.equal(reply.wordsHeard(500), 'Yes.');
  assert.equal(reply.wordsHeard(1100), 'Yes. We make');
  reply.addAudio(5000);
  assert.equal(reply.text, 'Yes. We make furniture for offices and for homes.');
});

it('cuts scripts without spaces at any sign', () => {
  assert.equal(speak(['我们今天营业。', 1400]).wordsHeard(800), '我们今天');
});
