// Tests of a call that goes from one replica to another: when it may, what the one leaves behind, and how the other goes on.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CallId } from '../../shared/call/call.ts';
import { type CallState, newCallState } from '../../shared/call/call-state.ts';
import { AppError } from '../../shared/errors.ts';
import { silentLogger } from '../../shared/logger.ts';
import { HandOver, type HandOverOptions } from './hand-over.ts';
import type { Parting } from './media-leg.ts';
import { FakeTransport } from './testing/fake-legs.ts';
import { settled, startTestSession } from './testing/test-session.ts';

const callId = 'call-1' as CallId;
const stopped = { type: 'closed', clean: true, code: 1000 } as const;
const takenOver = { type: 'media-started', replica: 'r2', fence: 9, callId, id: 'm2', at: Date.now() + 1 } as const;

const greeted = (handedOver: CallState['handedOver'], interrupted = false): CallState => ({
  ...newCallState(callId),
  turns: [{ role: 'agent', text: 'Hello.', interrupted, at: 1 }],
  handedOver,
});

/** Who is left with the word when the carrier closes the socket. */
async function leaveWith(watch: HandOverOptions['watch'], keys = { isPending: false }): Promise<Parting | undefined> {
  let leave: (() => Parting) | undefined;
  const handOver = new HandOver({
    journal: { state: newCallState(callId), catchUp: async () => {} },
    media: { isConnected: true, letGo: (left) => (leave = left) },
    model: { model: undefined, holdsTurn: false },
    turns: { isQuiet: true, cut() {} },
    watch,
    keys,
    farewell: { isUnderWay: false },
    screening: undefined,
    log: silentLogger,
    replaceMedia: async () => true,
    restartMedia: async () => true,
  });
  await handOver.begin();
  const left = leave?.();
  handOver.close();
  return left;
}

describe('a call may go unnoticed', () => {
  it('when the agent was heard to its end, and not before', async (t) => {
    const { session, transport, model } = await startTestSession(t);
    assert.equal(session.handOver.isUnnoticed, false);
    model.speak('a', 'Hello.', 500);
    assert.equal(session.handOver.isUnnoticed, false);
    transport.playOut();
    assert.deepEqual([session.handOver.isUnnoticed, session.handOver.isPossible], [true, true]);
  });

  it('not while the caller speaks, waits, or presses keys, and not without a model', async (t) => {
    const { session, transport, model, models } = await startTestSession(t);
    const say = (replyId: string) => {
      models.at(-1)!.speak(replyId, 'Hello.', 500);
      transport.playOut();
      assert.equal(session.handOver.isUnnoticed, true);
    };
    say('a');
    model.emit({ type: 'caller-started-speaking' });
    assert.equal(session.handOver.isUnnoticed, false);
    model.emit({ type: 'caller-stopped-speaking' });
    assert.equal(session.handOver.isUnnoticed, false);
    say('b');
    transport.emit({ type: 'dtmf', digit: '4' });
    assert.equal(session.handOver.isUnnoticed, false);
    transport.emit({ type: 'dtmf', digit: '#' });
    say('c');
    model.emit({ type: 'closed' });
    assert.equal(session.handOver.isUnnoticed, false);
  });

  it('not while it is being transferred', async (t) => {
    const { session, transport, model } = await startTestSession(t);
    model.speak('a', 'One moment, I will connect you.', 500);
    transport.playOut();
    session.observe({ type: 'transfer-requested', target: 'sales', callId, id: 't1', at: Date.now() });
    assert.equal(session.handOver.isUnnoticed, false);
  });

  it('never while it ends anyhow', async (t) => {
    const { session, transport, model } = await startTestSession(t);
    model.emit({ type: 'tool-call', toolCallId: 't1', name: 'hang_up', input: '{}' });
    await settled();
    model.speak('bye', 'Goodbye.', 700);
    assert.equal(session.handOver.isPossible, false);
    transport.playOut();
    assert.equal(session.handOver.isPossible, false);
  });
});

