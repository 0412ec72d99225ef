// Tests of how one reply of the cascade is made: asked for until there is enough of it, and said once.
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { setImmediate as settle } from 'node:timers/promises';
import { AppError } from '../../../shared/errors.ts';
import { ContentFilteredError } from './chat-stream.ts';
import { ScriptedCascade } from './testing/scripted-cascade.ts';

describe('a reply of the cascade', () => {
  let cascade: ScriptedCascade;
  beforeEach(() => {
    cascade = new ScriptedCascade().listen();
  });

  it('asks without the words that the content filter refused, once', async () => {
    cascade.hear({ type: 'final', text: 'Something bad.', agoMs: 300 });
    cascade.answers[0]!.fail(new ContentFilteredError());
    await settle();
    assert.deepEqual(
      cascade.answers[1]!.messages.slice(1).map((message) => message.split(':')[0]),
      ['system'],
    );
    cascade.answers[1]!.fail(new ContentFilteredError());
    await settle();
    assert.equal(cascade.take().at(-1), 'closed MODEL_PROTOCOL');
  });

  it('asks again when an answer is empty, cut, or nothing that can be said, and then in other words', async () => {
    cascade.hear({ type: 'final', text: 'Are you open?', agoMs: 300 });
    cascade.answers[0]!.write('…').write(' 🎉').end();
    await settle();
    assert.deepEqual(cascade.answers[1]!.messages, cascade.answers[0]!.messages);
    cascade.answers[1]!.write('We are').end('broken');
    await settle();
    assert.deepEqual(
      cascade.answers[2]!.messages.slice(0, -1),
      cascade.answers[0]!.messages,
      'half a sentence was not said',
    );
    assert.match(cascade.answers[2]!.messages.at(-1)!, /^system: .*in words/);
    cascade.answers[2]!.write('Yes, we are.').end();
    await cascade.say('Yes, we are.');
    assert.deepEqual(cascade.take().slice(-2), ['agent: Yes, we are.', 'completed r1']);
  });

  it('gives up on a chat model that answers nothing three times', async () => {
    cascade.hear({ type: 'final', text: 'Are you open?', agoMs: 300 });
    for (const ending of ['stop', 'length', 'stop'] as const) {
      cascade.answers.at(-1)!.end(ending);
      await settle();
    }
    assert.equal(cascade.answers.length, 3);
    assert.equal(cascade.take().at(-1), 'closed MODEL_PROTOCOL');
  });

  for (const ending of ['length', 'broken', 'stalled'] as const) {
    it(`has an answer that was cut (${ending}) gone on with, and says nothing of it twice`, async () => {
      cascade.hear({ type: 'final', text: 'Are you open?', agoMs: 300 });
      cascade.answers[0]!.write('Yes, we are. We close').end(ending);
      await cascade.say('Yes, we are.');
      assert.deepEqual(cascade.answers[1]!.messages.slice(1, 3), ['user: Are you open?', 'assistant: Yes, we are.']);
      assert.match(cascade.answers[1]!.messages[3]!, /^system: .*broke off/);
      cascade.answers[1]!.write('Yes, we are. We close at five.').end();
      await cascade.say('We close at five.');
      assert.deepEqual(cascade.take().slice(-2), ['agent: Yes, we are. We close at five.', 'completed r1']);
      cascade.hear({ type: 'final', text: 'Thanks.', agoMs: 300 });
      assert.deepEqual(cascade.answers[2]!.messages.slice(1), [
        'user: Are you open?',
        'assistant: Yes, we are. We close at five.',
        'user: Thanks.',
      ]);
    });
  }

  it('is content with what was said when the rest cannot be had', async () => {
    cascade.hear({ type: 'final', text: 'Are you open?', agoMs: 300 });
    cascade.answers[0]!.write('Yes, we are. We close').end('length');
    await cascade.say('Yes, we are.');
    cascade.answers[1]!.end('broken');
    await settle();
    cascade.answers[2]!.end('broken');
    await settle();
    assert.equal(cascade.answers.length, 3);
    assert.equal(cascade.take().at(-1), 'completed r1');
  });

  it('changes the subject when the service lets an answer be said no further', async () => {
    cascade.hear({ type: 'final', text: 'Something bad.', agoMs: 300 });
    cascade.answers[0]!.write('Well, this is it. You').end('content_filter');
    await cascade.say('Well, this is it.');
    assert.deepEqual(
      cascade.answers[1]!.messages.slice(1).map((message) => message.split(':')[0]),
      ['assistant', 'system'],
    );
    assert.deepEqual(cascade.take().slice(-1), ['completed r1']);
  });

  it('asks no tool that a cut answer may have garbled', async () => {
    cascade.hear({ type: 'final', text: 'Take a note.', agoMs: 300 });
    cascade.answers[0]!.callThenEnd('length', 'call_1');
    await settle();
    cascade.answers[1]!.call('call_2');
    await settle();
    assert.deepEqual(cascade.take().slice(3), ['tool-call call_2']);
    assert.partialDeepStrictEqual(cascade.events.at(-1), { type: 'tool-call', replyId: undefined });
  });

  it('tells which reply says something in the answer that calls a tool', async () => {
    cascade.hear({ type: 'final', text: 'Bye.', agoMs: 300 });
    cascade.answers[0]!.write('Goodbye.').call('call_1');
    await settle();
    const call = cascade.events.find((event) => event.type === 'tool-call');
    await cascade.say('Goodbye.');
    const reply = cascade.events.find((event) => event.type === 'reply-started');
    assert.equal(call?.replyId, reply?.replyId);
    assert.equal(cascade.answers.length, 1);
  });

  it('reads no markup aloud, and remembers what was said', async () => {
    cascade.hear({ type: 'final', text: 'When?', agoMs: 300 });
    cascade.answers[0]!.write('**Nine** to').write(' fi').write('ve, see [here](https://x.example/a). \n# So').end();
    await cascade.say('Nine to five, see here.');
    await cascade.say('So');
    cascade.hear({ type: 'final', text: 'Thanks.', agoMs: 300 });
    assert.equal(cascade.answers[1]!.messages[2], 'assistant: Nine to five, see here. \nSo');
  });

  it('has the words that did not sound said by another connection when the voice breaks off', async () => {
    cascade.model.requestReply({ say: 'Welcome to Contoso.' });
    await settle();
    cascade.saying!.sound(700);
    cascade.saying!.end(new AppError('MODEL_UNAVAILABLE', 'gone'));
    await cascade.say('Contoso.', 500);
    assert.deepEqual(cascade.take().slice(-2), ['agent: Welcome to Contoso.', 'completed r1']);
  });

  it('gives up on a voice that breaks off twice in one sentence', async () => {
    cascade.model.requestReply({ say: 'Welcome to Contoso.' });
    for (let times = 0; times < 2; times++) {
      await settle();
      cascade.saying!.sound(100);
      cascade.saying!.end(new AppError('MODEL_UNAVAILABLE', 'gone'));
    }
    await settle();
    assert.equal(cascade.take().at(-1), 'closed MODEL_UNAVAILABLE');
  });
});
