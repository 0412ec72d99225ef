// Whatever breaks in a call, at once or late: the process lives on, other calls do not notice, and this one goes on or ends in order.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { z } from 'zod';
import type { CallEvent } from '../../shared/call/call-event.ts';
import { AppError } from '../../shared/errors.ts';
import { defineTool } from '../../shared/tools/tool.ts';
import type { MediaTransportEvent } from '../transports/media-transport.ts';
import type { VoiceModelEvent } from '../voice-models/voice-model.ts';
import type { FakeModel, FakeTransport } from './testing/fake-legs.ts';
import { watchStrayErrors } from './testing/stray-errors.ts';
import { startTestSession, type TestParts } from './testing/test-session.ts';
import { workFor } from './work-owner.ts';

type Call = Awaited<ReturnType<typeof startTestSession>>;

/** What a part may do instead of its work: break at once, later, or where nobody waits for it. */
const faults: Record<string, () => never> = {
  throws: () => {
    throw new Error('planted');
  },
  'rejects with nobody listening': (() => Promise.reject(new Error('planted'))) as unknown as () => never,
  'leaves a late rejection': (() => {
    void aMoment().then(() => Promise.reject(new Error('planted')));
  }) as unknown as () => never,
  'leaves a timer that throws': (() => {
    setTimeout(() => {
      throw new Error('planted');
    }, 1);
  }) as unknown as () => never,
};

const aMoment = () => new Promise<void>((resolve) => setTimeout(() => setImmediate(resolve), 3));
const settle = async () => {
  for (let i = 0; i < 5; i++) await aMoment();
  // The apology of the test announcer is 10 ms long.
  await new Promise((resolve) => setTimeout(resolve, 25));
};
const frame = Buffer.alloc(160);
const empty = z.object({});

/** Plays what is planted in one call beside another one; that one has to go on undisturbed. */
async function play(t: TestContext, options: Parameters<typeof startTestSession>[1], act: (call: Call) => void) {
  const strays = watchStrayErrors(t);
  const [call, other] = [await startTestSession(t, options), await startTestSession(t)];
  act(call);
  await settle();
  other.model.speak('a', 'Still here.', 100);
  other.transport.playOut();
  assert.deepEqual(strays, []);
  assert.deepEqual([other.session.isOver, other.hangUps.length], [false, 0]);
  assert.equal(other.journal.state.turns.at(-1)?.text, 'Still here.');
  return { call, reason: call.journal.state.askedToEnd };
}

/** It ends once, for this reason, with its socket and its model closed. */
async function assertFailed({ call }: Awaited<ReturnType<typeof play>>): Promise<void> {
  await call.session.ended;
  assert.equal(call.journal.state.askedToEnd, 'failed');
  assert.equal(call.hangUps.length, 1);
  assert.ok(call.transport.done.includes('close'));
  assert.ok(call.model.done.some(([what]) => what === 'close'));
}

function assertGoesOn({ call, reason }: Awaited<ReturnType<typeof play>>): void {
  assert.deepEqual([call.session.isOver, reason, call.hangUps], [false, undefined, []]);
  call.model.speak('z', 'I am here.', 100);
  call.transport.playOut();
  assert.equal(call.journal.state.turns.at(-1)?.text, 'I am here.');
}

describe('a tool', () => {
  const callTool = ({ model }: Call) =>
    model.emit({ type: 'tool-call', toolCallId: 't', name: 'planted', input: '{}' });
  const tool = (run: () => unknown) => [defineTool({ name: 'planted', description: 'Breaks.', input: empty, run })];
  const told = ({ model }: Call) => model.done.filter(([what]) => what === 'tool-result').length;

  for (const fault of ['throws', 'rejects with nobody listening'] as const) {
    it(`that ${fault} is told to the model as a failure, and the call goes on`, async (t) => {
      const played = await play(t, { tools: tool(faults[fault]!) }, callTool);
      assert.equal(told(played.call), 1);
      assertGoesOn(played);
    });
  }

  it('that rejects after the call was over changes nothing', async (t) => {
    const { promise, reject } = Promise.withResolvers<never>();
    const played = await play(t, { tools: tool(() => promise) }, (call) => {
      callTool(call);
      call.session.close();
      reject(new Error('planted'));
    });
    await played.call.session.ended;
    assert.equal(told(played.call), 0);
  });

  for (const fault of ['leaves a late rejection', 'leaves a timer that throws'] as const) {
    it(`that ${fault} ends its call`, async (t) => {
      await assertFailed(await play(t, { tools: tool(faults[fault]!) }, callTool));
    });
  }
});

