// A call session between fake legs, with stores in memory.
import type { TestContext } from 'node:test';
import { type AgentProfile, parseAgent } from '../../../shared/agents/agent.ts';
import type { CallId } from '../../../shared/call/call.ts';
import type { CallEvent, CallFact } from '../../../shared/call/call-event.ts';
import { type CallState, newCallState } from '../../../shared/call/call-state.ts';
import { AppError, type ErrorCode } from '../../../shared/errors.ts';
import { silentLogger } from '../../../shared/logger.ts';
import { CallLedger } from '../../../shared/stores/call-ledger.ts';
import { MemoryCallHistory } from '../../../shared/stores/memory-call-history.ts';
import { MemoryCallStream } from '../../../shared/stores/memory-call-stream.ts';
import { ToolRegistry } from '../../../shared/tools/registry.ts';
import type { Tool } from '../../../shared/tools/tool.ts';
import { CallJournal } from '../call-journal.ts';
import { CallSession, type CallSessionOptions } from '../call-session.ts';
import { ModelFailover } from '../model-failover.ts';
import { ToolRunner } from '../tool-runner.ts';
import type { Announcer } from '../waiting-sounds.ts';
import { workFor } from '../work-owner.ts';
import { FakeModel, FakeTransport } from './fake-legs.ts';
import { createTestHold } from './test-hold.ts';

// What models say is all that is heard of callers here: nothing comes down the line by which a bridge decides.
const receptionist = parseAgent(
  'test.md',
  '---\nname: test\ngreeting: Hello.\nmodels: [gpt-realtime, voice-live]\ntools: [take_note, hang_up]\nturn_taking: { decided_by: model }\n---\nBe kind.',
);

export interface TestParts {
  readonly transport: FakeTransport;
  readonly carrier: Record<'hangUp' | 'replaceMedia' | 'restartMedia', () => Promise<void>>;
  readonly announcer: Announcer;
  readonly ledger: CallLedger;
  readonly stream: MemoryCallStream;
}

export async function startTestSession(
  t: TestContext,
  options: {
    agent?: AgentProfile;
    call?: CallState;
    /** So long ago the carrier's socket asked to be let in. */
    askedAgoMs?: number;
    refuse?: Partial<Record<string, ErrorCode>>;
    createScreening?: CallSessionOptions['createScreening'];
    tools?: readonly Tool[];
    /** Changes a part before the call begins. */
    plant?(parts: TestParts): void;
  } = {},
) {
  const callId = 'call-1' as CallId;
  const agent = options.agent ?? receptionist;
  const stream = new MemoryCallStream();
  const ledger = new CallLedger(stream, new MemoryCallHistory());
  const transport = new FakeTransport();
  const models: FakeModel[] = [];
  const hangUps: number[] = [];
  const carrier = {
    hangUp: async () => void hangUps.push(1),
    replaceMedia: async () => {},
    restartMedia: async () => {},
  };
  const announcer: Announcer = { getAudio: () => Buffer.alloc(80) };
  options.plant?.({ transport, carrier, announcer, ledger, stream });
  const call = options.call ?? newCallState(callId);
  const hold = await createTestHold(t, callId);
  const journal = new CallJournal({ call, knownIds: [], ledger, stream, hold, log: silentLogger });
  const session = new CallSession({
    agent,
    replica: 'r1',
    transport,
    askedAt: performance.now() - (options.askedAgoMs ?? 0),
    journal,
    hold,
    replaceMedia: () => carrier.replaceMedia().then(() => true),
    restartMedia: () => carrier.restartMedia().then(() => true),
    tools: new ToolRunner({
      agent,
      tools: options.tools ?? new ToolRegistry().pick(agent),
      phone: { sendDigits: async () => {} },
      log: silentLogger,
    }),
    log: silentLogger,
    createScreening: options.createScreening,
    announcer,
    failover: new ModelFailover({
      kinds: agent.models,
      onFailure: () => {},
      open: async (kind) => {
        const code = options.refuse?.[kind];
        if (code) throw new AppError(code, 'refused by the test');
        const model = new FakeModel(kind, journal.state.turns);
        models.push(model);
        return model;
      },
    }),
    hangUp: () => carrier.hangUp(),
  });
  t.after(() => session.close());
  const started = Promise.withResolvers<void>();
  workFor(session, () => session.start().finally(started.resolve));
  await started.promise;
  const events = () => stream.read(callId);
  const find = async <Type extends CallFact['type']>(type: Type) =>
    (await events()).filter((event): event is Extract<CallEvent, { type: Type }> => event.type === type);
  return { session, transport, model: models[0]!, models, hangUps, events, find, journal };
}

/** Whatever waits for nothing but its turn has had it. */
export const settled = () => new Promise((resolve) => setImmediate(resolve));
