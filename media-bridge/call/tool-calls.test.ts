// Tools within a call: what the caller does meanwhile, what is said of what they give, and a call that ends before they do.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { z } from 'zod';
import { AppError } from '../../shared/errors.ts';
import { defineTool, type SpeakTime } from '../../shared/tools/tool.ts';
import { settled, startTestSession } from './testing/test-session.ts';

/** A call whose tools answer when the test says so. */
async function startCall(t: TestContext, speaks: Readonly<Record<string, SpeakTime>> = { look_up: 'when-idle' }) {
  const runs: { name: string; signal: AbortSignal; finish(value: unknown): void }[] = [];
  const tools = Object.entries(speaks).map(([name, speak]) =>
    defineTool({
      name,
      description: 'Looks something up.',
      input: z.object({}),
      speak,
      run: (_, { signal }) => new Promise((finish) => runs.push({ name, signal, finish })),
    }),
  );
  const call = await startTestSession(t, { tools });
  const use = async (toolCallId: string, name = 'look_up', replyId?: string) => {
    call.model.emit({ type: 'tool-call', toolCallId, name, input: '{}', replyId });
    await settled();
  };
  const results = () => call.model.done.filter(([what]) => what === 'tool-result');
  return { ...call, runs, use, results };
}

describe('a tool of a call', () => {
  it('is kept while the caller speaks into it', async (t) => {
    const { model, runs, use, results } = await startCall(t);
    await use('t1');
    model.emit({ type: 'caller-started-speaking' });
    model.emit({ type: 'caller-stopped-speaking' });
    assert.equal(runs[0]!.signal.aborted, false);
    runs[0]!.finish({ found: 7 });
    await settled();
    assert.deepEqual(results(), [['tool-result', 't1', '{"found":7}', true]]);
  });

  it('runs beside others, each with its own answer', async (t) => {
    const { runs, use, results } = await startCall(t);
    await use('t1');
    await use('t2');
    assert.equal(runs.length, 2);
    runs[1]!.finish(2);
    await settled();
    runs[0]!.finish(1);
    await settled();
    assert.deepEqual(
      results().map(([, id, output]) => [id, output]),
      [
        ['t2', '2'],
        ['t1', '1'],
      ],
    );
  });

  it('ends with the call, and nothing of it is told any more', async (t) => {
    const { session, runs, use, results, find } = await startCall(t);
    await use('t1');
    session.close();
    assert.equal(runs[0]!.signal.aborted, true);
    runs[0]!.finish({ found: 7 });
    await settled();
    assert.deepEqual([results(), await find('tool-called')], [[], []]);
  });

  it('is done once for two models, when the second asks for what the first was not told', async (t) => {
    const { model, models, runs, use, find } = await startCall(t);
    await use('t1');
    model.emit({ type: 'closed', error: new AppError('MODEL_UNAVAILABLE', 'gone') });
    await settled();
    models[1]!.emit({ type: 'tool-call', toolCallId: 'u1', name: 'look_up', input: '{}' });
    await settled();
    runs[0]!.finish({ found: 7 });
    await settled();
    assert.deepEqual(
      models[1]!.done.filter(([what]) => what === 'tool-result'),
      [['tool-result', 'u1', '{"found":7}', true]],
    );
    assert.deepEqual([runs.length, (await find('tool-called')).length], [1, 1]);
    models[1]!.emit({ type: 'tool-call', toolCallId: 'u2', name: 'look_up', input: '{}' });
    await settled();
    assert.equal(runs.length, 2, 'who was told may ask anew');
  });

  it('tells nothing to a model that did not ask', async (t) => {
    const { model, models, runs, use } = await startCall(t);
    await use('t1');
    model.emit({ type: 'closed', error: new AppError('MODEL_UNAVAILABLE', 'gone') });
    await settled();
    runs[0]!.finish({ found: 7 });
    await settled();
    assert.equal(models.length, 2);
    assert.ok(!models[1]!.done.some(([what]) => what === 'tool-result'));
  });

  it('that is urgent cuts what the agent says', async (t) => {
    const { model, transport, runs, use, results } = await startCall(t, { look_up: 'interrupt' });
    await use('t1');
    model.speak('a', 'Let me tell you something long', 2_000);
    transport.playedMs = 500;
    runs[0]!.finish('now');
    await settled();
    assert.deepEqual(transport.done, ['clear']);
    assert.deepEqual(results(), [['tool-result', 't1', '"now"', true]]);
  });

  it('that is not urgent lets the agent finish', async (t) => {
    const { model, transport, runs, use } = await startCall(t);
    await use('t1');
    model.speak('a', 'Let me tell you something long', 2_000);
    transport.playedMs = 500;
    runs[0]!.finish('later');
    await settled();
    assert.deepEqual(transport.done, []);
  });

  it('that is silent asks for no reply, unless it failed', async (t) => {
    const { runs, use, results } = await startCall(t, { log_it: 'silent' });
    await use('t1', 'log_it');
    runs[0]!.finish('kept');
    await settled();
    await use('t2', 'fly');
    assert.deepEqual(
      results().map(([, id, , wantsReply]) => [id, wantsReply]),
      [
        ['t1', false],
        ['t2', true],
      ],
    );
  });
});
