// Chat answers that are empty, cut, broken or stalled: what the caller hears of them is the answer, once, and from the same model.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createPerson } from '../caller/person.ts';
import type { PersonReport, PersonStep } from '../caller/person-script.ts';
import type { ChatFault } from '../chat/chat-faults.ts';
import type { World } from '../world/world.ts';
import { placeCall } from './carrier-leg.ts';
import { LiveCalls } from './live-calls.ts';
import { startScenarioWorld } from './scenario-world.ts';

const question = 'Please tell me about your company.';
const sentences = [
  'Contoso was founded forty years ago in a small garage.',
  'Today we make furniture for offices and for homes.',
  'We have three factories and more than two hundred people.',
  'Our chairs are known all over the world.',
  'We also repair what we sold, however old it is.',
];
const farewell: readonly PersonStep[] = [{ say: 'Goodbye.' }, { wait: 'line-closed' }];

describe('answers that are cut', () => {
  let world: World;
  let calls: LiveCalls;
  let numbers = 0;
  before(async () => {
    world = await startScenarioWorld({ settings: { VOICE_MODEL: 'cascade' } });
    calls = await LiveCalls.open(world);
  });
  after(async () => {
    calls.close();
    await world.stop();
  });

  async function call(script: readonly PersonStep[], faults: readonly ChatFault[]) {
    const number = `+1555016${numbers++}`;
    const { voice, chat, speech } = world.standIns;
    chat.faults.next.push(...faults);
    const spokenBefore = speech.spoken.length;
    const phone = await createPerson({ script, speak: (text) => voice.speak(text) });
    await placeCall(world, { carrier: 'acs', direction: 'inbound', number, phone });
    const report: PersonReport = await phone.done;
    assert.equal(report.outcome, 'finished', report.reason);
    await calls.ended(number);
    return { number, report, spoken: speech.spoken.slice(spokenBefore) };
  }

  // Whoever waits for 1.6 s hears "one moment", and so goes by the clock.
  const cases: [what: string, faults: ChatFault[], withinMs: number][] = [
    ['is empty', [{ kind: 'empty' }], 2_000],
    ['is empty twice', [{ kind: 'empty' }, { kind: 'empty' }], 2_000],
    ['is cut for its length before a sentence was whole', [{ kind: 'length', afterTokens: 3 }], 2_000],
    ['is cut for its length in its second sentence', [{ kind: 'length', afterTokens: 14 }], 2_000],
    ['breaks in its third sentence', [{ kind: 'broken', afterTokens: 22 }], 2_000],
    [
      'breaks, and its rest too',
      [
        { kind: 'broken', afterTokens: 14 },
        { kind: 'length', afterTokens: 12 },
      ],
      3_000,
    ],
    ['stalls before its first word', [{ kind: 'stalled', afterTokens: 0 }], 2_000],
    ['stalls in its second sentence', [{ kind: 'stalled', afterTokens: 14 }], 2_000],
  ];
  for (const [what, faults, withinMs] of cases) {
    it(`is heard once and whole when an answer ${what}`, async () => {
      const script: PersonStep[] = [{ wait: 'agent-finished' }, { say: question }, { pauseMs: 25_000 }, ...farewell];
      const { number, report, spoken } = await call(script, faults);
      assert.deepEqual(spoken.slice(2, 2 + sentences.length), sentences);
      const [told] = report.lines;
      assert.ok(told!.answeredAfterMs! < withinMs, `an answer after ${told!.answeredAfterMs} ms`);
      assert.deepEqual(calls.eventsOf(number, 'model-lost'), []);
      const turns = calls.turnsOf(number);
      assert.deepEqual(turns[2], { role: 'agent', text: sentences.join(' '), interrupted: false });
    });
  }
});
