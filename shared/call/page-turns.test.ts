// What a page tells the next bridge of a conversation: what was missed, what was under way, and no more than fits.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { maxPageTurnCharacters, maxPageTurns, type PageTurn, PageTurns } from './page-turns.ts';

function listen() {
  const told: PageTurn[] = [];
  const turns = new PageTurns((more) => told.push(...more));
  const receive = (atMs: number, type: string, fields: object = {}) =>
    turns.receive(JSON.stringify({ type, ...fields }), atMs);
  const say = (id: string, text: string) =>
    receive(0, 'conversation.item.input_audio_transcription.completed', { item_id: id, transcript: text });
  const begin = (id: string, text: string, atMs = 0) => {
    receive(atMs, 'response.output_audio_transcript.delta', { response_id: id, item_id: `of-${id}`, delta: 'Never ' });
    receive(atMs, 'response.output_audio_transcript.done', { response_id: id, item_id: `of-${id}`, transcript: text });
    receive(atMs, 'output_audio_buffer.started', { response_id: id });
  };
  const stop = (id: string) => receive(0, 'output_audio_buffer.stopped', { response_id: id });
  return { told, turns, receive, say, begin, stop };
}

const reopen = ({ turns }: ReturnType<typeof listen>) => {
  turns.lost();
  turns.reopened();
};

describe('the turns of a page', () => {
  it('are its own affair while a bridge follows them', () => {
    const page = listen();
    page.say('item_1', 'Hello.');
    page.begin('resp_1', 'Hi.');
    page.stop('resp_1');
    assert.deepEqual(page.told, []);
  });

  it('are told when a bridge is there again, and those that it cannot follow when they are over', () => {
    const page = listen();
    page.say('item_1', 'Hello.');
    page.begin('resp_1', 'Hi.');
    reopen(page);
    page.turns.joined();
    page.begin('resp_2', 'Followed.');
    page.stop('resp_1');
    page.stop('resp_2');
    assert.deepEqual(page.told, [
      { id: 'item_1', role: 'caller', text: 'Hello.' },
      { id: 'resp_1', role: 'agent', text: 'Hi.' },
    ]);
  });

  it('are cut where the caller speaks over them, and never were where they had no sound yet', () => {
    const page = listen();
    page.begin('resp_1', 'A long story.', 1_000);
    page.receive(1_400, 'response.output_audio_transcript.delta', { response_id: 'resp_2', item_id: 'i', delta: 'No' });
    page.receive(1_500, 'input_audio_buffer.speech_started', { item_id: 'item_1' });
    page.receive(1_600, 'output_audio_buffer.stopped', { response_id: 'resp_1' });
    reopen(page);
    assert.deepEqual(page.told, [{ id: 'resp_1', role: 'agent', text: 'A long story.', heardMs: 500 }]);
  });

  it('fit into one message, however much was said', () => {
    const page = listen();
    for (let n = 0; n < 50; n++) page.say(`item_${n}`, '\u{1f6cb}'.repeat(5_000));
    for (let n = 0; n < 50; n++) page.begin(`resp_${n}`, 'Never ends.');
    reopen(page);
    assert.equal(page.told.length, maxPageTurns);
    assert.ok(page.told.every(({ text }) => text.length <= maxPageTurnCharacters));
    assert.ok(Buffer.byteLength(JSON.stringify(page.told)) < 60 * 1024);
  });

  it('are none where what comes is nothing of the kind', () => {
    const page = listen();
    for (const text of ['{', '{}', '{"type":"output_audio_buffer.stopped"}', '{"type":"nobody.knows"}'])
      page.turns.receive(text, 0);
    page.stop('resp_unknown');
    reopen(page);
    assert.deepEqual(page.told, []);
  });
});
