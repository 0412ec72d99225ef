// Tests of outbound calls that a machine may have picked up: what the agent does, and what it refrains from.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { parseAgent } from '../../../shared/agents/agent.ts';
import type { CallId } from '../../../shared/call/call.ts';
import { AppError } from '../../../shared/errors.ts';
import { mulaw8k } from '../../audio/audio-format.ts';
import { settled, startTestSession } from '../testing/test-session.ts';
import type { AnswerVerdict } from './answer-detector.ts';
import { AnswerScreening } from './answer-screening.ts';
import { FakeCallee } from './testing/fake-callee.ts';

const message = 'This is Contoso. Please call us back.';

function createAgent(onMachine: 'hang-up' | 'leave-message') {
  const front = `name: test\ngreeting: Hello.\nmodels: [gpt-realtime, voice-live]\ntools: [take_note, hang_up]\non_machine: ${onMachine}`;
  return parseAgent('test.md', `---\n${front}\nvoicemail_message: ${message}\n---\nBe kind.`);
}

async function startOutbound(
  t: TestContext,
  options: { onMachine?: 'hang-up' | 'leave-message'; answeredBy?: AnswerVerdict } = {},
) {
  const agent = createAgent(options.onMachine ?? 'leave-message');
  const { answeredBy } = options;
  const test = await startTestSession(t, {
    agent,
    createScreening: (line) => new AnswerScreening({ agent, format: mulaw8k, answeredBy, line }),
  });
  const callee = new FakeCallee(test.transport);
  const said = (model = test.model) => model.done.filter(([what]) => what === 'reply').map(([, words]) => words);
  const verdicts = async () => {
    await settled();
    return (await test.find('answered-by')).map((fact) => fact.answeredBy);
  };
  let told = 0;
  const tell = (by: AnswerVerdict) => {
    const id = `told-${told++}`;
    test.session.observe({ type: 'answered-by', answeredBy: by, id, callId: 'call-1' as CallId, at: 1 });
  };
  return { ...test, callee, said, verdicts, tell };
}

describe('a person who picks up', () => {
  it('is greeted at once and goes on talking with the agent', async (t) => {
    const { callee, model, said, verdicts, transport } = await startOutbound(t);
    assert.deepEqual(said(), ['Hello.']);
    callee.talks(600).isSilent(1000);
    assert.deepEqual(await verdicts(), ['person']);
    model.speak('a', 'I call about your order.', 500);
    assert.equal(transport.sentMs, 500);
    callee.talks(5000).isSilent(3000).talks(4000);
    assert.deepEqual(await verdicts(), ['person']);
    assert.ok(!model.done.some(([what]) => what === 'interrupt'));
  });

  it('stays one once answered: no late verdict, beep or word about messages ends the conversation', async (t) => {
    const { callee, model, verdicts, transport, hangUps, tell } = await startOutbound(t, { onMachine: 'hang-up' });
    const talk = (turn: string, question: string) => {
      model.emit({ type: 'caller-started-speaking' });
      model.emit({ type: 'caller-stopped-speaking' });
      model.emit({ type: 'transcript', role: 'caller', turnId: turn, text: question, final: true });
      model.speak(`to ${turn}`, 'An answer.', 1_000);
    };
    callee.talks(2_500);
    talk('a', 'Hello, this is Smith and Sons, who is calling please?');
    transport.playOut();
    talk('b', 'And what about?');
    assert.deepEqual(await verdicts(), ['person']);
    tell('machine');
    callee.beeps(700).isSilent(300).talks(5_000);
    model.emit({
      type: 'transcript',
      role: 'caller',
      turnId: 'c',
      text: 'Please leave a message after the tone.',
      final: true,
    });
    assert.deepEqual([hangUps, transport.done], [[], []]);
    assert.deepEqual(await verdicts(), ['person', 'person'], 'the last word stands');
  });

  it('is still in doubt while a machine talks into every answer', async (t) => {
    const { model, transport, hangUps, tell } = await startOutbound(t, { onMachine: 'hang-up' });
    for (const turn of ['a', 'b', 'c']) {
      model.emit({ type: 'caller-started-speaking' });
      model.emit({ type: 'caller-stopped-speaking' });
      model.emit({ type: 'transcript', role: 'caller', turnId: turn, text: 'For sales press one.', final: true });
      model.speak(`to ${turn}`, 'An answer.', 1_000);
      transport.playedMs += 300;
    }
    tell('machine');
    assert.equal(hangUps.length, 1);
  });

  it('may hum', async (t) => {
    const { callee, verdicts, hangUps } = await startOutbound(t, { onMachine: 'hang-up' });
    callee.isSilent(300).beeps(700, 300).isSilent(1_000);
    assert.deepEqual([await verdicts(), hangUps], [['person'], []]);
  });

  it('is talked with when nobody can tell who it is', async (t) => {
    const { callee, model, verdicts, transport } = await startOutbound(t);
    callee.isSilent(8000);
    assert.deepEqual(await verdicts(), ['unknown']);
    model.speak('a', 'Are you there?', 500);
    assert.equal(transport.sentMs, 500);
  });

  it('talks over the message that was meant for a machine, and the conversation goes on', async (t) => {
    const { callee, model, verdicts, said, transport, hangUps, journal } = await startOutbound(t);
    callee.talks(4000).isSilent(1600);
    assert.deepEqual(await verdicts(), ['machine']);
    model.speak('greeting', 'Hello.', 300);
    callee.isSilent(20);
    assert.equal(said().at(-1), message);
    model.speak('message', message, 4000);
    callee.talks(800);
    assert.equal(transport.sentMs, 0, 'the message was cut');
    assert.match(String(said().at(-1)), /machine/);
    assert.equal(journal.state.answeredBy, 'person');
    model.speak('sorry', 'Excuse me.', 500);
    transport.playOut();
    assert.deepEqual(hangUps, []);
    callee.talks(20);
    assert.deepEqual(model.done.at(-1), ['audio', 160]);
  });
});

