// Whether the rules bite: each defect planted in the product, or in a store that it relies on, makes its rule fail.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import type { CallEvent } from '../../shared/call/call-event.ts';
import type { CallState } from '../../shared/call/call-state.ts';
import { AppError } from '../../shared/errors.ts';
import { createMemoryStores } from '../../shared/stores/memory-stores.ts';
import type { Stores } from '../../shared/stores/stores.ts';
import { SeededRandom } from '../virtual-time/seeded-random.ts';
import { judge } from './judge.ts';
import { mutate } from './mutate.ts';
import { playWorld } from './play-world.ts';
import type { Violation } from './violation.ts';
import type { CallPlan, WorldPlan } from './world-plan.ts';
import { createVerdict } from './world-verdict.ts';

const question = 'Are you open on Saturday?';
const call: CallPlan = {
  carrier: 'twilio',
  direction: 'inbound',
  number: '+15550200071',
  model: 'gpt-realtime',
  startsMs: 0,
  pickup: 'answers',
  answersAfterMs: 500,
  script: [{ wait: 'agent-finished' }, { say: question }, { wait: 'agent-finished' }, { hangUp: true }],
};
const other: CallPlan = {
  ...call,
  carrier: 'acs',
  number: '+15550200172',
  startsMs: 300,
  script: [{ wait: 'agent-finished' }, { say: 'Where are you located?' }, { wait: 'agent-finished' }, { hangUp: true }],
};
const dialled: CallPlan = { ...call, direction: 'outbound', number: '+15550200273' };
const desk = { answer: 'no-answer', afterMs: 500 } as const;
const plan: WorldPlan = { seed: 1, model: 'gpt-realtime', desk, isRecorded: false, calls: [call, other], faults: [] };

/** A store in which some methods do something else, and the others what they always did. */
function replace<Store extends object>(store: Store, methods: Partial<Store>): Store {
  return new Proxy(store, {
    get(target, name) {
      const member = Reflect.get(name in methods ? methods : target, name) as unknown;
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });
}

/** The history loses what callers said last; a turn, a true end and a lease go wrong. */
function plantInStores(): Stores {
  const stores = createMemoryStores();
  const { stream, history, leases } = stores;
  let stranger: CallEvent | undefined;
  return {
    ...stores,
    stream: replace(stream, {
      async append(event: CallEvent) {
        if (event.type === 'call-ended') return stream.append({ ...event, reason: 'agent-hung-up' });
        if (event.type === 'reply-timed') throw new AppError('STORE_UNAVAILABLE', `no room for ${call.number}`);
        if (event.type === 'turn-finished' && event.role === 'caller') {
          if (stranger && stranger.callId !== event.callId)
            await stream.append({ ...event, callId: stranger.callId, id: `stray-${event.id}` });
          stranger ??= event;
        }
        return stream.append(event);
      },
    }),
    history: replace(history, {
      save: (state: CallState) => history.save({ ...state, turns: state.turns.slice(0, -1) }),
    }),
    leases: replace(leases, { release: async () => {}, renew: async () => true, acquire: hold, seize: hold }),
  };

  function hold(name: string, owner: string) {
    return leases.seize(name, owner, 3_600_000);
  }
}

describe('a rule is broken by a defect of the product that', () => {
  let violations: Violation[] = [];
  before(async () => {
    violations = judge(await playWorld(plan, { stores: plantInStores() }));
  });
  const expect = (rule: string, what: RegExp) => {
    const found = violations.filter((violation) => violation.rule === rule);
    assert.ok(
      found.some((violation) => what.test(violation.what)),
      `${rule}: ${found.map(({ what }) => what).join(' | ')}`,
    );
  };

  it('loses a turn', () => expect('true history', /a turn is not in the history/));
  it('gives a call the words of another', () => expect('one voice', /somebody else is heard/));
  it('writes down another end than the true one', () => expect('one end', /ended as agent-hung-up/));
  it('keeps a lease for ever', () => expect('nothing left', /the lease of .+ is held/));
  it('logs whose number it was', () => expect('private log', /5550200071/));
});

it('a defect that dials an order again when its answer was lost breaks the rule of the served lines', async () => {
  const stores = createMemoryStores();
  const dialCounts = replace(stores.dialCounts, {
    claim: async () => ({ type: 'claimed', isFirst: true }) as const,
    confirm: async () => true,
  });
  // It has forgotten what it asked the carrier a moment ago.
  const stream = replace(stores.stream, {
    read: async () => [],
    readOn: async () => ({ events: [], cursor: undefined }),
  });
  const faults = [{ name: 'twilio loses its answers', atMs: 0, forMs: 10_000, draw: 1 }];
  const world = await playWorld({ ...plan, calls: [dialled], faults }, { stores: { ...stores, stream, dialCounts } });
  const found = judge(world).filter(({ rule }) => rule === 'served lines');
  assert.match(found.map(({ what }) => what).join(), /times to ring one phone/);
});

it('a defect that fills no silence breaks the rule of silence, and both wires are shown around it', async (t) => {
  const AGENTS_FOLDER = await mkdtemp(join(tmpdir(), 'parley-chaos-'));
  t.after(() => rm(AGENTS_FOLDER, { recursive: true, force: true }));
  const limits = 'dead_air: { filler_after_seconds: 9, ask_again_after_seconds: 10, next_model_after_seconds: 20 }';
  const agent = `---\nname: receptionist\ngreeting: Hello.\nmodels: [gpt-realtime]\ntools: []\n${limits}\n---\nBe kind.\n`;
  await writeFile(join(AGENTS_FOLDER, 'receptionist.md'), agent);
  const faults = [{ name: 'realtime models slow to speak', atMs: 0, forMs: 60_000, draw: 1 }];
  const world = await playWorld({ ...plan, calls: [call], faults }, { settings: { AGENTS_FOLDER } });
  const { violations: found } = createVerdict(world);
  assert.match(
    found.map(({ rule, what }) => `${rule}: ${what}`).join(),
    /no silence: silent for \d{4} ms while a reply was owed/,
  );
  const wires = found.find(({ rule }) => rule === 'no silence')!.wires!.join('\n');
  assert.match(wires, /model 1 ← response\.create/);
  assert.match(wires, /carrier ← \d+ ms of sound/);
});

it('a defect that lets a door break by what comes in breaks the rule of sound parts', async () => {
  const stores = createMemoryStores();
  const stream = replace(stores.stream, {
    async append(event: CallEvent) {
      if (event.type === 'call-connected') throw new TypeError('no such field');
      return stores.stream.append(event);
    },
  });
  const found = judge(await playWorld({ ...plan, calls: [other] }, { stores: { ...stores, stream } }));
  assert.match(found.map(({ rule, what }) => `${rule}: ${what}`).join(), /sound parts: something broke: .*"TypeError"/);
});

it('a message is mutated by its seed, mostly into another one', () => {
  const text = JSON.stringify({ type: 'a', data: { list: [1, 2], name: 'b' } });
  const mutations = (seed: number) => {
    const random = new SeededRandom(seed);
    return Array.from({ length: 200 }, () => mutate(text, random));
  };
  assert.deepEqual(mutations(1), mutations(1));
  assert.ok(new Set(mutations(1)).size > 100);
});
