// Two dozen calls at once, in processes: both carriers, every model, both directions, two ways to end; and nothing is left of them afterwards.
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { callListSchema } from '../../shared/api.ts';
import { phoneCarriers, type VoiceModelKind } from '../../shared/call/call.ts';
import { patientEndOfSpeechMs as endOfSpeechMs } from '../caller/agent-ear.ts';
import { createPerson } from '../caller/person.ts';
import type { PersonEvent, PersonReport, PersonStep } from '../caller/person-script.ts';
import { startRedisServer } from '../redis-server.ts';
import { type ProductProcesses, startProductProcesses } from '../world/product.ts';
import { startWorldWith, type World } from '../world/world.ts';
import { type CallOrder, placeCall, poll } from './carrier-leg.ts';

const callCount = 24;
/** One of each kind, with each end. */
const firstCalls = 16;
/** The callers of a wave do not all ring in the same 20 ms; the first one still talks when the last one rings. */
const betweenCallsMs = 100;
/** A busy machine answers late; it answers. */
const patienceMs = 20_000;
/** Keep-alive connections of HTTP clients come and go. */
const looseHandles = 8;
/** In use when all garbage is collected; it rather falls. Two dozen calls that were kept would take 15. */
const looseMb = 8;
/** The bridge, which tells on a signal what it still holds. */
const bridgeThatTells = [
  '--expose-gc',
  '--import',
  `data:text/javascript,process.on('SIGUSR2', () => {
    gc();
    const { heapUsed, external } = process.memoryUsage();
    console.log('holds ' + (heapUsed + external) / 1e6 + ' MB');
  });`,
  'media-bridge/main.ts',
];

/**
 * Keys, not words: where both clouds and all callers share what is left of two cores, frames leave late, and the stand-ins'
 * recognition is strict about words with holes in them. Other tests hold the conversation itself.
 */
const ask: readonly PersonStep[] = [
  { wait: 'agent-finished', maxMs: patienceMs },
  { press: '5' },
  { wait: 'agent-finished', maxMs: patienceMs },
];
/** Pressed when all else is done. */
const lastKey = '9';
const ends = [
  { reason: 'caller-hung-up', steps: [{ hangUp: true }] },
  { reason: 'operator-hung-up', steps: [{ press: lastKey }, { wait: 'line-closed', maxMs: patienceMs }] },
] as const;
const kinds: readonly { direction: 'inbound' | 'outbound'; model: VoiceModelKind }[] = [
  { direction: 'inbound', model: 'gpt-realtime' },
  { direction: 'outbound', model: 'gpt-realtime' },
  { direction: 'outbound', model: 'voice-live' },
  { direction: 'outbound', model: 'cascade' },
];

type LoadedWorld = World<ProductProcesses>;

it('two dozen calls at once end as they should and leave nothing behind', async (t) => {
  const redis = await startRedisServer();
  // Without it functions cannot know that an agent hung up: they only hear from the carrier that the call is over.
  if (!redis) return t.skip('redis-server is not installed');
  t.after(() => redis.stop());
  const folder = await mkdtemp(join(tmpdir(), 'parley-load-'));
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 20 }));
  const warnings: string[] = [];
  const onWarning = (warning: Error) => warnings.push(String(warning));
  process.on('warning', onWarning);
  t.after(() => process.off('warning', onWarning));
  // The product has processes of its own: all of it and both clouds in one would be more than one core can do.
  const settings = { DATA_FOLDER: folder, DIAL_QUIET_HOURS: 'none', REDIS_URL: redis.url };
  const world = await startWorldWith({ timeScale: 0.1, settings }, (all) =>
    startProductProcesses(all, bridgeThatTells),
  );
  t.after(() => world.stop());

  // What is made once and kept, like connections and caches, is made by a first wave.
  await runCalls(world, '+15550170', firstCalls);
  await checkAllOver(world);
  const before = await measure(world);
  const cpu = process.cpuUsage();
  const startedMs = performance.now();
  await runCalls(world, '+15550180', callCount);
  const seconds = (performance.now() - startedMs) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  await checkAllOver(world);
  const after = await poll(
    () => measure(world),
    ({ ownHandles, bridgeFiles = 0, bridgeMb }) =>
      ownHandles <= before.ownHandles + looseHandles &&
      bridgeFiles <= (before.bridgeFiles ?? 0) + looseHandles &&
      bridgeMb <= before.bridgeMb + looseMb,
  );

  t.diagnostic(
    `${callCount} calls in ${seconds.toFixed(1)} s; the clouds took ${((user + system) / 1e6).toFixed(1)} s of CPU`,
  );
  t.diagnostic(`before ${JSON.stringify(before)}, after ${JSON.stringify(after)}`);
  assert.ok(after.ownHandles <= before.ownHandles + looseHandles, 'the stand-ins keep handles');
  if (before.bridgeFiles !== undefined) {
    assert.ok(after.bridgeFiles! <= before.bridgeFiles + looseHandles, 'the bridge keeps files or sockets');
  }
  assert.ok(after.bridgeMb <= before.bridgeMb + looseMb, 'the bridge keeps memory');
  assert.deepEqual(warnings, []);
  const { bridge, functions } = world.product;
  const leaks = [...bridge.output, ...functions.output].filter((line) => /MaxListeners|unhandled|uncaught/i.test(line));
  assert.deepEqual(leaks, []);
});

