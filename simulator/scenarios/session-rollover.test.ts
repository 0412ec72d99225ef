// Sessions of limited age: one is replaced without a sound in a quiet moment, and sessions that are of no use end a call soon.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { level } from '../caller/agent-ear.ts';
import { phoneFrameSamples, phoneSampleRate } from '../caller/phone.ts';
import { ringAs } from './inbound-call.ts';
import { startWatchedWorld } from './watched-world.ts';

const audible = 150;
const secondMs = 1_000;

async function start(t: TestContext) {
  const { world, calls } = await startWatchedWorld(t);
  return { world, calls, realtime: world.standIns.realtime };
}

describe('a session that expires', () => {
  it('is replaced while nobody speaks: the caller hears nothing of it, and the agent forgets nothing', async (t) => {
    const { world, calls, realtime } = await start(t);
    // The bridge gives a session back two minutes before its end, which is real here.
    realtime.faults.sessionMs = 200 * secondMs;
    const number = '+15550151';
    const { session, done } = await ringAs(world, number, [
      { wait: 'agent-finished' },
      { say: 'What are your opening hours?' },
      { wait: 'agent-finished' },
      { pauseMs: 90 * secondMs },
      { say: 'What time is it?' },
      { wait: 'agent-finished' },
      { say: 'Goodbye.' },
      { wait: 'line-closed' },
    ]);
    realtime.faults.sessionMs = undefined;
    const next = realtime.nextSession();
    const report = await done;
    const second = await next;
    assert.equal(report.outcome, 'finished', report.reason);
    assert.notEqual(second, session);
    assert.deepEqual(
      calls.eventsOf(number, 'model-lost').map(({ code }) => code),
      ['MODEL_SESSION_EXPIRED'],
    );
    assert.deepEqual(
      calls.eventsOf(number, 'model-opened').map(({ model }) => model),
      ['gpt-realtime', 'gpt-realtime'],
    );

    const [asked, later] = report.lines;
    const answeredMs = asked!.finishedMs + asked!.answeredAfterMs!;
    const perMs = phoneSampleRate / 1000;
    const pauseFrom = Math.round((later!.startedMs - 85 * secondMs) * perMs);
    const pause = report.heard.subarray(pauseFrom, Math.round(later!.startedMs * perMs));
    assert.ok(later!.startedMs - answeredMs > 90 * secondMs);
    for (let at = 0; at + phoneFrameSamples <= pause.length; at += phoneFrameSamples) {
      const frameLevel = level(pause.subarray(at, at + phoneFrameSamples));
      assert.ok(frameLevel < audible, `a sound ${Math.round(at / perMs)} ms into the pause`);
    }
    assert.ok(later!.answeredAfterMs !== undefined && later!.answeredAfterMs < 3 * secondMs);

    const told = second.log.of('conversation.item.create').map(({ item }) => (item as { role: string }).role);
    assert.deepEqual(told.slice(0, 3), ['assistant', 'user', 'assistant']);
    assert.equal(await calls.ended(number), 'agent-hung-up');
  });

  it('at once, again and again, ends the call with an apology after a bounded number of tries', async (t) => {
    const { world, calls, realtime } = await start(t);
    realtime.faults.sessionMs = 1;
    world.standIns.speech.faults.refuse = 401;
    const before = realtime.sessions.length;
    const number = '+15550152';
    const { done } = await ringAs(world, number, [{ wait: 'line-closed' }]);
    const report = await done;
    assert.equal(report.outcome, 'finished', report.reason);
    assert.equal(await calls.ended(number), 'model-unavailable');
    const opened = realtime.sessions.length - before;
    assert.ok(opened >= 2 && opened <= 12, `${opened} sessions`);
  });

  it('later than any timer can tell is left alone', async (t) => {
    const { world, calls, realtime } = await start(t);
    realtime.faults.toldExpiresAt = 32_503_680_000;
    const number = '+15550153';
    const { done } = await ringAs(world, number, [
      { wait: 'agent-finished' },
      { pauseMs: 20 * secondMs },
      { say: 'Goodbye.' },
      { wait: 'line-closed' },
    ]);
    assert.equal((await done).outcome, 'finished');
    assert.equal(await calls.ended(number), 'agent-hung-up');
    assert.equal(calls.eventsOf(number, 'model-opened').length, 1);
  });
});
