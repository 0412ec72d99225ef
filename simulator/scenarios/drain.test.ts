// A bridge that is told to stop: it hands its calls over or finishes them, takes no new ones, and after its time cuts off what is left.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { callDetailSchema } from '../../shared/api.ts';
import { patientEndOfSpeechMs as endOfSpeechMs } from '../caller/agent-ear.ts';
import { createTonePhone } from '../caller/tone-phone.ts';
import type { RealtimeSession } from '../realtime/realtime-session.ts';
import { startRedisCluster } from '../redis-cluster.ts';
import { PartProcess, type ProductProcesses } from '../world/product.ts';
import { startWorldOfProcesses, startWorldOfReplicas, type World } from '../world/world.ts';
import { poll } from './carrier-leg.ts';
import { ring, ringAs } from './inbound-call.ts';

let world: World<ProductProcesses>;
let DATA_FOLDER: string;
before(async () => {
  DATA_FOLDER = await mkdtemp(join(tmpdir(), 'parley-drain-'));
  world = await startWorldOfProcesses({ timeScale: 0.1, settings: { DATA_FOLDER } });
});
after(async () => {
  await world.stop();
  await rm(DATA_FOLDER, { recursive: true, force: true, maxRetries: 20 });
});

const speaks = ({ log }: RealtimeSession) =>
  poll(
    async () => log.of('response.output_audio.delta').length,
    (deltas) => deltas > 0,
  );

async function findEndReason(callId: string): Promise<string | undefined> {
  const url = `${world.product.functionsUrl}/api/calls/${callId}`;
  const look = async () => callDetailSchema.parse(await (await fetch(url)).json());
  return (await poll(look, ({ status }) => status === 'ended')).end_reason;
}

it('finishes the live call, refuses the next one and goes', async () => {
  const { bridge, bridgeUrl } = world.product;
  const { acs } = world.standIns;
  const script = [{ wait: 'agent-finished' }, { say: 'Goodbye.' }, { wait: 'line-closed' }] as const;
  const live = await ringAs(world, '+15550170', script, { endOfSpeechMs });
  await speaks(live.session);
  assert.equal((await fetch(`${bridgeUrl}/readyz`)).status, 200);
  bridge.signal('SIGTERM');
  const ready = await poll(
    async () => {
      const response = await fetch(`${bridgeUrl}/readyz`);
      return { status: response.status, body: await response.json() };
    },
    ({ status }) => status === 503,
  );
  assert.deepEqual(ready, { status: 503, body: { status: 'draining', calls: 1 } });
  assert.equal((await fetch(`${bridgeUrl}/healthz`)).status, 200);

  // There is no other replica here: ACS is asked to open the socket again, until the caller has enough.
  const phone = createTonePhone({ hz: 440 });
  const { call } = acs.ring({ from: '+15550171', phone });
  const refusals = await poll(
    async () => call.media.events.map(({ type, detail }) => `${type}: ${detail}`),
    ({ length }) => length >= 2,
  );
  assert.deepEqual(new Set(refusals), new Set(['refused: Unexpected server response: 503']));
  phone.hangUp();
  await phone.closed;
  assert.ok(phone.heard.every((sample) => sample === 0));

  const report = await live.done;
  assert.equal(report.outcome, 'finished', report.reason);
  assert.deepEqual(
    live.session.log.heard.map(({ phrase }) => phrase),
    ['Goodbye.'],
  );
  assert.equal(await bridge.exited(), 0);
  assert.equal(await findEndReason(live.callId), 'agent-hung-up');
  assert.equal(
    await findEndReason(/callbacks\/([^/]+)/.exec(String(call.properties.callbackUri))![1]!),
    'caller-hung-up',
  );
});

it('cuts off after DRAIN_SECONDS what is left', async () => {
  const settings = { ...world.standIns.settings, DATA_FOLDER, DRAIN_SECONDS: '1' };
  const bridge = await PartProcess.start('media-bridge/main.ts', settings);
  try {
    const phone = createTonePhone({ hz: 440 });
    const { session, call, callId } = await ring(world, '+15550172', phone);
    await speaks(session);
    bridge.signal('SIGTERM');
    assert.equal(await bridge.exited(), 0);
    assert.ok(bridge.output.some((line) => line.includes('the time to drain is over')));
    const [opened, lost] = await poll(
      async () => call.media.events.map(({ type }) => type),
      ({ length }) => length >= 2,
    );
    assert.deepEqual([opened, lost], ['opened', 'lost']);
    phone.hangUp();
    assert.equal(await findEndReason(callId), 'caller-hung-up');
  } finally {
    await bridge.stop();
  }
});

it('hands its call over to another bridge and goes, long before its time is over, with live state in a Redis cluster', {
  timeout: 180_000,
}, async (t) => {
  const redis = await startRedisCluster();
  if (!redis) return t.skip('redis-server is not installed');
  t.after(() => redis.stop());
  const settings = { REDIS_URL: redis.url, REDIS_CLUSTER: 'true', DATA_FOLDER, LOG_LEVEL: 'warn' };
  const replicas = await startWorldOfReplicas({ timeScale: 0.1, settings });
  t.after(() => replicas.stop());
  const { call, callId, session, done } = await ringAs(replicas, '+15550173', [
    // Of their own accord they never leave: on a busy machine a greeting with a hole in it ends twice.
    { wait: 'line-closed', maxMs: 60_000 },
  ]);
  await speaks(session);
  const { bridges } = replicas.product;
  const counts = await Promise.all(
    bridges.map(async ({ url }) => ((await (await fetch(`${url}/healthz`)).json()) as { calls: number }).calls),
  );
  const owner = bridges[counts.indexOf(1)]!;
  const resumed = replicas.standIns.realtime.nextSession();
  owner.signal('SIGTERM');
  const next = await resumed;
  assert.equal(await owner.exited(), 0);
  assert.ok(!owner.output.some((line) => line.includes('the time to drain is over')));
  assert.deepEqual(
    call.media.events.map(({ type }) => type),
    ['opened', 'closed', 'opened'],
  );
  // The next one knows the greeting, and says nothing until it is asked.
  const findItems = async () => next.log.of('conversation.item.create').length;
  assert.equal(await poll(findItems, (count) => count > 0), 1);
  assert.equal(next.log.of('response.create').length, 0);
  await replicas.ask(`/api/calls/${callId}/hang-up`, {});
  await done;
});