/** Resolves when all of them are over, each as it should be for its caller and in the history. */
async function runCalls(world: LoadedWorld, prefix: string, count: number): Promise<void> {
  const running: Promise<PersonReport>[] = [];
  const expected = new Map<string, object>();
  for (let n = 0; n < count; n++) {
    const { direction, model } = kinds[(n >> 1) % kinds.length]!;
    const { reason, steps } = ends[(n >> 3) % ends.length]!;
    const carrier = phoneCarriers[n % 2]!;
    const number = `${prefix}${String(n).padStart(3, '0')}`;
    expected.set(number, { status: 'ended', direction, carrier, end_reason: reason });
    const call = runCall(reason, world, { carrier, direction, number, ...(direction === 'outbound' && { model }) }, [
      ...ask,
      ...steps,
    ]);
    call.catch(() => {});
    running.push(call);
    await sleep(betweenCallsMs);
  }
  const settled = await Promise.allSettled(running);
  const failures = settled.flatMap((result) => (result.status === 'rejected' ? [String(result.reason)] : []));
  assert.deepEqual(failures, []);
  const calls = await poll(
    () => readCalls(world),
    (calls) => calls.every(({ status }) => status === 'ended'),
  );
  for (const [number, summary] of expected) {
    const call = calls.find(({ phone_number }) => phone_number === number);
    assert.partialDeepStrictEqual({ number, ...call }, { number, ...summary });
  }
}

async function runCall(
  reason: (typeof ends)[number]['reason'],
  world: LoadedWorld,
  order: Omit<CallOrder, 'phone'>,
  script: readonly PersonStep[],
) {
  const answered = Promise.withResolvers<void>();
  const onEvent = (event: PersonEvent) => {
    if (event.type === 'line-closed' || (event.type === 'pressed' && event.keys === lastKey)) answered.resolve();
  };
  const speak = (text: string) => world.standIns.voice.speak(text);
  const phone = await createPerson({ script, speak, onEvent, endOfSpeechMs });
  await placeCall(world, { ...order, phone });
  await answered.promise;
  if (reason === 'operator-hung-up') await hangUp(world, order.number);
  const report = await phone.done;
  const { number, carrier, direction, model } = order;
  assert.equal(report.outcome, 'finished', `${number}, ${carrier}, ${model}, ${direction}: ${report.reason}`);
  return report;
}

async function readCalls({ product }: LoadedWorld) {
  const response = await fetch(`${product.functionsUrl}/api/calls?limit=100`);
  return callListSchema.parse(await response.json()).calls;
}

async function hangUp(world: LoadedWorld, number: string): Promise<void> {
  const find = async () => (await readCalls(world)).find(({ phone_number }) => phone_number === number);
  const call = await poll(find, (found) => found !== undefined);
  const url = `${world.product.functionsUrl}/api/calls/${call?.call_id}/hang-up`;
  const ask = async () => (await fetch(url, { method: 'POST' })).status;
  assert.equal(await poll(ask, (status) => status === 202), 202);
}

/** The bridge holds no call, the carriers have no live one, and no model has a session that is open. */
async function checkAllOver({ standIns, product }: LoadedWorld): Promise<void> {
  const health = await poll(
    async () => (await fetch(`${product.bridgeUrl}/healthz`)).json() as Promise<{ calls: number }>,
    ({ calls }) => calls === 0,
  );
  assert.equal(health.calls, 0);
  const { acs, twilio, realtime, speech } = standIns;
  const findOpen = async () => realtime.sessions.filter(({ log }) => log.closed === undefined).length;
  assert.equal(await poll(findOpen, (open) => open === 0), 0);
  await speech.empty();
  assert.equal(acs.calls.filter(({ end }) => end === undefined).length, 0);
  assert.equal(twilio.calls.filter(({ isLive }) => isLive).length, 0);
}

interface Measure {
  /** Of this process: the clouds and the callers. */
  readonly ownHandles: number;
  /** Undefined where there is no /proc. */
  readonly bridgeFiles: number | undefined;
  readonly bridgeMb: number;
}

async function measure({ product: { bridge } }: LoadedWorld): Promise<Measure> {
  const ownHandles = process.getActiveResourcesInfo().length;
  const findTold = async () => bridge.output.filter((line) => line.startsWith('holds '));
  const { length: toldBefore } = await findTold();
  bridge.signal('SIGUSR2');
  const told = await poll(findTold, ({ length }) => length > toldBefore, patienceMs);
  assert.ok(told.length > toldBefore, 'the bridge does not tell what it holds');
  const bridgeMb = Number.parseFloat(told.at(-1)!.slice('holds '.length));
  const files = await readdir(`/proc/${bridge.pid}/fd`).catch(() => undefined);
  return { ownHandles, bridgeFiles: files?.length, bridgeMb };
}
