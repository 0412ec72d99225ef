// A call that comes while Redis is away: it is answered and held, and written down when Redis is back.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { callDetailSchema } from '../../shared/api.ts';
import { startRedisServer } from '../redis-server.ts';
import { startWorldOfProcesses } from '../world/world.ts';
import { ringAs } from './inbound-call.ts';

/** The outbox of the bridge tries again every five seconds at most. */
const writtenWithinMs = 15_000;

it('a caller is answered without a store, and the call stands in the history afterwards', async (t) => {
  const redis = await startRedisServer();
  if (!redis) return t.skip('redis-server is not installed');
  t.after(() => redis.stop());
  const DATA_FOLDER = await mkdtemp(join(tmpdir(), 'parley-away-'));
  t.after(() => rm(DATA_FOLDER, { recursive: true, force: true }));
  const world = await startWorldOfProcesses({ settings: { REDIS_URL: redis.url, DATA_FOLDER, LOG_LEVEL: 'fatal' } });
  t.after(() => world.stop());

  await redis.stop();
  const { callId, session, done } = await ringAs(world, '+15550113', [
    { wait: 'agent-finished' },
    { say: 'What are your opening hours?' },
    { wait: 'agent-finished' },
    { hangUp: true },
  ]);
  const report = await done;
  assert.equal(report.outcome, 'finished', report.reason);
  assert.deepEqual(
    session.log.heard.map(({ phrase }) => phrase),
    ['What are your opening hours?'],
  );

  const again = await startRedisServer({ port: Number(new URL(redis.url).port) });
  t.after(() => again?.stop());
  const deadline = Date.now() + writtenWithinMs;
  for (;;) {
    const answer = await fetch(`${world.product.functionsUrl}/api/calls/${callId}`);
    const call = answer.ok ? callDetailSchema.parse(await answer.json()) : undefined;
    if (call?.turns.length === 3) {
      assert.deepEqual(
        call.turns.map(({ role }) => role),
        ['agent', 'caller', 'agent'],
      );
      return;
    }
    assert.ok(Date.now() < deadline, `after ${writtenWithinMs} ms: ${JSON.stringify(call)}`);
    await sleep(200);
  }
});