describe('a call that is given away', () => {
  it('waits without its socket until another replica has it, and leaves behind who had the word', async (t) => {
    const { session, transport, model, find } = await startTestSession(t);
    model.speak('a', 'Hello.', 500);
    transport.playOut();
    await session.handOver.begin();
    assert.deepEqual([session.handOver.isUnderWay, session.handOver.isPossible], [true, false]);
    transport.emit(stopped);
    await settled();
    assert.partialDeepStrictEqual(await find('media-stopped'), [{ replica: 'r1', handedOver: 'nobody' }]);
    assert.equal(session.isOver, false);
    session.observe(takenOver);
    assert.equal(session.isOver, true);
  });

  it('while somebody has begun to speak of whom no model knows leaves the word to them', async () => {
    const [silentMs, unnoticedMs] = [420, 360];
    assert.deepEqual(await leaveWith({ floor: 'nobody', unnoticedMs, silentMs }), { handedOver: 'caller', silentMs });
    const left = await leaveWith({ floor: 'agent', unnoticedMs, silentMs });
    assert.equal(left?.handedOver, 'agent', 'who waits for an answer');
    assert.equal((await leaveWith({ floor: 'nobody', unnoticedMs: 0, silentMs }))?.handedOver, 'nobody');
  });

  it('in the midst of keys leaves the word to the agent, who has to ask for them', async () => {
    const watch = { floor: 'nobody', unnoticedMs: 0, silentMs: 300 } as const;
    assert.equal((await leaveWith(watch, { isPending: true }))?.handedOver, 'agent');
  });

  it('in the middle of a reply keeps the words that were heard of it', async (t) => {
    const { session, transport, model, find, journal } = await startTestSession(t);
    model.speak('a', 'One two three four.', 1_000);
    transport.playedMs = 500;
    await session.handOver.begin();
    assert.deepEqual(transport.done, [], 'it goes on until the socket ends');
    transport.emit(stopped);
    assert.partialDeepStrictEqual(journal.state.turns, [{ text: 'One two', interrupted: true }]);
    await settled();
    assert.equal((await find('media-stopped'))[0]?.handedOver, 'agent');
  });

  it('and which the carrier refuses, goes on here and may be asked for again', async (t) => {
    const refusal = new AppError('CARRIER_UNAVAILABLE', 'too many requests');
    const { session, transport, model } = await startTestSession(t, {
      plant: ({ carrier }) => {
        carrier.replaceMedia = () => Promise.reject(refusal);
      },
    });
    model.speak('a', 'Hello.', 500);
    transport.playOut();
    await assert.rejects(session.handOver.begin(), refusal);
    assert.deepEqual([session.handOver.isUnderWay, session.handOver.isPossible], [false, true]);
    model.speak('b', 'I am here.', 300);
    assert.equal(transport.sentMs, 800);
  });

  it('may be asked for again when the carrier took the request and did nothing', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const { session, transport, model } = await startTestSession(t);
    model.speak('a', 'Hello.', 500);
    transport.playOut();
    await session.handOver.begin();
    t.mock.timers.tick(4_999);
    assert.equal(session.handOver.isPossible, false);
    t.mock.timers.tick(1);
    assert.equal(session.handOver.isPossible, true);
  });

  it('is asked for again while no replica takes it', async (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] });
    let asked = 0;
    const { session, transport, model } = await startTestSession(t, {
      plant: ({ carrier }) => {
        carrier.restartMedia = async () => void asked++;
      },
    });
    model.speak('a', 'Hello.', 500);
    transport.playOut();
    await session.handOver.begin();
    transport.emit(stopped);
    t.mock.timers.tick(2_000);
    assert.equal(asked, 2);
    session.observe(takenOver);
    t.mock.timers.tick(6_000);
    assert.equal(asked, 2);
  });

  for (const [heardMs, replies] of [
    [500, []],
    [200, ['You broke off']],
  ] as const) {
    it(`and comes back here after ${heardMs} of 500 ms is ${replies.length === 0 ? 'not spoken to' : 'told'}`, async (t) => {
      const { session, transport, model } = await startTestSession(t);
      model.speak('a', 'One two three four five.', 500);
      transport.playedMs = heardMs;
      if (heardMs === 500) transport.playOut();
      await session.handOver.begin();
      transport.emit(stopped);
      const before = model.done.length;
      session.replaceTransport(new FakeTransport());
      const asked = model.done.slice(before).map(([what, words]) => [what, String(words).slice(0, 13)]);
      assert.deepEqual(
        asked,
        replies.map((words) => ['again', words]),
      );
      assert.deepEqual([session.handOver.isUnderWay, session.handOver.isPossible], [false, true]);
    });
  }
});

describe('a call that comes from another replica', () => {
  it('goes on without a word when nobody had it', async (t) => {
    const { model } = await startTestSession(t, { call: greeted('nobody') });
    assert.deepEqual(model.done, []);
    assert.deepEqual(
      model.history.map(({ text }) => text),
      ['Hello.'],
    );
  });

  it('is told that the line was interrupted when nobody had it and its next socket was long in coming', async (t) => {
    const call = { ...greeted('nobody'), handedOverAt: Date.now() - 3_000 };
    const { model } = await startTestSession(t, { call });
    assert.match(String(model.done[0]?.[1]), /^The line was interrupted/);
  });

  it('is greeted when nobody has said anything yet', async (t) => {
    const { model } = await startTestSession(t, { call: { ...newCallState(callId), handedOver: 'agent' } });
    assert.deepEqual(model.done, [['reply', 'Hello.']]);
  });

  it('goes on with the reply that broke off', async (t) => {
    const { model } = await startTestSession(t, { call: greeted('agent', true) });
    assert.match(String(model.done[0]?.[1]), /^You broke off/);
  });

  it('gets the answer that was owed', async (t) => {
    const call = greeted('agent');
    const turns = [...call.turns, { role: 'caller', text: 'Are you open?', interrupted: false, at: 2 } as const];
    const { model } = await startTestSession(t, { call: { ...call, turns } });
    assert.deepEqual(model.done, [['reply', 'answer']]);
  });

  for (const floor of ['caller', 'agent'] as const)
    it(`has a silence filled as soon as if it had begun here, while the ${floor} has the word`, async (t) => {
      const fillsAfter = async (silentMs: number) => {
        const { transport } = await startTestSession(t, { call: { ...greeted(floor), silentMs } });
        return new Promise<number>((resolve) => {
          transport.sendAudio = () => resolve(silentMs);
        });
      };
      assert.equal(await Promise.race([fillsAfter(0), fillsAfter(1_000)]), 1_000);
    });

  it('is listened to from its first moment on when the caller speaks', async (t) => {
    const early = Buffer.alloc(160, 1);
    const { model, session } = await startTestSession(t, {
      call: greeted('caller'),
      plant: ({ transport }) => {
        const { listen } = transport;
        transport.listen = (listener) => {
          listen.call(transport, listener);
          listener({ type: 'audio', audio: early });
        };
      },
    });
    assert.equal(session.handOver.isUnnoticed, false);
    assert.deepEqual(model.done, [['audio', early.length]], 'the model answers the turn by itself');
  });
});
