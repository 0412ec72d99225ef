// Tests of running tools: whatever happens, the model gets an answer.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { z } from 'zod';
import { parseAgent } from '../../shared/agents/agent.ts';
import type { CallId } from '../../shared/call/call.ts';
import type { CallFact } from '../../shared/call/call-event.ts';
import { newCallState } from '../../shared/call/call-state.ts';
import { silentLogger } from '../../shared/logger.ts';
import { currentTime } from '../../shared/tools/current-time.ts';
import { hangUp } from '../../shared/tools/hang-up.ts';
import { defineTool, type Tool, ToolRefusal } from '../../shared/tools/tool.ts';
import { ToolRunner } from './tool-runner.ts';

const facts: CallFact[] = [];
const { signal } = new AbortController();
const journal = {
  state: newCallState('call-1' as CallId),
  record: (fact: CallFact) => void facts.push(fact),
};
const addition = defineTool({
  name: 'add',
  description: 'Adds.',
  input: z.object({ a: z.number(), b: z.number() }),
  run: ({ a, b }) => ({ sum: a + b }),
});
const broken = defineTool({
  name: 'broken',
  description: 'Fails.',
  input: z.object({}),
  run: () => Promise.reject(new Error('the secret reason')),
});
const endless = defineTool({
  name: 'endless',
  description: 'Waits.',
  input: z.object({}),
  run: () => new Promise(() => {}),
});
const throwing = defineTool({
  name: 'throwing',
  description: 'Fails at once.',
  input: z.object({}),
  run: () => {
    throw new Error('the secret reason');
  },
});
const agent = parseAgent('test.md', '---\nname: test\n---\nBe kind.');
const createRunner = (...tools: Tool[]) =>
  new ToolRunner({ agent, tools, phone: { sendDigits: async () => {} }, log: silentLogger });
const runner = createRunner(addition, broken, throwing, endless, currentTime, hangUp);
/** As the last call is written down. */
const wasOk = () => facts.filter((fact) => fact.type === 'tool-called').at(-1)?.ok;
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** What the process would be told of, and end by. */
function watchStrays(t: TestContext): unknown[] {
  const strays: unknown[] = [];
  const keep = (reason: unknown) => strays.push(reason);
  process.on('unhandledRejection', keep);
  t.after(() => process.off('unhandledRejection', keep));
  return strays;
}

