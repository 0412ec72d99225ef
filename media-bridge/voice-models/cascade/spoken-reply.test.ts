// Tests of which words of a reply were heard.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { SpokenReply } from './spoken-reply.ts';

function speak(...pieces: [text: string, ms: number][]): SpokenReply {
  const reply = new SpokenReply();
  for (const [text, ms] of pieces) {
    reply.beginPiece(text);
    reply.addAudio(ms / 2);
    reply.addAudio(ms / 2);
  }
  return reply;
}

it('knows whole pieces by their own length, and words within a piece by their share', () => {
  const reply = speak(['Yes.', 1000], [' We are open today.', 2000]);
  reply.completePiece();
  const table: [heardMs: number, text: string][] = [
    [0, ''],
    [500, ''],
    [999, 'Yes.'],
    [1000, 'Yes.'],
    [2000, 'Yes. We are'],
    [2999, 'Yes. We are open today.'],
    [9000, 'Yes. We are open today.'],
  ];
  for (const [heardMs, text] of table) assert.equal(reply.cutToHeard(heardMs), text, `${heardMs} ms`);
});

it('does not count a piece as heard whose audio still comes, unless all of its words were reached', () => {
  const reply = speak(['Yes.', 1000], [' We are open today.', 2000]);
  assert.equal(reply.cutToHeard(2990), 'Yes. We are open');
  assert.equal(reply.text, 'Yes. We are open today.');
});

it('cuts scripts without spaces at any sign', () => {
  assert.equal(speak(['我们今天营业。', 1400]).cutToHeard(800), '我们今天');
});
