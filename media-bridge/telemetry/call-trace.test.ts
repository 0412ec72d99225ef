// What spans a call's events make: in the order in which they come, and in any other.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type TracerProvider, trace } from '@opentelemetry/api';
import type { CallId } from '../../shared/call/call.ts';
import type { CallEvent, CallFact } from '../../shared/call/call-event.ts';
import { createLogger } from '../../shared/logger.ts';
import { attributeNames } from '../../shared/telemetry/names.ts';
import { CallTelemetry } from './call-telemetry.ts';
import { CallTrace } from './call-trace.ts';
import { SpanRecorder } from './testing/span-recorder.ts';

const call = {
  callId: 'in-1' as CallId,
  carrier: 'acs',
  direction: 'inbound',
  agent: 'test',
  replica: 'here',
} as const;
const event = (at: number, fact: CallFact): CallEvent => ({ ...fact, id: `${at}`, callId: call.callId, at });

let recorder: SpanRecorder;
const install = (provider: TracerProvider) => {
  trace.disable();
  trace.setGlobalTracerProvider(provider);
};
beforeEach(() => {
  recorder = new SpanRecorder();
  install(recorder);
});
afterEach(() => trace.disable());

function play(events: readonly (readonly [at: number, fact: CallFact])[], isOurs = true): void {
  const traced = new CallTrace({ ...call, startMs: 0 });
  for (const [at, fact] of events) traced.observe(event(at, fact), isOurs);
  traced.close(10_000);
}
const tree = () =>
  recorder.spans.map(({ name, parent, startMs, endMs }) => `${parent ?? '-'} > ${name} ${startMs}-${endMs}`);

const timed = { type: 'reply-timed', latencyMs: 300, endpointingMs: 500, playoutMs: 40 } as const;
const tool = (tookMs: number, ok = true) => ({ type: 'tool-called', name: 'clock', ok, tookMs }) as const;

