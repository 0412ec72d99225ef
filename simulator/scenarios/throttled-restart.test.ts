// ACS loses the media socket and is too busy to open it again at once: the call waits, and goes on.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AcsFaults } from '../acs/acs-faults.ts';
import type { PersonStep } from '../caller/person-script.ts';
import type { World } from '../world/world.ts';
import { ringAs } from './inbound-call.ts';
import { LiveCalls } from './live-calls.ts';
import { readRecord, startMachines } from './machines.ts';
import { startScenarioWorld } from './scenario-world.ts';

const number = '+15550163';
const question = 'What are your opening hours?';
/** The caller speaks when the agent is back and has told of the interruption: until then ACS plays words of its own. */
const goesOn = (silentMs: number): readonly PersonStep[] => [
  { wait: 'agent-finished' },
  { pauseMs: silentMs },
  { say: question },
  { wait: 'agent-finished' },
  { hangUp: true },
];
/** With the pauses between two tries, the agent's words of resumption, and the time in which the call was not lost yet. */
const untilBackMs = 14_000;
const greetingMs = 6_000;

const troubles: Record<string, (faults: AcsFaults) => void> = {
  'answers 429': ({ rest }) => rest.add({ operation: 'startMediaStreaming', instead: { status: 429 }, times: 3 }),
  'answers 500': ({ rest }) => rest.add({ operation: 'startMediaStreaming', instead: { status: 500 }, times: 3 }),
  'does not take the call for connected (8501)': ({ rest }) =>
    rest.add({ operation: 'startMediaStreaming', instead: { status: 400, code: '8501' }, times: 3 }),
  'takes four starts, which all fail': ({ media }) => {
    media.failStarts = 4;
  },
};

describe('a media socket that is lost, while ACS', () => {
  let world: World;
  let calls: LiveCalls;
  beforeEach(async () => {
    world = await startScenarioWorld();
    calls = await LiveCalls.open(world);
  });
  afterEach(async () => {
    calls.close();
    await world.stop();
  });

  for (const [trouble, cause] of Object.entries(troubles)) {
    it(`${trouble}, is opened again in the time there is`, async () => {
      const { call, done } = await ringAs(world, number, goesOn(untilBackMs));
      await sleep(greetingMs);
      cause(world.standIns.acs.faults);
      call.dropMedia();
      const report = await done;
      assert.equal(report.outcome, 'finished', report.reason);
      assert.ok(report.lines[0]?.answeredAfterMs !== undefined, 'the question was answered');
      assert.equal(await calls.ended(number), 'caller-hung-up');
    });
  }
});

describe('the only bridge of a call at ACS', () => {
  for (const [awaySeconds, words] of [
    [4, 1],
    [11, 3],
    [26, 7],
  ] as const) {
    it(`finds the call when it is up again ${awaySeconds} s after it was killed, and the caller is told to wait`, async (t) => {
      const world = await startMachines(t);
      const { done } = await ringAs(world, number, goesOn(awaySeconds * 1000 + untilBackMs));
      await sleep(greetingMs);
      world.product.bridges[0]!.kill();
      await sleep(awaySeconds * 1000);
      await world.product.addBridge();
      const report = await done;
      assert.equal(report.outcome, 'finished', report.reason);
      assert.ok(report.lines[0]?.answeredAfterMs !== undefined, 'the question was answered');
      const { timeline } = report;
      const untilQuestion = timeline.slice(
        0,
        timeline.findIndex(({ type }) => type === 'started-saying'),
      );
      const spoken = untilQuestion.filter(({ type }) => type === 'agent-started').length;
      assert.equal(spoken, 1 + words + 1, 'the greeting, the words of waiting, the agent again');
      const record = await readRecord(world, number, ({ status }) => status === 'ended');
      assert.equal(record?.end_reason, 'caller-hung-up');
    });
  }

  it('is not waited for longer than half a minute', async (t) => {
    const world = await startMachines(t);
    const { done } = await ringAs(world, number, [{ wait: 'agent-finished' }, { wait: 'line-closed', maxMs: 60_000 }]);
    await sleep(greetingMs);
    world.product.bridges[0]!.kill();
    assert.equal((await done).outcome, 'finished');
    const record = await readRecord(world, number, ({ status }) => status === 'ended');
    assert.equal(record?.end_reason, 'media-lost');
  });
});
