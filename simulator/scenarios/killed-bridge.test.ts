// Real processes in real time: a bridge is killed in the midst of a call, and the other one goes on with all that was said.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { callDetailSchema } from '../../shared/api.ts';
import type { RealtimeSession } from '../realtime/realtime-session.ts';
import { startRedisServer } from '../redis-server.ts';
import type { ProductReplicas } from '../world/product-replicas.ts';
import { startWorldOfReplicas, type World } from '../world/world.ts';
import { poll } from './carrier-leg.ts';
import { ringAs } from './inbound-call.ts';

const number = '+15550174';
/** Few words, so that few seconds pass. */
const agent =
  '---\nname: receptionist\ndescription: Greets.\ngreeting: Hello.\nmodels: [gpt-realtime]\ntools: []\nsilence: { after_seconds: 300 }\n---\nListen.\n';
const firstQuestions = ['Hello.', 'Are you open on Saturday?'];
const lastQuestion = 'Thank you very much.';
/** A machine that does other things besides is slow; what is looked for comes all the same. */
const patienceMs = 20_000;

interface Said {
  readonly role: string;
  readonly text: string;
}

it('the caller hears the agent again after kill -9, and the new model knows five of five sentences', async (t) => {
  const redis = await startRedisServer();
  if (!redis) return t.skip('redis-server is not installed');
  t.after(() => redis.stop());
  const folder = await mkdtemp(join(tmpdir(), 'parley-killed-'));
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 20 }));
  const [DATA_FOLDER, AGENTS_FOLDER] = [join(folder, 'data'), join(folder, 'agents')];
  await mkdir(AGENTS_FOLDER);
  await writeFile(join(AGENTS_FOLDER, 'receptionist.md'), agent);
  const settings = { REDIS_URL: redis.url, DATA_FOLDER, AGENTS_FOLDER, LOG_LEVEL: 'warn' };
  const world = await startWorldOfReplicas({ settings });
  t.after(() => world.stop());
  const { acs, realtime } = world.standIns;

  // The greeting, two questions and two answers; then the caller waits until the agent speaks again.
  const { call, callId, session, done } = await ringAs(world, number, [
    ...firstQuestions.flatMap((say) => [{ wait: 'agent-finished' }, { say }] as const),
    { wait: 'agent-finished' },
    { wait: 'agent-finished', maxMs: 2 * patienceMs },
    { say: lastQuestion },
    { wait: 'agent-finished' },
    { hangUp: true },
  ]);
  const before = await poll(
    () => readTurns(world, callId),
    (turns) => turns.length === 5,
    2 * patienceMs,
  );
  assert.deepEqual(
    before.map(({ role }) => role),
    ['agent', 'caller', 'agent', 'caller', 'agent'],
  );

  const [owner, other] = await findOwner(world);
  const resumed = realtime.nextSession();
  const framesBefore = call.media.framesReceived;
  const killedMs = performance.now();
  owner.signal('SIGKILL');
  assert.equal(await owner.exited(), null);
  const { items, log } = await describe(await resumed, patienceMs);

  assert.deepEqual(items, before);
  const report = await done;
  assert.equal(report.outcome, 'finished', report.reason);
  // The new session heard the question that came after, and none of those before.
  assert.deepEqual(
    [session.log.heard, log.heard].map((heard) => heard.map(({ phrase }) => phrase)),
    [firstQuestions, [lastQuestion]],
  );
  assert.ok(report.lines.at(-1)?.answeredAfterMs !== undefined, 'the question after the kill was answered');

  // One call for the carrier: the socket was lost, and opened again at the other bridge.
  assert.deepEqual(
    call.media.events.map(({ type }) => type),
    ['opened', 'lost', 'opened', 'closed'],
  );
  assert.equal(acs.calls.length, 1);
  assert.deepEqual(call.end, { by: 'phone', code: 200, subCode: 540000 });
  assert.equal(other.hasExited, false);
  const after = await poll(
    () => readCall(world, callId),
    ({ status }) => status === 'ended',
    patienceMs,
  );
  assert.equal(after.end_reason, 'caller-hung-up');
  assert.deepEqual(after.turns.slice(0, 5).map(pickSaid), before);

  const heardAgain = call.media.frames.find(({ seq }) => seq >= framesBefore);
  t.diagnostic(`from the kill to the first sound of the other bridge: ${Math.round(heardAgain!.atMs - killedMs)} ms`);
});

const pickSaid = ({ role, text }: Said): Said => ({ role, text });

async function readCall(world: World<ProductReplicas>, callId: string) {
  const response = await fetch(`${world.product.functionsUrl}/api/calls/${callId}`);
  return callDetailSchema.parse(await response.json());
}

async function readTurns(world: World<ProductReplicas>, callId: string): Promise<Said[]> {
  return (await readCall(world, callId)).turns.map(pickSaid);
}

/** The bridge that has the call, and the other one. */
async function findOwner(world: World<ProductReplicas>) {
  const { bridges } = world.product;
  const calls = await Promise.all(
    bridges.map(async ({ url }) => ((await (await fetch(`${url}/healthz`)).json()) as { calls: number }).calls),
  );
  assert.deepEqual(calls.toSorted(), [0, 1]);
  const owner = calls.indexOf(1);
  return [bridges[owner]!, bridges[1 - owner]!] as const;
}

/** What the session was given of the conversation, before it made a response. */
async function describe({ log }: RealtimeSession, withinMs: number) {
  const given = await poll(
    async () => {
      const until = log.events.findIndex(({ type }) => type === 'response.create');
      return until < 0 ? undefined : log.events.slice(0, until);
    },
    (events) => events !== undefined,
    withinMs,
  );
  assert.ok(given, 'the new session was asked to speak');
  const items = given.flatMap(({ type, message }) => {
    const { role, content } = (message.item ?? {}) as { role?: string; content?: { text?: string }[] };
    if (type !== 'conversation.item.create' || (role !== 'user' && role !== 'assistant')) return [];
    return [{ role: role === 'user' ? 'caller' : 'agent', text: content?.map(({ text }) => text).join('') ?? '' }];
  });
  return { items, log };
}
