// How a call is put together on this replica: from what is known of it, and without missing what happens meanwhile.
import '../../simulator/virtual-time/install.ts';

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { parseAgent } from '../../shared/agents/agent.ts';
import type { CallId } from '../../shared/call/call.ts';
import type { CallEvent, CallFact } from '../../shared/call/call-event.ts';
import { foldCallEvents } from '../../shared/call/call-state.ts';
import { AppError } from '../../shared/errors.ts';
import { silentLogger as log } from '../../shared/logger.ts';
import type { SignedTicket } from '../../shared/media-token.ts';
import { FolderRecordingFiles } from '../../shared/recordings/folder-recording-files.ts';
import { CallLedger } from '../../shared/stores/call-ledger.ts';
import { createMemoryStores } from '../../shared/stores/memory-stores.ts';
import { createFaultyStores } from '../../shared/stores/testing/faulty-stores.ts';
import type { CallControl } from '../../shared/telephony/call-control.ts';
import { ToolRegistry } from '../../shared/tools/registry.ts';
import { AgentVersions } from './agent-versions.ts';
import { sureMs } from './call-hold.ts';
import { CallOpener } from './call-opener.ts';
import { PastCalls } from './past-calls.ts';
import { FakeModel, FakeTransport } from './testing/fake-legs.ts';
import { settled } from './testing/test-session.ts';

const callId = 'in-1' as CallId;
const agent = parseAgent('test.md', '---\nname: test\ngreeting: Hello.\nmodels: [gpt-realtime]\n---\nBe kind.');
const ticket: SignedTicket = { callId, carrier: 'acs', direction: 'inbound', agent: 'test', issuedAt: Date.now() };
const socket = { carrierCallId: 'connection-1', isExpected: false };
const created: CallFact = {
  type: 'call-created',
  carrier: 'acs',
  direction: 'inbound',
  remoteParty: '+15550142',
  ourNumber: '+15550100',
  agent: 'test',
};
const event = (fact: CallFact, at = 1): CallEvent => ({ ...fact, id: fact.type, callId, at });

function setUp(t: TestContext, control?: Partial<CallControl>) {
  const kept = createMemoryStores();
  const { stores, live, history } = createFaultyStores(kept);
  const ledger = new CallLedger(stores.stream, stores.history);
  const models: FakeModel[] = [];
  const opener = new CallOpener({
    recordings: new Map(),
    files: new FolderRecordingFiles('.data/recordings'),
    replica: 'here',
    agents: new AgentVersions({
      agents: { get: () => agent, findVersion: () => undefined },
      defaultAgent: 'test',
      lookUps: stores.lookUps,
      log,
    }),
    tools: new ToolRegistry(),
    ledger,
    stream: stores.stream,
    leases: stores.leases,
    dialCounts: stores.dialCounts,
    tokens: { sign: async () => 'token' },
    controls: new Map(control ? [['acs', control as CallControl]] : []),
    watch: () => ({ traceIds: {}, observe() {}, close() {} }),
    announcements: { createAnnouncer: () => ({ getAudio: () => Buffer.alloc(80) }) },
    log,
    transfers: undefined,
    models: new Map([
      [
        'gpt-realtime',
        async (options) => {
          const model = new FakeModel('gpt-realtime', options.history);
          models.push(model);
          return model;
        },
      ],
    ]),
  });
  const past = () => new PastCalls({ stream: stores.stream, history: stores.history, log }).find(ticket, socket);
  const transport = new FakeTransport();
  const open = async (found: Awaited<ReturnType<typeof past>>) => {
    const carrierCallId = 'connection-1';
    const lease = await opener.seize(ticket.callId);
    const agent = await opener.chooseAgent(ticket, found);
    const call = { ticket, past: found, agent, transport, askedAt: performance.now(), carrierCallId, lease };
    const session = opener.createSession(call);
    t.after(() => session.close());
    await session.start();
    return session;
  };
  return { kept, live, history, models, transport, past, open };
}

it('greets whoever has not been talked to', async (t) => {
  const { past, open, models } = setUp(t);
  await open(await past());
  assert.deepEqual(models[0]!.done, [['reply', 'Hello.']]);
});

