// Tests of a live call over both ports: who speaks, who is cut, and how it ends.
import '../../simulator/virtual-time/install.ts';

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as after } from 'node:timers/promises';
import type { CallId } from '../../shared/call/call.ts';
import { newCallState } from '../../shared/call/call-state.ts';
import { AppError } from '../../shared/errors.ts';
import { FakeTransport } from './testing/fake-legs.ts';
import { settled, startTestSession, type TestParts } from './testing/test-session.ts';

describe('CallSession', () => {
  it('lets the agent speak first', async (t) => {
    const { model } = await startTestSession(t);
    assert.deepEqual(model.done, [['reply', 'Hello.']]);
  });

  it('fills the first silence as soon as if it had had the line since its carrier asked for one', async (t) => {
    await after(5_000);
    const { transport } = await startTestSession(t, { askedAgoMs: 1_000 });
    const startedMs = performance.now();
    await new Promise<void>((resolve) => (transport.sendAudio = () => resolve()));
    assert.equal(performance.now() - startedMs, 600);
  });

  it('passes what the caller says to the model, silence included', async (t) => {
    const { transport, model } = await startTestSession(t);
    transport.emit({ type: 'audio', audio: Buffer.alloc(160, 0xff) });
    assert.deepEqual(model.done.at(-1), ['audio', 160]);
  });

  it('writes down a turn of the agent when it was heard, not when it was made', async (t) => {
    const { transport, model, journal } = await startTestSession(t);
    model.speak('a', 'Hello there.', 900);
    assert.deepEqual(journal.state.turns, []);
    transport.playOut();
    assert.deepEqual(
      journal.state.turns.map(({ role, text, interrupted }) => ({ role, text, interrupted })),
      [{ role: 'agent', text: 'Hello there.', interrupted: false }],
    );
  });

  it('cuts the reply where the caller heard it when the caller barges in', async (t) => {
    const { transport, model, journal } = await startTestSession(t);
    model.speak('a', 'one two three four five six', 1000);
    transport.playedMs = 400;
    model.emit({ type: 'caller-started-speaking' });
    assert.deepEqual(transport.done, ['clear']);
    assert.deepEqual(model.done.at(-1), ['interrupt', 'a', 400]);
    assert.deepEqual([journal.state.turns[0]?.text, journal.state.turns[0]?.interrupted], ['one two', true]);
  });

  it('keeps what was heard of a reply that the model ends as soon as it is cut', async (t) => {
    const { transport, model, journal } = await startTestSession(t);
    const cut = model.interrupt.bind(model);
    model.interrupt = (replyId, heardMs) => {
      model.emit({ type: 'reply-finished', replyId, outcome: 'interrupted' });
      return cut(replyId, heardMs);
    };
    model.emit({ type: 'reply-started', replyId: 'a' });
    model.emit({ type: 'transcript', role: 'agent', turnId: 'a', text: 'one two three four five six', final: false });
    model.emit({ type: 'audio', replyId: 'a', audio: Buffer.alloc(8000) });
    transport.playedMs = 400;
    model.emit({ type: 'caller-started-speaking' });
    assert.equal(journal.state.turns[0]?.text, 'one two');
  });

  it('drops the late audio of the reply it cut', async (t) => {
    const { transport, model } = await startTestSession(t);
    model.emit({ type: 'reply-started', replyId: 'a' });
    model.emit({ type: 'audio', replyId: 'a', audio: Buffer.alloc(800) });
    model.emit({ type: 'caller-started-speaking' });
    model.emit({ type: 'audio', replyId: 'a', audio: Buffer.alloc(800) });
    assert.equal(transport.sentMs, 0);
    model.speak('b', 'Yes?', 100);
    assert.equal(transport.sentMs, 100);
  });

  it('cuts nothing when the caller speaks after the agent was heard to the end', async (t) => {
    const { transport, model } = await startTestSession(t);
    model.speak('a', 'Hello.', 500);
    transport.playedMs = 500;
    model.emit({ type: 'caller-started-speaking' });
    assert.deepEqual(transport.done, []);
    assert.ok(!model.done.some(([what]) => what === 'interrupt'));
  });

  it('deletes a reply of which nothing was heard', async (t) => {
    const { transport, model, journal } = await startTestSession(t);
    model.speak('a', 'Hello.', 500);
    model.speak('b', 'And more.', 500);
    transport.playedMs = 200;
    model.emit({ type: 'caller-started-speaking' });
    assert.deepEqual(model.done.slice(-2), [
      ['interrupt', 'a', 200],
      ['interrupt', 'b', 0],
    ]);
    assert.ok(!journal.state.turns.some((turn) => turn.text.includes('more')));
  });

  it('runs a tool and gives the model its result', async (t) => {
    const { model, find } = await startTestSession(t);
    model.emit({ type: 'tool-call', toolCallId: 't1', name: 'take_note', input: '{"text":"Call back."}' });
    await settled();
    assert.deepEqual(model.done.at(-1), ['tool-result', 't1', '{"kept":true}', true]);
    await settled();
    assert.equal((await find('note-taken'))[0]?.text, 'Call back.');
  });

  it('tells the model in one message which keys were pressed, and stops speaking at the first', async (t) => {
    const { transport, model, find } = await startTestSession(t);
    model.speak('a', 'Please enter your number, and then', 1_000);
    transport.playedMs = 500;
    for (const digit of '47#') transport.emit({ type: 'dtmf', digit });
    assert.deepEqual(transport.done, ['clear']);
    assert.deepEqual(model.done.slice(1), [
      ['interrupt', 'a', 500],
      ['text', 'The caller pressed the keys 47#.'],
    ]);
    await settled();
    assert.equal((await find('dtmf-received')).length, 3);
  });

  it('hangs up when the goodbye was heard, and not before', async (t) => {
    const { transport, model, hangUps, journal, session } = await startTestSession(t);
    model.emit({ type: 'tool-call', toolCallId: 't1', name: 'hang_up', input: '{}' });
    await settled();
    model.speak('bye', 'Goodbye.', 700);
    assert.deepEqual(hangUps, []);
    transport.playOut();
    assert.equal(hangUps.length, 1);
    assert.equal(journal.state.askedToEnd, 'agent-hung-up');
    await session.ended;
  });

  it('says goodbye once when the model said it as it decided to hang up', async (t) => {
    const { transport, model, hangUps } = await startTestSession(t);
    model.speak('bye', 'Goodbye.', 700);
    model.emit({ type: 'tool-call', toolCallId: 't1', name: 'hang_up', input: '{}', replyId: 'bye' });
    await settled();
    assert.ok(!model.done.some(([what]) => what === 'tool-result'), 'it is not asked to go on');
    assert.deepEqual(hangUps, []);
    transport.playOut();
    assert.equal(hangUps.length, 1);
  });

  it('goes on when the caller speaks during the goodbye', async (t) => {
    const { transport, model, hangUps } = await startTestSession(t);
    model.emit({ type: 'tool-call', toolCallId: 't1', name: 'hang_up', input: '{}' });
    await settled();
    model.speak('bye', 'Goodbye.', 700);
    transport.playedMs = 300;
    model.emit({ type: 'caller-started-speaking' });
    model.speak('more', 'Yes?', 200);
    transport.playOut();
    assert.deepEqual(hangUps, []);
  });

  it('goes on with another model and the history when the model is lost', async (t) => {
    const { model, models, find } = await startTestSession(t);
    model.emit({ type: 'caller-started-speaking' });
    model.emit({ type: 'caller-stopped-speaking' });
    model.emit({ type: 'transcript', role: 'caller', turnId: 'c', text: 'What are your hours?', final: true });
    model.emit({ type: 'closed', error: new AppError('MODEL_UNAVAILABLE', 'gone') });
    await settled();
    assert.deepEqual(
      models.map(({ kind }) => kind),
      ['gpt-realtime', 'voice-live'],
    );
    assert.deepEqual(
      models[1]!.history.map(({ text }) => text),
      ['What are your hours?'],
    );
    assert.deepEqual(models[1]!.done[0], ['reply', 'answer']);
    await settled();
    assert.equal((await find('model-lost')).length, 1);
  });

  it('changes to a new session between two turns without a word', async (t) => {
    const { model, models, transport } = await startTestSession(t);
    model.speak('a', 'Hello there.', 900);
    const anHourLaterMs = performance.now() + 3_600_000;
    t.mock.method(performance, 'now', () => anHourLaterMs);
    model.emit({ type: 'closed', error: new AppError('MODEL_SESSION_EXPIRED', 'an hour is over') });
    await settled();
    assert.deepEqual(
      models.map(({ kind, done }) => [kind, done.length]),
      [
        ['gpt-realtime', 1],
        ['gpt-realtime', 0],
      ],
    );
    assert.deepEqual(
      models[1]!.history.map(({ text }) => text),
      ['Hello there.'],
    );
    assert.equal(transport.sentMs, 900, 'what was said is heard to its end');
  });

  it('greets again when the model is lost before a word was heard', async (t) => {
    const { model, models } = await startTestSession(t);
    model.emit({ type: 'closed', error: new AppError('MODEL_UNAVAILABLE', 'gone') });
    await settled();
    assert.deepEqual(models[1]!.done, [['reply', 'Hello.']]);
  });

  it('has the next model go on where the last one broke off', async (t) => {
    const { model, models } = await startTestSession(t);
    model.emit({ type: 'reply-started', replyId: 'a' });
    model.emit({ type: 'transcript', role: 'agent', turnId: 'a', text: 'Our hours are', final: false });
    model.emit({ type: 'audio', replyId: 'a', audio: Buffer.alloc(8000) });
    model.emit({ type: 'closed', error: new AppError('MODEL_UNAVAILABLE', 'gone') });
    await settled();
    assert.match(String(models[1]!.done[0]?.[1]), /broke off in the middle/);
  });

  it('says nothing of a model that was lost while nobody waited for it', async (t) => {
    const { model, models, transport } = await startTestSession(t);
    model.speak('a', 'Hello there.', 900);
    transport.playOut();
    model.emit({ type: 'closed', error: new AppError('MODEL_UNAVAILABLE', 'gone') });
    await settled();
    assert.deepEqual([models.length, models[1]!.done, transport.sentMs], [2, [], 900]);
  });

  it('gives the next model what the caller said while there was none', async (t) => {
    const { model, models, transport } = await startTestSession(t);
    model.emit({ type: 'closed', error: new AppError('MODEL_UNAVAILABLE', 'gone') });
    transport.emit({ type: 'audio', audio: Buffer.alloc(160) });
    await settled();
    assert.deepEqual(models[1]!.done[0], ['audio', 160]);
  });

  it('gives the next model what the caller said into a reply that went on, when the lost one took no notice of it', async (t) => {
    const { model, models, transport } = await startTestSession(t);
    const sound = (ms: number) => model.emit({ type: 'audio', replyId: 'a', audio: Buffer.alloc(ms * 8) });
    const hear = async (ms: number, byte: number) => {
      for (let heardMs = 0; heardMs < ms; heardMs += 20) {
        transport.emit({ type: 'audio', audio: Buffer.alloc(160, byte) });
        await after(20);
      }
    };
    model.emit({ type: 'reply-started', replyId: 'a' });
    sound(2_500);
    await hear(1_500, 0xff);
    await hear(600, 0x00);
    sound(500);
    await hear(300, 0x00);
    model.emit({ type: 'closed', error: new AppError('MODEL_UNAVAILABLE', 'gone') });
    await settled();
    const givenMs = models[1]!.done.reduce((sum, [what, bytes]) => sum + (what === 'audio' ? Number(bytes) / 8 : 0), 0);
    assert.ok(givenMs >= 900 && givenMs <= 1_900, `${givenMs} ms: the words and what came just before them`);
  });

  it('listens no more to a model it has replaced', async (t) => {
    const { model, models, transport } = await startTestSession(t);
    model.emit({ type: 'closed', error: new AppError('MODEL_UNAVAILABLE', 'gone') });
    await settled();
    model.speak('ghost', 'Boo.', 500);
    assert.equal(transport.sentMs, 0);
    assert.equal(models.length, 2);
  });

  it('apologises and hangs up when no model can be had', async (t) => {
    const { transport, hangUps, find } = await startTestSession(t, {
      refuse: { 'gpt-realtime': 'MODEL_REFUSED', 'voice-live': 'MODEL_REFUSED' },
    });
    assert.equal(transport.sentMs, 10, 'the apology was sent');
    assert.equal(hangUps.length, 1);
    assert.equal((await find('hang-up-requested'))[0]?.reason, 'model-unavailable');
  });

  it('resumes a call that another replica began', async (t) => {
    const call = {
      ...newCallState('call-1' as CallId),
      turns: [{ role: 'caller' as const, text: 'I am Ann.', interrupted: false, at: 0 }],
    };
    const { model } = await startTestSession(t, { call });
    assert.deepEqual(
      model.history.map(({ text }) => text),
      ['I am Ann.'],
    );
    assert.match(String(model.done[0]?.[1]), /interrupted/);
  });

  it('keeps the conversation while the carrier opens its lost socket again', async (t) => {
    const { transport, model, session, find } = await startTestSession(t);
    model.speak('a', 'one two three four', 1000);
    transport.playedMs = 500;
    transport.emit({ type: 'closed', clean: false, code: 1006 });
    assert.equal(session.takesSocket, true);
    const next = new FakeTransport();
    session.replaceTransport(next);
    assert.equal(session.takesSocket, false);
    assert.deepEqual(
      model.done.slice(-2).map(([what]) => what),
      ['interrupt', 'again'],
    );
    next.emit({ type: 'audio', audio: Buffer.alloc(160) });
    assert.deepEqual(model.done.at(-1), ['audio', 160]);
    await settled();
    assert.equal((await find('media-started')).length, 2);
  });

  it('ends once when the carrier closes in order, whoever else ends it too', async (t) => {
    const { transport, session, model, find } = await startTestSession(t);
    transport.emit({ type: 'closed', clean: true, code: 1000 });
    session.close();
    session.hangUp('failed', 'agent');
    await session.ended;
    assert.equal(model.done.filter(([what]) => what === 'close').length, 1);
    assert.equal((await find('media-stopped')).length, 1);
    assert.equal((await find('hang-up-requested')).length, 0);
  });

  it('asks the carrier once to hang up, for the first reason', async (t) => {
    const { session, hangUps, find } = await startTestSession(t);
    session.hangUp('operator-hung-up', 'operator');
    session.hangUp('agent-hung-up', 'agent');
    await session.ended;
    assert.equal(hangUps.length, 1);
    assert.deepEqual(
      (await find('hang-up-requested')).map(({ reason }) => reason),
      ['operator-hung-up'],
    );
  });

  it('says no more once its end was asked for, however long the carrier takes', async (t) => {
    const plant = ({ carrier }: TestParts) => {
      carrier.hangUp = () => new Promise(() => {});
    };
    const { session, transport, model, journal, find } = await startTestSession(t, { plant });
    model.speak('a', 'one two three four', 4000);
    transport.playedMs = 1000;
    session.hangUp('operator-hung-up', 'operator');
    model.speak('b', 'Is there anything else?', 1000);
    transport.emit({ type: 'dtmf', digit: '5' });
    assert.deepEqual([transport.sentMs, transport.done], [1000, ['clear']]);
    await journal.catchUp(1000);
    assert.deepEqual(
      (await find('turn-finished')).map(({ text, interrupted }) => [text, interrupted]),
      [['one', true]],
    );
    assert.equal(session.isOver, false);
  });

  it('is ended without a word where its socket comes again after its end was asked for', async (t) => {
    const call = { ...newCallState('call-1' as CallId), askedToEnd: 'operator-hung-up' } as const;
    const { models, hangUps, session } = await startTestSession(t, { call });
    await session.ended;
    assert.deepEqual([models.length, hangUps.length], [0, 1]);
  });

  it('says no more once functions wrote down that an operator wants the end', async (t) => {
    const { session, transport, model } = await startTestSession(t);
    model.speak('a', 'one two three four', 4000);
    transport.playedMs = 1000;
    const asked = { type: 'hang-up-requested', by: 'operator', reason: 'operator-hung-up' } as const;
    session.observe({ ...asked, id: 'operator-hang-up', callId: 'call-1' as CallId, at: 1 });
    model.speak('b', 'Is there anything else?', 1000);
    assert.deepEqual([transport.sentMs, transport.done], [1000, ['clear']]);
  });

  it('closes when functions say that the call is over', async (t) => {
    const { session, model } = await startTestSession(t);
    session.observe({ type: 'call-ended', reason: 'caller-hung-up', id: 'x', callId: 'call-1' as CallId, at: 1 });
    await session.ended;
    assert.deepEqual(model.done.at(-1), ['close']);
  });

  it('leaves the call to the replica that has its socket now', async (t) => {
    const { session } = await startTestSession(t);
    session.observe({ type: 'media-started', replica: 'r1', id: 'x', callId: 'call-1' as CallId, at: 1 });
    await after(1);
    assert.equal(session.takesSocket, false);
    session.observe({ type: 'media-started', replica: 'r2', id: 'y', callId: 'call-1' as CallId, at: Date.now() });
    await session.ended;
  });

  it('closes its media socket when the carrier cannot be asked to hang up', async (t) => {
    const { session, transport } = await startTestSession(t);
    session.hangUp('operator-hung-up', 'operator');
    await session.ended;
    assert.ok(transport.done.includes('close'));
  });
});
