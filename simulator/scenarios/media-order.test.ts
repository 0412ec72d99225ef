// The callbacks of a call before, during and after its media socket, in every order: it works, and ends once.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { after, before, beforeEach, it } from 'node:test';
import { type AcsFaults, createAcsFaults } from '../acs/acs-faults.ts';
import type { PersonStep } from '../caller/person-script.ts';
import type { World } from '../world/world.ts';
import { checkConformance } from './conformance.ts';
import { ringAs } from './inbound-call.ts';
import { LiveCalls } from './live-calls.ts';
import { startScenarioWorld } from './scenario-world.ts';

let world: World;
let calls: LiveCalls;
let faults: AcsFaults;
before(async () => {
  world = await startScenarioWorld({ realtimeTiming: { firstAudioMs: 300, audioSpeed: 5, transcriptionMs: 50 } });
  calls = await LiveCalls.open(world);
  faults = world.standIns.acs.faults;
});
after(async () => {
  calls.close();
  await world.stop();
});
beforeEach(() => {
  const asUsual = createAcsFaults();
  Object.assign(faults.callbacks, asUsual.callbacks);
  Object.assign(faults.media, asUsual.media);
});

const question = 'Are you open on Saturday?';
const callerEnds: readonly PersonStep[] = [
  { afterAgentSpokeMs: 400, say: question },
  { wait: 'agent-speaking' },
  { hangUp: true },
];
const agentEnds: readonly PersonStep[] = [{ afterAgentSpokeMs: 400, say: 'Goodbye.' }, { wait: 'line-closed' }];

let number = 15550160;
async function checkCall(script: readonly PersonStep[], reason: string) {
  const from = `+${number++}`;
  const { session, call, done } = await ringAs(world, from, script);
  const report = await done;
  assert.equal(report.outcome, 'finished', report.reason);
  assert.deepEqual(
    session.log.heard.map(({ phrase }) => phrase),
    report.lines.map(({ text }) => text),
  );
  assert.ok(report.lines[0]!.answeredAfterMs !== undefined);
  await calls.ended(from);
  const told = calls.messagesOf(from);
  const ends = told.flatMap((message) => (message.type === 'status' && message.status === 'ended' ? [message] : []));
  assert.deepEqual(
    ends.map((message) => message.reason),
    [reason],
  );
  const types = told.map((message) => {
    if (message.type === 'status') return message.status;
    return message.type === 'event' ? message.event : message.role;
  });
  checkConformance(world);
  return { media: call.media.events.map(({ type }) => type), types };
}

it('works when CallConnected comes first, and CallDisconnected while the socket is open', async () => {
  faults.callbacks.connectedFirst = true;
  faults.media.lingerMs = 10_000;
  const { media } = await checkCall(callerEnds, 'caller-hung-up');
  // The bridge did not wait for the carrier to close it.
  assert.deepEqual(media, ['opened']);
});

it('works when CallConnected comes long after the conversation began, and CallDisconnected long after it ended', async () => {
  faults.callbacks.delayMs = 15_000;
  const { types, media } = await checkCall(callerEnds, 'caller-hung-up');
  assert.ok(types.indexOf('active') > types.indexOf('model-opened'), types.join(' '));
  assert.ok(types.indexOf('ended') > types.indexOf('media-stopped'), types.join(' '));
  assert.deepEqual(media, ['opened', 'closed']);
});

it('works without any CallConnected', async () => {
  faults.callbacks.drop = (type) => type === 'CallConnected';
  const { types } = await checkCall(agentEnds, 'agent-hung-up');
  assert.ok(!types.includes('active'), types.join(' '));
});

it('works when every pair of callbacks comes the wrong way round', async () => {
  faults.callbacks.reorder = true;
  await checkCall(agentEnds, 'agent-hung-up');
});

it('works when the socket cannot be opened at first, and all is told twice and several at a time', async () => {
  Object.assign(faults.callbacks, { duplicate: true, batch: true });
  faults.media.refuse = true;
  const { acs } = world.standIns;
  const known = acs.calls.length;
  const mended = setInterval(() => {
    if (acs.calls[known]?.media.events.some(({ type }) => type === 'refused')) faults.media.refuse = false;
  }, 1);
  try {
    const { media } = await checkCall(callerEnds, 'caller-hung-up');
    assert.deepEqual(media.slice(0, 2), ['refused', 'opened']);
    const restarts = acs.requests.filter(({ operation }) => /media/i.test(operation));
    assert.equal(restarts.length, 1, JSON.stringify(restarts));
  } finally {
    clearInterval(mended);
  }
});
