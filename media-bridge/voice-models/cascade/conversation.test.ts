// Tests of what the chat model is shown of a call.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Conversation } from './conversation.ts';

describe('conversation', () => {
  it('begins with the instructions and what was said before', () => {
    const conversation = new Conversation('Be brief.', [
      { role: 'agent', text: 'Good morning.', interrupted: false, at: 1 },
      { role: 'caller', text: 'Hi.', interrupted: false, at: 2 },
      { role: 'agent', text: '', interrupted: true, at: 3 },
    ]);
    assert.deepEqual(conversation.formatMessages(), [
      { role: 'system', content: 'Be brief.' },
      { role: 'assistant', content: 'Good morning.' },
      { role: 'user', content: 'Hi.' },
    ]);
  });

  it('keeps of an interrupted reply what was heard, and nothing of one that was not', () => {
    const conversation = new Conversation('Be brief.', []);
    conversation.addText('a', 'We open at nine. ');
    conversation.addText('a', 'We close at five.');
    conversation.addText('b', 'Never heard.');
    conversation.cutReply('a', 'We open');
    conversation.cutReply('b', '');
    conversation.cutReply('unknown', 'x');
    assert.deepEqual(conversation.formatMessages().slice(1), [{ role: 'assistant', content: 'We open' }]);
  });

  it('puts tool results right behind their calls, even if the caller spoke in between', () => {
    const conversation = new Conversation('Be brief.', []);
    conversation.addText('a', 'Let me look.');
    conversation.addToolCalls('a', [
      { id: 'call_1', name: 'current_time', input: '{}' },
      { id: 'call_2', name: 'take_note', input: '{"text":"x"}' },
    ]);
    conversation.addCaller('Hurry up.');
    assert.equal(conversation.addToolResult('call_2', '"ok"'), true);
    assert.equal(conversation.awaitsToolResults, true);
    assert.equal(conversation.addToolResult('call_1', '"noon"'), true);
    assert.equal(conversation.awaitsToolResults, false);
    assert.equal(conversation.addToolResult('call_1', '"late"'), false);
    assert.deepEqual(
      conversation
        .formatMessages()
        .slice(1)
        .map((message) => [message.role, message.content]),
      [
        ['assistant', 'Let me look.'],
        ['tool', '"noon"'],
        ['tool', '"ok"'],
        ['user', 'Hurry up.'],
      ],
    );
  });

  it('keeps the tool calls of a reply that was cut', () => {
    const conversation = new Conversation('Be brief.', []);
    conversation.addText('a', 'Let me look.');
    conversation.addToolCalls('a', [{ id: 'call_1', name: 'take_note', input: '{}' }]);
    conversation.cutReply('a', '');
    conversation.addToolResult('call_1', '"ok"');
    assert.deepEqual(conversation.formatMessages()[1], {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'take_note', arguments: '{}' } }],
    });
  });

  it('forgets the oldest turns of a very long call, never the instructions', () => {
    const conversation = new Conversation('Be brief.', []);
    for (let turn = 0; turn < 1000; turn++) conversation.addCaller(`turn ${turn}`);
    const messages = conversation.formatMessages();
    assert.equal(messages.length, 401);
    assert.equal(messages[0]!.content, 'Be brief.');
    assert.equal(messages.at(-1)!.content, 'turn 999');
  });
});