describe('the trace of a call', () => {
  it('splits what a caller waited into stages that follow each other', () => {
    play([
      [2000, timed],
      [4000, { type: 'turn-finished', role: 'agent', text: 'x', interrupted: false }],
    ]);
    assert.deepEqual(tree(), [
      '- > invoke_agent test 0-10000',
      'invoke_agent test > turn 1200-4000',
      'turn > wait 1200-2040',
      'wait > endpointing 1200-1700',
      'wait > first audio 1700-2000',
      'wait > playout 2000-2040',
      'turn > reply 2040-4000',
    ]);
  });

  it('has the greeting, from when the agent could be heard to when it was, or was cut, and no second one', () => {
    const opening = [
      [100, { type: 'media-started', replica: 'here' }],
      [400, { type: 'model-opened', model: 'cascade', tookMs: 200 }],
    ] as const;
    const said = (interrupted: boolean) => ({ type: 'turn-finished', role: 'agent', text: 'x', interrupted }) as const;
    const greetings = (...events: readonly (readonly [number, CallFact])[]) => {
      const before = recorder.spans.length;
      play([...opening, ...events]);
      const made = recorder.spans.slice(before).filter(({ name }) => name === 'greeting');
      return made.map(({ startMs, endMs, attributes }) => [startMs, endMs, attributes[attributeNames.heardMs]]);
    };
    assert.deepEqual(greetings([3000, said(false)], [5000, said(false)]), [[400, 3000, undefined]]);
    const cut = { type: 'agent-interrupted', heardMs: 960, stopMs: 1 } as const;
    assert.deepEqual(greetings([1500, said(true)], [1500, cut]), [[400, 1500, 960]]);
    // The caller spoke first.
    assert.deepEqual(greetings([2000, timed], [4000, said(false)]), []);
    assert.deepEqual(greetings(), []);
  });

  it('gives a tool to the turn that waited for it, and one of another time to the call', () => {
    play([
      [900, tool(100)],
      [1900, tool(100)],
      [2000, timed],
      [2500, tool(50, false)],
    ]);
    const tools = recorder.spans.filter(({ name }) => name === 'execute_tool clock');
    assert.deepEqual(
      tools.map(({ parent, startMs, failed }) => [parent, startMs, failed]),
      [
        ['invoke_agent test', 800, false],
        ['turn', 1800, false],
        ['turn', 2450, true],
      ],
    );
  });

  it('marks a reply that was cut, and begins nothing when the end of the call cuts silence', () => {
    play([
      [2000, timed],
      [3000, { type: 'turn-finished', role: 'agent', text: 'x', interrupted: true }],
      [3000, { type: 'agent-interrupted', heardMs: 960, stopMs: 0.5 }],
      [4000, { type: 'agent-interrupted', heardMs: 0, stopMs: 0.5 }],
    ]);
    const [reply, ...others] = recorder.spans.filter(({ name }) => name === 'reply');
    assert.deepEqual(others, []);
    assert.equal(reply!.endMs, 3000);
    assert.equal(reply!.attributes[attributeNames.heardMs], 960);
  });

  it('shows one failover from the loss of a model to the next one, whatever failed between', () => {
    play([
      [100, { type: 'model-opened', model: 'gpt-realtime', tookMs: 100 }],
      [2000, { type: 'model-lost', model: 'gpt-realtime', code: 'MODEL_SILENT' }],
      [2500, { type: 'model-lost', model: 'voice-live', code: 'MODEL_THROTTLED' }],
      [3000, { type: 'model-opened', model: 'cascade', tookMs: 400 }],
    ]);
    assert.deepEqual(tree().slice(1), [
      'invoke_agent test > connect model 0-100',
      'invoke_agent test > model session 100-2000',
      'invoke_agent test > failover 2000-3000',
      'failover > connect model 2000-2500',
      'failover > connect model 2600-3000',
      'invoke_agent test > model session 3000-10000',
    ]);
    assert.deepEqual(
      recorder.spans.filter(({ failed }) => failed).map(({ attributes }) => attributes[attributeNames.error]),
      ['MODEL_SILENT', 'MODEL_THROTTLED'],
    );
  });

  it('tells of no turn of another replica, and of the end that functions write', () => {
    play(
      [
        [2000, timed],
        [2500, { type: 'media-started', replica: 'there' }],
        [3000, { type: 'transfer-started', target: 'somebody' }],
        [4000, { type: 'transfer-failed', code: '15550163801/7' }],
        [5000, { type: 'call-ended', reason: 'caller-hung-up' }],
      ],
      false,
    );
    assert.deepEqual(tree(), ['- > invoke_agent test 0-10000', 'invoke_agent test > transfer 3000-4000']);
    assert.equal(recorder.spans[0]!.attributes[attributeNames.reason], 'caller-hung-up');
    assert.equal(recorder.spans[1]!.attributes[attributeNames.error], '[hidden]/7');
  });

  it('ends every span once, and none before it began, in whatever order events come', () => {
    const facts: readonly CallFact[] = [
      { type: 'media-started', replica: 'here' },
      { type: 'media-stopped', replica: 'here', clean: false },
      { type: 'model-opened', model: 'cascade', tookMs: 300 },
      { type: 'model-lost', model: 'cascade', code: 'MODEL_SILENT' },
      timed,
      tool(5_000),
      { type: 'agent-interrupted', heardMs: 1, stopMs: 1 },
      { type: 'turn-finished', role: 'agent', text: 'x', interrupted: false },
      { type: 'transfer-requested', target: 'x' },
      { type: 'transfer-answered' },
      { type: 'transfer-failed', code: '1' },
      { type: 'hang-up-requested', by: 'agent', reason: 'agent-hung-up' },
      { type: 'call-ended', reason: 'failed' },
    ];
    let seed = 7;
    const random = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return seed % below;
    };
    for (let round = 0; round < 300; round++)
      play(Array.from({ length: 40 }, () => [random(9_000), facts[random(facts.length)]!] as const));
    const wrong = recorder.spans.filter(({ ends, startMs, endMs }) => ends !== 1 || endMs! < startMs);
    assert.deepEqual(wrong, []);
    assert.ok(recorder.spans.length > 5_000);
  });
});

describe('a call that cannot be observed', () => {
  it('goes on all the same, and is told of once', () => {
    const lines: string[] = [];
    const log = createLogger({
      level: 'info',
      showPii: false,
      service: 'test',
      destination: { write: (line: string) => void lines.push(line) },
    });
    const broken = () => {
      throw new Error('broken');
    };
    install({ getTracer: broken });
    const watcher = new CallTelemetry(log).watch(call);
    assert.deepEqual(watcher.traceIds, {});
    for (let at = 0; at < 5; at++) watcher.observe(event(at, timed), true);
    watcher.close();
    assert.equal(lines.length, 1);
  });
});
