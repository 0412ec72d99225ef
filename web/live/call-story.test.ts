// How the messages of a feed become the story of a call.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LiveMessage } from '../../shared/call/live-message.ts';
import { addToStory, emptyStory } from './call-story.ts';
import { applyLiveMessage } from './live-calls.ts';

type Told = LiveMessage extends infer Message
  ? Message extends LiveMessage
    ? Omit<Message, 'call_id'>
    : never
  : never;
const tell = (...messages: Told[]) =>
  messages.map((message) => ({ call_id: 'in-1', ...message }) as LiveMessage).reduce(addToStory, emptyStory);

describe('the story of a call', () => {
  it('has what is being said until it was said, and then what of it was heard', () => {
    const partial = { type: 'transcript', role: 'agent', text: 'We are open', final: false, at: 5 } as const;
    assert.equal(tell(partial).partials.agent?.text, 'We are open');
    const story = tell(partial, { ...partial, text: 'We are', final: true, interrupted: true, unheard: 'open', at: 6 });
    assert.equal(story.partials.agent, undefined);
    const [turn] = story.entries;
    assert.ok(turn?.kind === 'turn');
    assert.deepEqual([turn.text, turn.unheard, turn.interrupted], ['We are', 'open', true]);
  });

  it('is in the order in which it happened, however late it is told', () => {
    const said = (text: string, at: number) => ({ type: 'transcript', role: 'caller', text, final: true, at }) as const;
    const story = tell(said('one', 1), said('three', 3), said('two', 2));
    assert.deepEqual(
      story.entries.map((entry) => entry.kind === 'turn' && entry.text),
      ['one', 'two', 'three'],
    );
  });

  it('stays at its end, whatever comes later', () => {
    const story = tell(
      { type: 'status', status: 'active', at: 1 },
      { type: 'status', status: 'ended', reason: 'busy', at: 2 },
      { type: 'status', status: 'active', at: 3 },
      { type: 'event', event: 'media-started', details: {}, at: 4 },
    );
    assert.deepEqual([story.status, story.reason, story.connectedAt, story.endedAt], ['ended', 'busy', 1, 2]);
  });
});

it('a card of a live call that ended does not come to life again', () => {
  const call = { call_id: 'in-1', status: 'active' } as const;
  const ended = applyLiveMessage(call, { call_id: 'in-1', at: 1, type: 'status', status: 'ended', reason: 'busy' });
  assert.deepEqual([ended.status, ended.end_reason], ['ended', 'busy']);
  assert.equal(applyLiveMessage(ended, { call_id: 'in-1', at: 2, type: 'status', status: 'active' }).status, 'ended');
});