describe('a machine that picks up', () => {
  it('ends the call when the agent leaves no messages', async (t) => {
    const { callee, hangUps, find, session } = await startOutbound(t, { onMachine: 'hang-up' });
    callee.talks(4000);
    assert.equal(hangUps.length, 1);
    await session.ended;
    assert.equal((await find('hang-up-requested'))[0]?.reason, 'voicemail');
    assert.equal((await find('answered-by'))[0]?.answeredBy, 'machine');
  });

  it('is left the message after the beep, and the line closes when the message was heard', async (t) => {
    const { callee, model, said, transport, hangUps, journal } = await startOutbound(t);
    model.speak('greeting', 'Hello and good morning to you.', 5000);
    transport.playedMs = 3000;
    callee.talks(4000);
    assert.deepEqual(model.done.at(-1), ['audio', 160]);
    assert.ok(model.done.some(([what, id]) => what === 'interrupt' && id === 'greeting'));
    callee.talks(3000).isSilent(400).beeps();
    assert.ok(!said().includes(message), 'it waits for the end of the beep');
    callee.isSilent(200);
    assert.equal(said().at(-1), message);
    model.speak('message', message, 4000);
    callee.isSilent(4000);
    assert.deepEqual(hangUps, []);
    transport.playOut();
    assert.equal(hangUps.length, 1);
    assert.equal(journal.state.askedToEnd, 'voicemail');
    assert.deepEqual(
      journal.state.turns.map(({ text, interrupted }) => [text, interrupted]),
      [
        ['Hello and good', true],
        [message, false],
      ],
    );
  });

  it('is left the message when it falls silent without a beep', async (t) => {
    const { callee, model, said } = await startOutbound(t);
    model.speak('greeting', 'Hello.', 300);
    callee.talks(5000).isSilent(1400);
    assert.ok(!said().includes(message));
    callee.isSilent(200);
    assert.equal(said().at(-1), message);
  });

  it('is left the message after half a minute of talk that does not end', async (t) => {
    const { callee, model, said } = await startOutbound(t);
    model.speak('greeting', 'Hello.', 300);
    callee.talks(32_000);
    assert.ok(!said().includes(message));
    callee.talks(2000);
    assert.equal(said().at(-1), message);
  });

  it('is not answered: replies to its talk are cut as they begin, tools are refused, the model hears silence', async (t) => {
    const { callee, model, said, transport, find } = await startOutbound(t);
    model.speak('greeting', 'Hello.', 300);
    callee.talks(1000);
    model.emit({ type: 'caller-started-speaking' });
    callee.talks(3000);
    transport.done.length = 0;
    model.emit({ type: 'caller-stopped-speaking' });
    model.speak('chat', 'How can I help you?', 1000);
    assert.equal(transport.sentMs, 0);
    assert.deepEqual(model.done.at(-1), ['interrupt', 'chat', 0]);
    model.emit({ type: 'tool-call', toolCallId: 't1', name: 'hang_up', input: '{}' });
    assert.deepEqual(model.done.at(-1), ['tool-result', 't1', '{"error":"nobody is on the line"}', true]);
    callee.isSilent(300).beeps().isSilent(200);
    assert.ok(!said().includes(message), 'the model still owes an answer to the tool');
    model.speak('chat-2', 'Goodbye.', 1000);
    callee.isSilent(20);
    assert.equal(said().at(-1), message);
    model.speak('message', message, 1000);
    assert.equal(transport.sentMs, 1000);
    assert.equal((await find('tool-called')).length, 0);
  });

  it('gets the message even if the reply that the model owes never comes', async (t) => {
    const { callee, model, said } = await startOutbound(t);
    model.emit({ type: 'caller-started-speaking' });
    callee.talks(4000).isSilent(300).beeps().isSilent(1500);
    assert.ok(!said().includes(message));
    callee.isSilent(800);
    assert.equal(said().at(-1), message);
  });

  it('hears the message from its beginning when the beep comes late', async (t) => {
    const { callee, model, said, transport, hangUps } = await startOutbound(t);
    model.speak('greeting', 'Hello.', 300);
    callee.talks(5000).isSilent(1600);
    model.speak('early', message, 4000);
    transport.playedMs += 700;
    callee.beeps().isSilent(200);
    assert.deepEqual(said(), ['Hello.', message, message]);
    model.speak('late', message, 4000);
    transport.playOut();
    assert.equal(hangUps.length, 1);
  });

  it('is left the message once more when it talks over it, and no third time', async (t) => {
    const { callee, model, said, tell, transport, hangUps } = await startOutbound(t);
    model.speak('greeting', 'Hello.', 300);
    tell('machine');
    callee.talks(2000).isSilent(1600);
    model.speak('first', message, 4000);
    callee.talks(1000).isSilent(1600);
    model.speak('second', message, 4000);
    callee.talks(1000).isSilent(1600);
    assert.deepEqual(said(), ['Hello.', message, message]);
    transport.playOut();
    assert.equal(hangUps.length, 1);
  });

  it('is known by its words, whatever it sounded like', async (t) => {
    const { callee, model, verdicts, transport } = await startOutbound(t);
    callee.talks(600).isSilent(1000);
    const text = 'Please leave a message after the tone.';
    model.emit({ type: 'transcript', role: 'caller', turnId: 'c', text, final: false });
    assert.deepEqual(await verdicts(), ['person', 'machine']);
    model.speak('chat', 'Thank you.', 500);
    assert.equal(transport.sentMs, 0);
  });

  it('is still one when the model is lost, and the next model leaves the message', async (t) => {
    const { callee, model, models, said } = await startOutbound(t);
    model.speak('greeting', 'Hello.', 300);
    callee.talks(5000);
    model.emit({ type: 'closed', error: new AppError('MODEL_UNAVAILABLE', 'gone') });
    await settled();
    assert.deepEqual(said(models[1]), [], 'it does not apologise to a machine');
    callee.isSilent(1600);
    assert.deepEqual(said(models[1]), [message]);
  });

  it('that another replica found is left the message here', async (t) => {
    const { callee, said, verdicts } = await startOutbound(t, { answeredBy: 'machine' });
    callee.talks(1000).isSilent(1600);
    assert.deepEqual(said(), [message]);
    assert.deepEqual(await verdicts(), []);
  });

  it('gets the message from the second try of a model that failed at the first', async (t) => {
    const { callee, model, transport, hangUps } = await startOutbound(t);
    model.speak('greeting', 'Hello.', 300);
    callee.talks(5000).isSilent(1600);
    model.emit({ type: 'reply-started', replyId: 'first' });
    model.emit({ type: 'reply-finished', replyId: 'first', outcome: 'failed' });
    assert.deepEqual(hangUps, []);
    model.speak('second', message, 1000);
    assert.equal(transport.sentMs, 1000);
    transport.playOut();
    assert.equal(hangUps.length, 1);
  });

  it('does not keep the line open when the message never comes', async (t) => {
    const { callee, model, hangUps } = await startOutbound(t);
    model.speak('greeting', 'Hello.', 300);
    callee.talks(5000).isSilent(1600);
    callee.isSilent(59_000);
    assert.deepEqual(hangUps, []);
    callee.isSilent(1100);
    assert.equal(hangUps.length, 1);
  });
});

