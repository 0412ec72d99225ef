// Sessions of the model that end as soon as they are there, or at odd times: how often they are opened, and what the caller gets.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import { callDetailSchema } from '../../shared/api.ts';
import type { PersonStep } from '../caller/person-script.ts';
import type { RealtimeFaults } from '../realtime/realtime-faults.ts';
import type { Settings } from '../world/product.ts';
import { poll } from './carrier-leg.ts';
import { ringAs } from './inbound-call.ts';
import { startScenarioWorld } from './scenario-world.ts';

const question = 'What are your opening hours?';
const conversation = [
  { wait: 'agent-finished' },
  { say: question },
  { wait: 'agent-finished' },
  { hangUp: true },
] as const;

async function converse(
  t: TestContext,
  faults: Partial<RealtimeFaults>,
  { script = conversation, settings = {} }: { script?: readonly PersonStep[]; settings?: Settings } = {},
) {
  const world = await startScenarioWorld({ settings });
  t.after(() => world.stop());
  const { realtime } = world.standIns;
  Object.assign(realtime.faults, faults);
  const { callId, done } = await ringAs(world, '+15550170', script);
  const { outcome } = await done;
  return {
    outcome,
    sessions: realtime.sessions.length,
    heard: realtime.sessions.flatMap(({ log }) => log.heard.map(({ phrase }) => phrase)),
    async reason() {
      const show = async () => callDetailSchema.parse(await (await world.ask(`/api/calls/${callId}`)).json());
      return (await poll(show, ({ status }) => status === 'ended')).end_reason;
    },
  };
}

it('a session that ends at once is opened a few times, and then the caller hears an apology', async (t) => {
  const script = [{ wait: 'agent-finished' }, { wait: 'line-closed' }] as const;
  // Without a service of speech there is no other kind of model.
  const settings = { AZURE_SPEECH_ENDPOINT: '' };
  const { sessions, reason } = await converse(t, { sessionMs: 1 }, { script, settings });
  assert.ok(sessions <= 6, `${sessions} sessions`);
  assert.equal(await reason(), 'model-unavailable');
});

it('a session that ends at once is opened a few times, and then another kind of model serves the caller', async (t) => {
  const { outcome, sessions } = await converse(t, { sessionMs: 1 });
  assert.ok(sessions <= 6, `${sessions} sessions`);
  assert.equal(outcome, 'finished');
});

const nowSeconds = () => Math.floor(Date.now() / 1000);
for (const [what, expiresAt] of [
  ['in a month, which is longer than a timer of Node holds', () => nowSeconds() + 30 * 24 * 3600],
  ['in a million years', () => nowSeconds() + 1e6 * 365 * 24 * 3600],
  ['in the past', () => nowSeconds() - 3600],
  ['in two minutes and a moment', () => nowSeconds() + 121],
] as const) {
  it(`a session that says it ends ${what} holds one conversation`, async (t) => {
    const { outcome, sessions, heard } = await converse(t, { toldExpiresAt: expiresAt() });
    assert.deepEqual([outcome, sessions, heard], ['finished', 1, [question]]);
  });
}