it('greets nobody twice when the stream has lost the call: the history knows what was said', async (t) => {
  const { kept, past, open, models } = setUp(t);
  const said: CallFact = { type: 'turn-finished', role: 'agent', text: 'Hello.', interrupted: false };
  const events = [created, { type: 'media-started', replica: 'elsewhere' } as const, said].map((fact) => event(fact));
  await kept.history.save(foldCallEvents(callId, events));
  await open(await past());
  assert.deepEqual(
    models[0]!.history.map(({ text }) => text),
    ['Hello.'],
  );
  assert.match(String(models[0]!.done), /The line was interrupted/);
});

it('hears of the end that came between the look at the past and the first moment of listening', async (t) => {
  const { kept, past, open } = setUp(t);
  await kept.stream.append(event(created));
  const found = await past();
  await kept.stream.append(event({ type: 'call-ended', reason: 'caller-hung-up' }));
  const session = await open(found);
  await session.ended;
});

it('hears of the end that was written while it could not reach the stream, once it can', async (t) => {
  const { kept, live, past, open } = setUp(t);
  live.become('away');
  const session = await open(await past());
  await settled();
  await kept.stream.append(event(created));
  await kept.stream.append(event({ type: 'call-ended', reason: 'caller-hung-up' }));
  await settled();
  assert.equal(session.isOver, false);
  live.become('well');
  await session.ended;
});

it('introduces a call that nobody wrote down, and takes nothing back of what functions know of it', async (t) => {
  const { kept, past, open } = setUp(t);
  await open(await past());
  await kept.stream.append(event(created));
  await settled();
  const { remoteParty, ourNumber, carrierCallId } = foldCallEvents(callId, await kept.stream.read(callId));
  assert.deepEqual([remoteParty, ourNumber, carrierCallId], ['+15550142', '+15550100', 'connection-1']);
});

it('gives an ended call its place back at once, while both stores hang', async (t) => {
  const { live, history, past, open, kept } = setUp(t);
  await kept.stream.append(event(created));
  const session = await open(await past());
  live.become('hanging');
  history.become('hanging');
  session.close();
  await session.ended;
});

describe('a call whose socket is lost, and whose hold the store does not tell,', () => {
  const gone = new AppError('CARRIER_UNREACHABLE', 'no answer');
  const carriers = [
    { name: 'is left to whoever reaches its carrier', look: () => Promise.reject(gone), hungUp: 0 },
    { name: 'is hung up by who reaches its carrier', look: async () => ({ phase: 'connected' }) as const, hungUp: 1 },
    {
      name: 'is hung up where it is over, and so ended, too',
      look: async () => ({ phase: 'over' }) as const,
      hungUp: 1,
    },
  ];
  for (const { name, look, hungUp } of carriers)
    it(name, async (t) => {
      const asked: string[] = [];
      const hangUp = async (id: string) => void asked.push(id);
      const { live, transport, past, open } = setUp(t, { carrier: 'acs', look, hangUp });
      const session = await open(await past());
      live.become('away');
      await new Promise((resolve) => setTimeout(resolve, sureMs));
      transport.emit({ type: 'closed', clean: false, code: 1006 });
      session.hangUp('model-unavailable', 'agent');
      await new Promise((resolve) => setTimeout(resolve, 5_000));
      assert.equal(asked.length, hungUp);
      assert.equal(session.isOver, true);
    });
});

it('a hang-up that failed is asked for again without a question, by who had the line when it was asked for', async (t) => {
  let asked = 0;
  let looked = 0;
  const unreachable = new AppError('CARRIER_UNREACHABLE', 'no answer');
  const hangUp = async () => {
    if (++asked < 3) throw unreachable;
  };
  const look = async () => {
    looked++;
    throw unreachable;
  };
  const { live, past, open } = setUp(t, { carrier: 'acs', look, hangUp });
  const session = await open(await past());
  live.become('away');
  session.hangUp('agent-hung-up', 'agent');
  await new Promise((resolve) => setTimeout(resolve, 10_000));
  assert.deepEqual([asked, looked], [3, 0]);
});