describe('a voice model', () => {
  const emit: Record<string, (call: Call) => void> = {
    sendAudio: ({ transport }) => transport.emit({ type: 'audio', audio: frame }),
    sendText: ({ transport }) => transport.emit({ type: 'dtmf', digit: '5' }),
    interrupt: ({ model }) => {
      model.speak('a', 'A long story.', 100);
      model.emit({ type: 'caller-started-speaking' });
    },
    sendToolResult: ({ model }) =>
      model.emit({ type: 'tool-call', toolCallId: 't', name: 'take_note', input: '{"text":"a"}' }),
  };
  for (const [method, act] of Object.entries(emit)) {
    for (const [fault, run] of Object.entries(faults)) {
      it(`whose ${method} ${fault} ends its call`, async (t) => {
        const played = await play(t, {}, (call) => {
          call.model[method as 'sendAudio'] = run;
          act(call);
        });
        await assertFailed(played);
      });
    }
  }

  const odd: readonly VoiceModelEvent[] = [
    { type: 'audio', replyId: 'a', audio: undefined as unknown as Buffer },
    { type: 'transcript', role: 'caller', turnId: 'c', text: null as unknown as string, final: true },
    undefined as unknown as VoiceModelEvent,
  ];
  for (const event of odd) {
    it(`whose event cannot be worked with (${JSON.stringify(event) ?? 'none'}) harms its own call at most`, async (t) => {
      const { call, reason } = await play(t, {}, ({ model }) => model.emit(event));
      assert.ok(reason === 'failed' || !call.session.isOver);
    });
  }

  it('whose close throws does not keep the line open', async (t) => {
    const { call } = await play(t, {}, ({ model, session }) => {
      model.close = faults.throws!;
      session.close();
    });
    await call.session.ended;
    assert.ok(call.transport.done.includes('close'));
  });

  it('that breaks while the call fails is closed all the same, with the line', async (t) => {
    const played = await play(t, {}, ({ model, transport }) => {
      model.close = faults.throws!;
      model.sendAudio = faults.throws!;
      for (let i = 0; i < 10; i++) transport.emit({ type: 'audio', audio: frame });
    });
    assert.equal(played.reason, 'failed');
    await played.call.session.ended;
    assert.equal(played.call.hangUps.length, 1);
  });

  it('that cannot be listened to is one that cannot be had', async (t) => {
    const { reason } = await play(t, {}, ({ model, models }) => {
      models.push = ((next: FakeModel) => {
        next.listen = faults.throws!;
        return 1;
      }) as typeof models.push;
      model.emit({ type: 'closed', error: new AppError('MODEL_UNAVAILABLE', 'gone') });
    });
    assert.equal(reason, 'model-unavailable');
  });
});

describe("a carrier's leg", () => {
  const emit: Record<string, (call: Call) => void> = {
    sendAudio: ({ model }) => model.speak('a', 'Hello.', 100),
    clearAudio: ({ model }) => {
      model.speak('a', 'A long story.', 100);
      model.emit({ type: 'caller-started-speaking' });
    },
  };
  for (const [method, act] of Object.entries(emit)) {
    for (const [fault, run] of Object.entries(faults)) {
      it(`whose ${method} ${fault} ends its call`, async (t) => {
        const played = await play(t, {}, (call) => {
          const real = call.transport[method as 'sendAudio'];
          // The apology can be heard again.
          call.transport[method as 'sendAudio'] = () => {
            call.transport[method as 'sendAudio'] = real;
            return run();
          };
          act(call);
        });
        await assertFailed(played);
      });
    }
  }

  it('whose position cannot be told ends its call', async (t) => {
    const played = await play(t, {}, ({ transport }) => {
      Object.defineProperty(transport, 'playedMs', { get: faults.throws });
      transport.emit({ type: 'played-out' });
    });
    assert.equal(played.reason, 'failed');
    await played.call.session.ended;
  });

  const odd: readonly MediaTransportEvent[] = [
    { type: 'audio', audio: undefined as unknown as Buffer },
    { type: 'dtmf', digit: null as unknown as string },
    undefined as unknown as MediaTransportEvent,
  ];
  for (const event of odd) {
    it(`whose event cannot be worked with (${JSON.stringify(event) ?? 'none'}) harms its own call at most`, async (t) => {
      const { call, reason } = await play(t, {}, ({ transport }) => transport.emit(event));
      assert.ok(reason === 'failed' || !call.session.isOver);
    });
  }

  for (const [fault, run] of Object.entries(faults)) {
    it(`whose hang-up ${fault} is closed`, async (t) => {
      const { call } = await play(
        t,
        { plant: ({ carrier }) => Object.assign(carrier, { hangUp: run }) },
        ({ session }) => workFor(session, () => session.hangUp('operator-hung-up', 'operator')),
      );
      await call.session.ended;
      assert.ok(call.transport.done.includes('close'));
    });
  }

  it('that cannot be closed is left', async (t) => {
    const { call } = await play(t, {}, ({ transport, session }) => {
      (transport as FakeTransport).close = faults.throws!;
      session.close();
    });
    await call.session.ended;
  });
});

describe('a store', () => {
  const places: Record<string, (parts: TestParts, run: () => never) => void> = {
    'stream that, asked to keep an event,': ({ stream }, run) => Object.assign(stream, { append: run }),
    'stream that, asked to show a partial transcript,': ({ stream }, run) =>
      Object.assign(stream, { publishPartial: run }),
  };
  const act = ({ transport, model }: Call) => {
    model.emit({ type: 'transcript', role: 'caller', turnId: 'c', text: 'I would', final: false });
    model.emit({ type: 'transcript', role: 'caller', turnId: 'c', text: 'I would like tea.', final: true });
    transport.emit({ type: 'dtmf', digit: '1' });
  };
  for (const [place, plant] of Object.entries(places)) {
    it(`with a ${place} throws does not disturb the call`, async (t) => {
      assertGoesOn(await play(t, { plant: (parts) => plant(parts, faults.throws!) }, act));
    });
  }

  it('with a stream that rejects does not disturb the call', async (t) => {
    const reject = () => Promise.reject(new Error('planted'));
    assertGoesOn(await play(t, { plant: ({ stream }) => void Object.assign(stream, { append: reject }) }, act));
  });

  it('that tells what no call can work with harms that call at most', async (t) => {
    const { call } = await play(t, {}, ({ session }) =>
      workFor(session, () => session.observe(undefined as unknown as CallEvent)),
    );
    assert.equal(call.journal.state.askedToEnd, 'failed');
  });
});

describe('the announcements', () => {
  it('that cannot be had do not keep a call from its end', async (t) => {
    const played = await play(
      t,
      { plant: ({ announcer }) => Object.assign(announcer, { getAudio: faults.throws }) },
      ({ model, transport }) => {
        model.sendAudio = faults.throws!;
        transport.emit({ type: 'audio', audio: frame });
      },
    );
    await assertFailed(played);
  });
});
