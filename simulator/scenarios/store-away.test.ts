// Calls that come while a real Redis, or the Cosmos server, is away: answered and held, and written down when it is back.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it, type TestContext } from 'node:test';
import { createHttpServer } from '@vercel/cosmosdb-server';
import { type CallDetail, callDetailSchema, type Health, healthSchema } from '../../shared/api.ts';
import { patientEndOfSpeechMs as endOfSpeechMs } from '../caller/agent-ear.ts';
import { type RedisServer, startRedisServer } from '../redis-server.ts';
import type { Settings } from '../world/product.ts';
import { startWorldOfProcesses, type World } from '../world/world.ts';
import { poll } from './carrier-leg.ts';
import { ringAs } from './inbound-call.ts';

/** The outbox tries again every five seconds at most, the history every thirty. */
const writtenWithinMs = 40_000;

async function start(t: TestContext, settings: Settings): Promise<World> {
  const DATA_FOLDER = await mkdtemp(join(tmpdir(), 'parley-away-'));
  t.after(() => rm(DATA_FOLDER, { recursive: true, force: true, maxRetries: 20 }));
  const world = await startWorldOfProcesses({ settings: { DATA_FOLDER, LOG_LEVEL: 'fatal', ...settings } });
  t.after(() => world.stop());
  return world;
}

async function converse(world: World): Promise<string> {
  const { callId, session, done } = await ringAs(
    world,
    '+15550113',
    [{ wait: 'agent-finished' }, { say: 'What are your opening hours?' }, { wait: 'agent-finished' }, { hangUp: true }],
    { endOfSpeechMs },
  );
  const report = await done;
  assert.equal(report.outcome, 'finished', report.reason);
  assert.deepEqual(
    session.log.heard.map(({ phrase }) => phrase),
    ['What are your opening hours?'],
  );
  return callId;
}

async function checkRecord(world: World, callId: string): Promise<void> {
  const look = async (): Promise<CallDetail | undefined> => {
    const answer = await world.ask(`/api/calls/${callId}`);
    return answer.ok ? callDetailSchema.parse(await answer.json()) : undefined;
  };
  const call = await poll(look, (found) => found?.status === 'ended' && found.turns.length === 3, writtenWithinMs);
  assert.deepEqual([call?.status, call?.end_reason, call?.phone_number], ['ended', 'caller-hung-up', '+15550113']);
  assert.deepEqual(
    call?.turns.map(({ role }) => role),
    ['agent', 'caller', 'agent'],
  );
}

async function readHealth(world: World) {
  return healthSchema.parse(await (await world.ask('/healthz')).json());
}

/** On a busy machine a store may not answer in the half second that whoever asks is kept waiting. */
function readWell(world: World, isWell: (health: Health) => boolean): Promise<Health> {
  return poll(() => readHealth(world), isWell, writtenWithinMs);
}

async function startRedis(t: TestContext, port?: number): Promise<RedisServer | undefined> {
  const redis = await startRedisServer({ port });
  if (redis) t.after(redis.stop);
  return redis;
}

it('a caller is answered though Redis was never there, and the call stands in the history afterwards', async (t) => {
  const redis = await startRedis(t);
  if (!redis) return t.skip('redis-server is not installed');
  await redis.stop();
  const world = await start(t, { REDIS_URL: redis.url });
  const callId = await converse(world);
  const { problems } = await readWell(world, ({ checks }) => checks.history === 'ok');
  assert.deepEqual(problems, ['Redis is unavailable: ECONNREFUSED']);
  await startRedis(t, Number(new URL(redis.url).port));
  await checkRecord(world, callId);
});

it('a caller notices nothing when Cosmos DB dies, and the call stands in it afterwards', async (t) => {
  const redis = await startRedis(t);
  if (!redis) return t.skip('redis-server is not installed');
  const cosmos = createHttpServer({ keepAlive: true });
  await once(cosmos.listen(0, '127.0.0.1'), 'listening');
  t.after(() => stop(cosmos));
  const { port } = cosmos.address() as AddressInfo;
  const COSMOS_KEY = Buffer.from('a key of the stand-in').toString('base64');
  const world = await start(t, { REDIS_URL: redis.url, COSMOS_ENDPOINT: `http://127.0.0.1:${port}`, COSMOS_KEY });
  assert.equal((await readWell(world, ({ status }) => status === 'ok')).status, 'ok');
  stop(cosmos);
  const callId = await converse(world);
  const { checks, backlog } = await poll(
    () => readHealth(world),
    (health) => health.backlog.events === 0,
  );
  assert.deepEqual([checks.history, backlog.events], ['down', 0]);
  await once(cosmos.listen(port, '127.0.0.1'), 'listening');
  const look = () => readHealth(world);
  await poll(look, (health) => health.backlog.calls === 0 && health.status === 'ok', writtenWithinMs);
  // Whatever the history has now is all that is left.
  await redis.stop();
  await checkRecord(world, callId);
});

function stop(server: Server): void {
  server.closeAllConnections();
  server.close();
}
