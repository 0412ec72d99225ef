// A recorder whose carrier fails: the call goes on, and nothing is kept that was not to be kept.
import assert from 'node:assert/strict';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { parseAgent } from '../../../shared/agents/agent.ts';
import type { CallId } from '../../../shared/call/call.ts';
import type { CallEvent, CallFact } from '../../../shared/call/call-event.ts';
import { applyCallEvent, newCallState } from '../../../shared/call/call-state.ts';
import { AppError } from '../../../shared/errors.ts';
import { silentLogger as log } from '../../../shared/logger.ts';
import type { CarrierRecordings } from '../../../shared/telephony/carrier-recordings.ts';
import { pcm16k } from '../../audio/audio-format.ts';
import { CallRecorder } from './call-recorder.ts';

type Action = 'start' | 'pause' | 'resume' | 'stop';
const agent = parseAgent('a.md', '---\nname: a\nrecording: { enabled: true }\n---\nBe.');
const busy = new AppError('CARRIER_UNAVAILABLE', 'busy');
const refused = new AppError('CARRIER_REFUSED', 'no');

function setUp(failures: Partial<Record<Action, Error[]>> = {}) {
  const asked: Action[] = [];
  const act = (action: Action) => async () => {
    asked.push(action);
    const error = failures[action]?.shift();
    if (error) throw error;
    return 'recording-1';
  };
  const carrier = Object.fromEntries((['start', 'pause', 'resume', 'stop'] as const).map((name) => [name, act(name)]));
  let state = newCallState('call-1' as CallId);
  let serial = 0;
  const facts: string[] = [];
  const saved = new Map<string, string>();
  const record = (fact: CallFact) => {
    const event = { ...fact, id: String(serial++), callId: state.callId, at: Date.now() } as CallEvent;
    state = applyCallEvent(state, event);
    facts.push(fact.type);
    recorder.observe(event);
  };
  const recorder: CallRecorder = new CallRecorder({
    agent,
    journal: {
      get state() {
        return state;
      },
      record,
    },
    carrier: carrier as unknown as CarrierRecordings,
    format: pcm16k,
    findCarrierCallId: () => 'connection-1',
    leases: { acquire: async () => undefined },
    files: {
      save: async (name: string, content: Readable) => {
        saved.set(name, (await buffer(content)).toString());
        return 1;
      },
    },
    log,
  });
  const say = (text: string) => record({ type: 'turn-finished', role: 'agent', text, interrupted: false });
  return { recorder, asked, facts, saved, record, say, state: () => state };
}

const settle = async () => {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
};
const pass = async (ms: number) => {
  await settle();
  mock.timers.tick(ms);
  await settle();
};

describe('a recorder', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout', 'Date'] }));
  afterEach(() => mock.timers.reset());

  it('begins when the notice was heard, and not when it was cut off', async () => {
    const { asked, say, facts } = setUp();
    say('This call');
    await pass(1);
    assert.deepEqual(asked, []);
    say('This call is recorded. Hello.');
    await pass(1);
    assert.deepEqual(asked, ['start']);
    assert.deepEqual(facts.slice(2), ['recording-consent', 'recording-started']);
    say('This call is recorded.');
    await pass(1);
    assert.deepEqual(asked, ['start']);
  });

  it('asks a busy carrier again, and leaves one that refuses', async () => {
    const { asked, say, state } = setUp({ start: [busy, busy] });
    say('This call is recorded.');
    await pass(1);
    await pass(2_000);
    await pass(6_000);
    assert.deepEqual([asked, state().recording?.status], [['start', 'start', 'start'], 'running']);
    const other = setUp({ start: [refused] });
    other.say('This call is recorded.');
    await pass(1);
    assert.deepEqual([other.asked, other.state().recording?.status], [['start'], 'failed']);
  });

  it('ends a recording that cannot be paused', async () => {
    const { recorder, asked, say, state } = setUp({ pause: [busy] });
    say('This call is recorded.');
    await pass(1);
    await recorder.hold(true);
    assert.deepEqual([asked, state().recording?.status], [['start', 'pause', 'stop'], 'awaited']);
  });

  it('is paused from its first moment when something secret is on already', async () => {
    const { asked, say, record } = setUp();
    record({ type: 'keys-asked', question: 'pin', sensitive: true });
    say('This call is recorded.');
    await pass(1);
    assert.deepEqual(asked, ['start', 'pause']);
    record({ type: 'keys-entered', question: 'pin', count: 4 });
    await pass(1);
    assert.deepEqual(asked, ['start', 'pause', 'resume']);
  });

  it('goes on by itself when nobody tells it to, and only when no reason is left', async () => {
    const { recorder, asked, say } = setUp();
    say('This call is recorded.');
    await pass(1);
    await recorder.hold(true);
    await recorder.hold(true, 'keys');
    await recorder.hold(false, 'keys');
    assert.deepEqual(asked, ['start', 'pause']);
    await pass(3 * 60_000);
    assert.deepEqual(asked, ['start', 'pause', 'resume']);
  });

  it('ends the recording when a person takes the call over, and keeps the peaks at the end', async () => {
    const { recorder, asked, say, record, saved } = setUp();
    say('This call is recorded.');
    await pass(1);
    recorder.callerSaid(Buffer.alloc(640, 0x40));
    record({ type: 'transfer-started', target: 'desk' });
    await pass(1);
    assert.deepEqual(asked, ['start', 'stop']);
    recorder.close();
    recorder.close();
    await settle();
    const { started_at, ...peaks } = JSON.parse(saved.get('call-1/peaks.json')!);
    assert.ok(Date.parse(started_at) < 100);
    assert.deepEqual(peaks, {
      interval_ms: 20,
      caller: Buffer.from([0, 0x40]).toString('base64'),
      agent: '',
    });
  });
});