describe('ToolRunner', () => {
  it('gives the model the result as JSON', async () => {
    const { output } = await runner.run('add', '{"a": 2,\n "b": 3}', journal, signal);
    assert.deepEqual([output, wasOk()], ['{"sum":5}', true]);
  });

  it('takes an empty input for no input, and tells the time that it is', async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: new Date('2026-03-02T08:30:00Z') });
    const { output } = await runner.run('current_time', '', journal, signal);
    assert.match(output, /Monday, March 2, 2026 at 8:30/);
  });

  for (const [what, name, input, said] of [
    ['says which field of the input is wrong', 'add', '{"a":2,"b":"three"}', /at b/],
    ['says that the input is not JSON', 'add', '{"a":2', /Wrong input/],
    ['says that there is no such tool', 'transfer_everything', '{}', /no tool named transfer_everything/],
    ['says that a tool failed, and not why', 'broken', '{}', /did not work/],
    ['says that a tool failed which did so at once', 'throwing', '{}', /did not work/],
    ['says that a time zone is wrong without failing the call', 'current_time', '{"time_zone":"Mars"}', /no such time/],
  ] as const) {
    it(what, async () => {
      const { output } = await runner.run(name, input, journal, signal);
      assert.equal(wasOk(), false);
      assert.match(output, said);
      assert.doesNotMatch(output, /secret/);
    });
  }

  it('says that a tool takes too long, and drops what it says afterwards', async (t) => {
    const strays = watchStrays(t);
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const { promise, reject } = Promise.withResolvers<never>();
    const slow = defineTool({ name: 'slow', description: 'Waits.', input: z.object({}), run: () => promise });
    const running = createRunner(slow).run('slow', '{}', journal, signal);
    await settled();
    t.mock.timers.tick(10_000);
    assert.match((await running).output, /too long/);
    reject(new Error('the secret reason'));
    await settled();
    assert.deepEqual(strays, []);
  });

  it('leaves nothing behind that the end of the call could reject', async (t) => {
    const strays = watchStrays(t);
    const abort = new AbortController();
    for (const name of ['throwing', 'broken', 'current_time']) await runner.run(name, '{}', journal, abort.signal);
    abort.abort();
    await settled();
    assert.deepEqual(strays, []);
  });

  it('stops waiting when the call is over', async () => {
    const abort = new AbortController();
    const running = runner.run('endless', '{}', journal, abort.signal);
    abort.abort();
    assert.match((await running).output, /did not work/);
  });

  it('tells that the agent decided to end the call', async () => {
    assert.equal((await runner.run('hang_up', '{}', journal, signal)).endsCall, true);
    assert.equal((await runner.run('current_time', '{}', journal, signal)).endsCall, false);
  });

  it('tells the model what a tool refuses', async () => {
    const refusing = defineTool({
      name: 'refusing',
      description: 'Refuses.',
      input: z.object({}),
      run: () => {
        throw new ToolRefusal('Ask for another day.');
      },
    });
    assert.equal(
      (await createRunner(refusing).run('refusing', '{}', journal, signal)).output,
      '{"error":"Ask for another day."}',
    );
  });

  it('says that a tool failed whose result is no JSON', async () => {
    const circular: { self?: unknown } = {};
    circular.self = circular;
    for (const result of [circular, 1n]) {
      const odd = defineTool({ name: 'odd', description: 'Is odd.', input: z.object({}), run: () => result });
      assert.match((await createRunner(odd).run('odd', '{}', journal, signal)).output, /did not work/);
    }
  });

  it('writes down nothing that a tool finds out after the call', async () => {
    const written: CallFact[] = [];
    const abort = new AbortController();
    const late = defineTool({
      name: 'late',
      description: 'Is late.',
      input: z.object({}),
      run: async (_, { record }) => {
        await settled();
        record({ type: 'note-taken', text: 'too late' });
      },
    });
    const own = { ...journal, record: (fact: CallFact) => void written.push(fact) };
    const running = createRunner(late).run('late', '{}', own, abort.signal);
    abort.abort();
    await running;
    await settled();
    await settled();
    assert.deepEqual(written, []);
  });

  it('runs look-ups side by side, and what acts on the line after them, in order', async () => {
    const order: string[] = [];
    const steps = new Map<string, PromiseWithResolvers<void>>();
    const tool = (name: string, usesPhone: boolean) =>
      defineTool({
        name,
        description: 'Waits for its turn.',
        input: z.object({}),
        usesPhone,
        run: async () => {
          order.push(`${name} begins`);
          const step = Promise.withResolvers<void>();
          steps.set(name, step);
          await step.promise;
          order.push(`${name} ends`);
        },
      });
    const own = createRunner(tool('one', false), tool('two', false), tool('keys', true), tool('goodbye', true));
    const all = ['one', 'two', 'keys', 'goodbye'].map((name) => own.run(name, '{}', journal, signal));
    await settled();
    assert.deepEqual(order, ['one begins', 'two begins']);
    for (const name of ['two', 'one', 'keys', 'goodbye']) {
      steps.get(name)!.resolve();
      await settled();
    }
    await Promise.all(all);
    assert.deepEqual(order.slice(2), [
      'two ends',
      'one ends',
      'keys begins',
      'keys ends',
      'goodbye begins',
      'goodbye ends',
    ]);
  });

  it('lets a model that goes round in circles go on without tools, until the caller says something', async () => {
    const own = createRunner(addition);
    const state = newCallState('call-1' as CallId);
    const call = async (turns: typeof state.turns) =>
      (await own.run('add', '{"a":1,"b":1}', { ...journal, state: { ...state, turns } }, signal)).output;
    const outputs: string[] = [];
    for (let count = 0; count < 25; count += 1) outputs.push(await call([]));
    assert.deepEqual([outputs[23], /too many in a row/.test(outputs[24]!)], ['{"sum":2}', true]);
    assert.equal(await call([{ role: 'caller', text: 'And now?', interrupted: false, at: 1 }]), '{"sum":2}');
  });

  it('runs eight at once and no more', async () => {
    const abort = new AbortController();
    const own = createRunner(endless);
    const all = Array.from({ length: 9 }, () => own.run('endless', '{}', journal, abort.signal));
    assert.match((await all[8]!).output, /too many at once/);
    abort.abort();
    await Promise.all(all);
  });
});
