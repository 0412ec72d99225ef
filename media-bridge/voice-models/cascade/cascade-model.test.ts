// Tests of the cascade's turns, with services that do what the test says.
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { setImmediate as settle } from 'node:timers/promises';
import { AppError } from '../../../shared/errors.ts';
import { mulaw8k, pcm16k, pcm24k } from '../../audio/audio-format.ts';
import { ScriptedCascade } from './testing/scripted-cascade.ts';

describe('cascade model', () => {
  let cascade: ScriptedCascade;
  beforeEach(() => {
    cascade = new ScriptedCascade().listen();
  });

  it('answers a phrase: the first sentence sounds while the second is being written', async () => {
    cascade.hear({ type: 'hypothesis', text: 'what time', agoMs: 300 });
    cascade.hear({ type: 'final', text: 'What time is it?', agoMs: 300 });
    assert.deepEqual(cascade.answers[0]!.messages, ['system: Be brief.', 'user: What time is it?']);
    cascade.answers[0]!.write('It is noon.').write(' Any');
    await cascade.say('It is noon.');
    cascade.answers[0]!.write('thing else?').end();
    await cascade.say('Anything else?');
    assert.deepEqual(cascade.take(), [
      'caller-started-speaking',
      'caller: what time …',
      'caller-stopped-speaking',
      'caller: What time is it?',
      'reply-started r1',
      'agent: It is noon. …',
      'audio r1',
      'agent: It is noon. Anything else? …',
      'audio r1',
      'agent: It is noon. Anything else?',
      'completed r1',
    ]);
  });

  it('says given words word for word, one request after the other, and remembers them', async () => {
    cascade.model.requestReply({ say: 'Welcome to Contoso.' });
    cascade.model.requestReply({ instructions: 'Offer help.' });
    assert.equal(cascade.answers.length, 0);
    await cascade.say('Welcome to Contoso.');
    assert.deepEqual(cascade.answers[0]!.messages, [
      'system: Be brief.',
      'assistant: Welcome to Contoso.',
      'system: Offer help.',
    ]);
  });

  it('calls tools and goes on once all of them have answered', async () => {
    cascade.hear({ type: 'final', text: 'Take two notes.', agoMs: 300 });
    cascade.answers[0]!.write('One moment.').call('call_1', 'call_2');
    await settle();
    assert.deepEqual(cascade.take().slice(3), ['tool-call call_1', 'tool-call call_2']);
    cascade.model.sendToolResult('call_2', '"two"');
    cascade.model.sendToolResult('call_9', '"nobody asked"');
    await cascade.say('One moment.');
    assert.equal(cascade.answers.length, 1);
    cascade.model.sendToolResult('call_1', '"one"');
    assert.deepEqual(cascade.answers[1]!.messages.slice(2), ['assistant: One moment.', 'tool: "one"', 'tool: "two"']);
  });

  it('stops within the same tick when interrupted, drops late audio and remembers what was heard', async () => {
    cascade.hear({ type: 'final', text: 'Tell me all.', agoMs: 300 });
    cascade.answers[0]!.write('We make chairs and tables. And we ');
    await settle();
    const late = cascade.saying!;
    late.sound(1000);
    cascade.hear({ type: 'hypothesis', text: 'stop', agoMs: 300 });
    cascade.take();
    assert.equal(
      cascade.model.interrupt(cascade.replyId(1), 500),
      'We make',
      'the record says what the model remembers',
    );
    assert.deepEqual(cascade.take(), ['interrupted r1']);
    assert.equal(cascade.answers[0]!.signal.aborted, true);
    assert.equal(cascade.saying, undefined);
    late.sound(1000);
    await settle();
    assert.deepEqual(cascade.take(), []);
    cascade.hear({ type: 'final', text: 'Stop, please.', agoMs: 300 });
    assert.deepEqual(cascade.answers[1]!.messages.slice(1), [
      'user: Tell me all.',
      'assistant: We make',
      'user: Stop, please.',
    ]);
  });

  it('cuts a reply that was made but not yet heard', async () => {
    cascade.model.requestReply({ say: 'Welcome to Contoso.' });
    await cascade.say('Welcome to Contoso.', 1000);
    cascade.model.interrupt(cascade.replyId(1), 600);
    cascade.model.interrupt('unknown', 5);
    cascade.hear({ type: 'final', text: 'Hello.', agoMs: 300 });
    assert.deepEqual(cascade.answers[0]!.messages.slice(1), ['assistant: Welcome to', 'user: Hello.']);
    assert.ok(!cascade.take().includes('interrupted r1'));
  });

  it('thinks again when the caller adds something before the answer sounds', async () => {
    cascade.hear({ type: 'final', text: 'Are you open', agoMs: 300 });
    cascade.answers[0]!.write('Yes, we are. ');
    await settle();
    cascade.hear({ type: 'hypothesis', text: 'on', agoMs: 300 });
    assert.equal(cascade.answers[0]!.signal.aborted, true);
    assert.equal(cascade.answers.length, 1);
    cascade.hear({ type: 'final', text: 'on Sunday?', agoMs: 300 });
    assert.deepEqual(cascade.answers[1]!.messages.slice(1), ['user: Are you open', 'user: on Sunday?']);
    cascade.answers[1]!.write('No.').end();
    await cascade.say('No.');
    assert.equal(cascade.take().at(-1), 'completed r1');
  });

  it('answers after all when what made it think again was no speech', () => {
    cascade.hear({ type: 'final', text: 'Are you open?', agoMs: 300 });
    cascade.hear({ type: 'hypothesis', text: 'on', agoMs: 300 });
    cascade.hear({ type: 'nothing' });
    assert.deepEqual(cascade.answers[1]!.messages.slice(1), ['user: Are you open?']);
  });

  it('speaks given words after all when the caller was faster', async () => {
    cascade.model.requestReply({ say: 'Welcome.' });
    cascade.hear({ type: 'hypothesis', text: 'hello', agoMs: 300 });
    cascade.hear({ type: 'final', text: 'Hello?', agoMs: 300 });
    await cascade.say('Welcome.');
    assert.deepEqual(cascade.answers[0]!.messages.slice(1), ['user: Hello?', 'assistant: Welcome.']);
  });

  it('goes on when a noise interrupted it', async () => {
    cascade.model.requestReply({ say: 'Welcome to Contoso.' });
    await settle();
    cascade.saying!.sound(1000);
    cascade.hear({ type: 'hypothesis', text: 'what', agoMs: 300 });
    cascade.model.interrupt(cascade.replyId(1), 700);
    cascade.hear({ type: 'nothing' });
    assert.match(cascade.answers[0]!.messages.at(-1)!, /^system: .*could not be understood/);
  });

  it('asks again when words had begun in a silent line and came to nothing', () => {
    cascade.hear({ type: 'hypothesis', text: 'what are', agoMs: 300 });
    cascade.hear({ type: 'nothing' });
    assert.match(cascade.answers[0]!.messages.at(-1)!, /^system: .*hear it again/);
  });

  it('lets a noise pass in which no word was guessed', () => {
    cascade.hear({ type: 'nothing' });
    assert.deepEqual(cascade.answers, []);
  });

  it('takes a key that was pressed as the word of the caller', () => {
    cascade.hear({ type: 'final', text: 'One?', agoMs: 300 });
    cascade.model.sendText('The caller pressed the key 4.');
    assert.equal(cascade.answers[0]!.signal.aborted, true);
    assert.deepEqual(cascade.answers[1]!.messages.slice(1), ['user: One?', 'user: The caller pressed the key 4.']);
  });

  it('asks twice to hear again what was said into a silent line and not recognised, and then takes it for a noise', async () => {
    for (const asked of [1, 2, 2]) {
      cascade.hear({ type: 'unheard', agoMs: 2_000 });
      assert.equal(cascade.answers.length, asked);
      assert.match(cascade.answers.at(-1)!.messages.at(-1)!, /^system: .*hear it again/);
      cascade.answers.at(-1)!.write('Pardon?').end();
      await settle();
      cascade.saying?.end();
      await settle();
    }
  });

  it('does not ask what was said while the agent spoke', async () => {
    cascade.model.requestReply({ say: 'Welcome to Contoso.' });
    await cascade.say('Welcome to Contoso.', 10);
    cascade.hear({ type: 'unheard', agoMs: 300 });
    assert.deepEqual(cascade.answers, []);
  });

  it('goes on from what was said before', () => {
    cascade = new ScriptedCascade([
      { role: 'agent', text: 'Welcome.', interrupted: false, at: 1 },
      { role: 'caller', text: 'Are you open?', interrupted: false, at: 2 },
    ]);
    cascade.model.requestReply({ instructions: 'Go on.' });
    assert.deepEqual(cascade.answers[0]!.messages.slice(1), [
      'assistant: Welcome.',
      'user: Are you open?',
      'system: Go on.',
    ]);
  });

  it("does not take the agent's own words for the caller's while it speaks, nor its interruption for an echo", async () => {
    cascade.model.requestReply({ say: 'The office is closed on Saturday.' });
    await settle();
    cascade.saying!.sound(2000);
    cascade.hear({ type: 'hypothesis', text: 'the', agoMs: 0 });
    cascade.hear({ type: 'final', text: 'The', agoMs: 0 });
    assert.deepEqual(cascade.take(), ['reply-started r1', 'agent: The office is closed on Saturday. …', 'audio r1']);
    cascade.hear({ type: 'hypothesis', text: 'saturday', agoMs: 300 });
    assert.equal(cascade.take()[0], 'caller-started-speaking', 'the agent has not said that word yet');
  });

  const losses: [what: string, lose: () => Promise<void>, code: string][] = [
    [
      'recognition is lost',
      async () => cascade.hear({ type: 'closed', error: new AppError('MODEL_UNAVAILABLE', 'gone') }),
      'MODEL_UNAVAILABLE',
    ],
    [
      'the chat model fails',
      async () => cascade.answers[0]!.fail(new AppError('MODEL_THROTTLED', 'busy')),
      'MODEL_THROTTLED',
    ],
    [
      'the voice fails',
      async () => {
        cascade.answers[0]!.write('Hello. And');
        await settle();
        cascade.saying!.end(new AppError('MODEL_REFUSED', 'no'));
      },
      'MODEL_REFUSED',
    ],
  ];
  for (const [what, lose, code] of losses) {
    it(`closes everything with the reason when ${what}`, async () => {
      cascade.hear({ type: 'final', text: 'Hello.', agoMs: 300 });
      await lose();
      await settle();
      cascade.model.close();
      cascade.hear({ type: 'final', text: 'Is anybody there?', agoMs: 300 });
      cascade.model.requestReply({ say: 'x' });
      assert.deepEqual(cascade.take().slice(3), [`closed ${code}`]);
      assert.deepEqual(cascade.closings, ['recognizer', 'synthesizer']);
    });
  }

  it('ends a reply that sounds, and closes without a reason when told to', async () => {
    cascade.model.requestReply({ say: 'Welcome.' });
    await settle();
    cascade.saying!.sound(100);
    cascade.model.close();
    cascade.model.close();
    assert.deepEqual(cascade.take().slice(-2), ['interrupted r1', 'closed']);
  });

  it('keeps what happened before anybody listened', () => {
    cascade = new ScriptedCascade();
    cascade.hear({ type: 'final', text: 'Hello.', agoMs: 300 });
    cascade.listen();
    assert.deepEqual(cascade.take(), ['caller-started-speaking', 'caller-stopped-speaking', 'caller: Hello.']);
  });

  it('wants what recognition can take and gives what the carrier speaks', () => {
    for (const format of [pcm16k, pcm24k, mulaw8k]) {
      const { inputFormat, outputFormat } = new ScriptedCascade([], format).model;
      assert.deepEqual(inputFormat, format === mulaw8k ? mulaw8k : pcm16k);
      assert.deepEqual(outputFormat, format);
    }
  });
});