describe("the carrier's verdict", () => {
  it('is acted upon and not written down again', async (t) => {
    const { callee, verdicts, tell, hangUps } = await startOutbound(t, { onMachine: 'hang-up' });
    callee.talks(1000);
    tell('machine');
    assert.equal(hangUps.length, 1);
    assert.deepEqual(await verdicts(), []);
  });

  it('of a person outweighs how long somebody talked', async (t) => {
    const { callee, verdicts, tell, hangUps } = await startOutbound(t, { onMachine: 'hang-up' });
    tell('person');
    callee.talks(5000).isSilent(2000);
    assert.deepEqual(hangUps, []);
    assert.deepEqual(await verdicts(), []);
  });

  it('of a person does not outweigh a beep', async (t) => {
    const { callee, verdicts, tell, journal, hangUps } = await startOutbound(t);
    callee.talks(1000).isSilent(200).beeps().isSilent(200);
    tell('person');
    assert.deepEqual(await verdicts(), ['machine', 'machine']);
    assert.equal(journal.state.answeredBy, 'machine');
    assert.deepEqual(hangUps, []);
  });

  it('takes nothing back when it does not know', async (t) => {
    const { callee, tell, journal } = await startOutbound(t);
    callee.talks(600).isSilent(1000);
    tell('unknown');
    assert.equal(journal.state.answeredBy, 'person');
  });
});
