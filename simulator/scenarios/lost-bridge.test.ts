// Two bridges on machines of their own: one is lost in the midst of a call, and the other goes on.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { callDetailSchema } from '../../shared/api.ts';
import type { CallId } from '../../shared/call/call.ts';
import type { RealtimeSession } from '../realtime/realtime-session.ts';
import { virtualTime } from '../virtual-time/install.ts';
import { createMachinesStarter, type ProductMachine, type ProductMachines } from '../world/product-machines.ts';
import type { World } from '../world/world.ts';
import { cutOff, hang, kill, type Loss } from './bridge-losses.ts';
import { poll } from './carrier-leg.ts';
import { ringAs } from './inbound-call.ts';
import { startScenarioWorldWith } from './scenario-world.ts';

type Machines = World<ProductMachines>;

const questions = ['Hello.', 'Are you open on Saturday?'];
const lastQuestion = 'Thank you very much.';

let world: Machines;
beforeEach(async () => {
  world = await startScenarioWorldWith({}, createMachinesStarter(virtualTime, { bridges: 2, functions: 2 }));
});
afterEach(() => world.stop());

/** What happens to the bridge that has the call, and what is undone after the call. */
const losses: Record<string, Loss> = { 'is killed': kill, hangs: hang, 'loses its network': cutOff };
/** From the loss until the caller hears the agent again, of another bridge. */
const takeOverMs = 5_000;
/** For so long whoever is cut off may think that the call is still its own. */
const heldMs = 2_500;

describe('the caller hears the agent again, which knows five of five sentences, when the bridge of the call', () => {
  for (const [name, lose] of Object.entries(losses)) {
    it(name, async (t) => {
      const { acs, realtime } = world.standIns;
      const { call, callId, session, done } = await ringAs(world, '+15550174', [
        ...questions.flatMap((say) => [{ wait: 'agent-finished' }, { say }] as const),
        { wait: 'agent-finished' },
        { wait: 'agent-finished', maxMs: 60_000 },
        { say: lastQuestion },
        { wait: 'agent-finished' },
        { hangUp: true },
      ]);
      const spoken = await poll(
        () => readTurns(callId),
        (turns) => turns.length === 5,
        60_000,
      );
      const owner = await findOwner();
      const resumed = realtime.nextSession();
      const [framesBefore, lostMs] = [call.media.framesReceived, performance.now()];
      const undo = lose(owner);
      const given = await readItems(await resumed);
      assert.deepEqual(given, spoken);

      const report = await done;
      const { stream } = world.product.stores;
      assert.equal(report.outcome, 'finished', report.reason);
      assert.ok(report.lines.at(-1)?.answeredAfterMs !== undefined, 'the question after the loss was answered');
      const ended = await poll(
        () => readCall(callId),
        ({ status }) => status === 'ended',
        60_000,
      );
      assert.equal(ended.end_reason, 'caller-hung-up');
      assert.deepEqual(ended.turns.slice(0, 5).map(pickSaid), spoken);
      assert.equal(acs.calls.length, 1);
      assert.deepEqual(
        session.log.heard.map(({ phrase }) => phrase),
        questions,
      );
      // The old owner wakes, and has nothing to say of what came after its loss.
      await sleep(5_000);
      const written = (await stream.read(callId as CallId)).length;
      const lostAt = Date.now() - (performance.now() - lostMs);
      undo();
      await sleep(60_000);
      const events = await stream.read(callId as CallId);
      const late = events.slice(written).filter(({ at }) => at > lostAt + heldMs);
      assert.deepEqual(late, []);
      const owners = events.flatMap((event) => (event.type === 'media-started' ? [event.fence ?? 0] : []));
      assert.ok(owners.length === 2 && owners[0]! < owners[1]!, String(owners));
      const heardAgain = call.media.frames.find(({ seq }) => seq >= framesBefore)!;
      assert.ok(heardAgain.atMs - lostMs < takeOverMs, `heard again after ${heardAgain.atMs - lostMs} ms`);
      t.diagnostic(`heard again after ${heardAgain.atMs - lostMs} ms`);
    });
  }
});

const pickSaid = ({ role, text }: { readonly role: string; readonly text: string }) => ({ role, text });

async function readCall(callId: string) {
  const response = await fetch(`${world.product.functionsUrl}/api/calls/${callId}`);
  return callDetailSchema.parse(await response.json());
}

async function readTurns(callId: string) {
  return (await readCall(callId)).turns.map(pickSaid);
}

async function findOwner(): Promise<ProductMachine> {
  const { bridges } = world.product;
  const calls = await Promise.all(bridges.map((bridge) => bridge.countCalls()));
  assert.deepEqual(calls.toSorted(), [0, 1]);
  return bridges[calls.indexOf(1)]!;
}

/** What the session was given of the conversation before it was asked to speak. */
async function readItems({ log }: RealtimeSession) {
  while (log.of('response.create').length === 0) await sleep(10);
  const until = log.events.findIndex(({ type }) => type === 'response.create');
  return log.events.slice(0, until).flatMap(({ type, message }) => {
    const { role, content } = (message.item ?? {}) as { role?: string; content?: { text?: string }[] };
    if (type !== 'conversation.item.create' || (role !== 'user' && role !== 'assistant')) return [];
    return [{ role: role === 'user' ? 'caller' : 'agent', text: content?.map(({ text }) => text).join('') ?? '' }];
  });
}
