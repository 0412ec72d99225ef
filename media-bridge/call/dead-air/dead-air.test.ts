// The state of dead air as a table: what happens when, who waits, and what is done about it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type DeadAirInput, type DeadAirState, findNextLook, quietLine, stepDeadAir } from './dead-air.ts';

const limits = { fillAfterMs: 1_750, askAgainAfterMs: 4_000, nextModelAfterMs: 8_000 };
const fillerMs = 1_000;

type Step = DeadAirInput | { readonly type: 'caller-heard' };
const of = (type: Exclude<DeadAirInput['type'], 'reply-sounded' | 'filled'>): Step => ({ type }) as DeadAirInput;
const sounds = (lengthMs: number): Step => ({ type: 'reply-sounded', lengthMs });
const heard: Step = { type: 'caller-heard' };

/** Plays it: each input at its time, each look when it is due. Returns what was done, and when. */
function play(inputs: readonly (readonly [atMs: number, step: Step])[], untilMs: number): string[] {
  const done: string[] = [];
  let state: DeadAirState = quietLine;
  let callerHeardMs = Number.NEGATIVE_INFINITY;
  const step = (input: DeadAirInput, nowMs: number) => {
    const result = stepDeadAir(state, input, { nowMs, callerHeardMs }, limits);
    state = result.state;
    if (!result.action) return;
    done.push(`${result.action} ${nowMs}`);
    if (result.action === 'fill') step({ type: 'filled', lengthMs: fillerMs }, nowMs);
    if (result.action === 'next-model') step({ type: 'model-lost' }, nowMs);
  };
  const ahead = [...inputs];
  let nowMs = 0;
  for (;;) {
    const lookMs = findNextLook(state, { nowMs, callerHeardMs }, limits) ?? Number.POSITIVE_INFINITY;
    const [next] = ahead;
    nowMs = Math.max(nowMs, Math.min(lookMs, next?.[0] ?? Number.POSITIVE_INFINITY));
    if (nowMs > untilMs) return done;
    if (next && next[0] <= nowMs) {
      ahead.shift();
      if (next[1].type === 'caller-heard') callerHeardMs = nowMs;
      else step(next[1], nowMs);
    } else step({ type: 'time-passed' }, nowMs);
  }
}

const table: Record<string, readonly [inputs: readonly (readonly [number, Step])[], done: readonly string[]]> = {
  'nothing, when nobody waits': [[[0, of('model-opened')]], []],
  'words, another try and another model, when no greeting comes': [
    [
      [0, of('owed')],
      [300, of('model-opened')],
    ],
    ['fill 1750', 'ask-again 4300', 'fill 4500', 'fill 7250', 'next-model 8300', 'fill 10000'],
  ],
  'words and tones for as long as a model is being opened: that has limits of its own': [
    [[0, of('owed')]],
    ['fill 1750', 'fill 4500', 'fill 7250', 'fill 10000'],
  ],
  'nothing, when a greeting comes in time, no faster than it is heard, and unevenly': [
    [
      [10_000, of('owed')],
      [10_100, of('model-opened')],
      [10_300, of('reply-started')],
      [10_300, sounds(100)],
      ...Array.from({ length: 40 }, (_, i) => [10_450 + 80 * i + (i % 3) * 5, sounds(60)] as const),
      [13_700, of('reply-finished')],
    ],
    [],
  ],
  'nothing, when the answer comes as it should': [
    [
      [0, of('model-opened')],
      [1_000, of('caller-started')],
      [2_000, heard],
      [2_600, of('caller-stopped')],
      [3_100, of('reply-started')],
      [3_200, sounds(3_000)],
      [3_300, of('reply-finished')],
    ],
    [],
  ],
  'words at once, when it was told late that the caller spoke, and never that they were done': [
    [
      [0, of('model-opened')],
      [5_000, heard],
      [6_000, of('caller-started')],
      [8_000, of('settled')],
    ],
    ['fill 7000'],
  ],
  'words sooner, when the silence had begun elsewhere': [
    [
      [0, of('model-opened')],
      [5_000, { type: 'owed', agoMs: 1_000 }],
      [6_000, of('settled')],
      [8_000, of('caller-started')],
      [8_000, { type: 'caller-stopped', agoMs: 500 }],
      [9_400, of('settled')],
    ],
    ['fill 5750', 'fill 9250'],
  ],
  'words when they are due, though the answer is asked for anew after its first syllable': [
    [
      [0, of('model-opened')],
      [1_000, heard],
      [1_100, of('caller-stopped')],
      [2_600, of('reply-started')],
      [2_650, sounds(100)],
      [2_650, of('caller-started')],
      [2_650, of('cut')],
      [2_650, of('caller-stopped')],
      [3_500, of('settled')],
    ],
    ['fill 2750'],
  ],
  'words when they are due, though a reply that fails with its first syllable is asked for anew': [
    [
      [0, of('model-opened')],
      [1_000, of('owed')],
      [2_400, of('reply-started')],
      [2_450, sounds(100)],
      [2_450, of('reply-finished')],
      [2_450, of('owed')],
      [3_500, of('settled')],
    ],
    ['fill 2750'],
  ],
  'words measured from the moment at which the caller fell silent, not from when the model knew it': [
    [
      [0, of('model-opened')],
      [1_000, of('caller-started')],
      [2_000, heard],
      [2_600, of('caller-stopped')],
      [3_800, of('reply-started')],
      [3_800, sounds(3_000)],
      [3_900, of('reply-finished')],
    ],
    ['fill 3750'],
  ],
  'the same, when the model never says that the caller has stopped': [
    [
      [0, of('model-opened')],
      [1_000, of('caller-started')],
      [2_000, heard],
    ],
    ['fill 3750', 'fill 6500', 'ask-again 7000', 'fill 9250'],
  ],
  'nothing while a caller speaks whom only the model can hear': [
    [
      [0, of('model-opened')],
      [1_000, of('caller-started')],
    ],
    [],
  ],
  'no words into those of the caller': [
    [
      [0, of('owed')],
      [1_000, heard],
      [2_000, heard],
    ],
    ['fill 3750', 'fill 6500', 'fill 9250'],
  ],
  'all of it, when a reply is begun and never sounds': [
    [
      [0, of('model-opened')],
      [0, of('caller-stopped')],
      [500, of('reply-started')],
    ],
    ['fill 1750', 'ask-again 4000', 'fill 4500', 'fill 7250', 'next-model 8000', 'fill 10000'],
  ],
  'all of it, when a reply stops in its middle': [
    [
      [0, of('model-opened')],
      [0, of('caller-stopped')],
      [500, of('reply-started')],
      [500, sounds(1_000)],
    ],
    ['fill 3250', 'ask-again 5500', 'fill 6000', 'fill 8750', 'next-model 9500'],
  ],
  'another model for a voice that trickles': [
    [
      [0, of('model-opened')],
      [0, of('caller-stopped')],
      [500, of('reply-started')],
      [500, sounds(100)],
      [4_500, sounds(100)],
      [8_500, sounds(100)],
    ],
    ['fill 1750', 'fill 4600', 'ask-again 5000', 'fill 7350', 'next-model 9500', 'fill 10100'],
  ],
  'nothing for a hiccup that speech makes good': [
    [
      [0, of('model-opened')],
      [0, of('caller-stopped')],
      [500, of('reply-started')],
      ...Array.from({ length: 8 }, (_, i) => [500 + 1_000 * i, sounds(800)] as const),
      [9_000, of('reply-finished')],
    ],
    [],
  ],
  'another model at once when a second turn in a row is taken for nothing': [
    [
      [0, of('model-opened')],
      [1_000, heard],
      [1_800, of('overheard')],
      [3_000, of('reply-started')],
      [3_000, sounds(1_000)],
      [3_100, of('reply-finished')],
      [6_000, heard],
      [6_800, of('overheard')],
    ],
    ['fill 2750', 'fill 7750', 'fill 10500', 'next-model 10800'],
  ],
  'patience again when the model has heard the caller in between': [
    [
      [0, of('model-opened')],
      [1_800, of('overheard')],
      [2_000, of('caller-started')],
      [2_500, of('settled')],
      [6_800, of('overheard')],
    ],
    ['fill 8550', 'ask-again 10800'],
  ],
  'silence that is counted on when a model that catches up tells of the caller': [
    [
      [0, of('model-opened')],
      [1_000, heard],
      [1_800, of('overheard')],
      [5_000, of('caller-started')],
      [5_300, of('caller-stopped')],
    ],
    ['fill 2750', 'fill 5500', 'ask-again 5800', 'fill 8250', 'next-model 9800'],
  ],
  'silence that goes on when what trickled is cut': [
    [
      [0, of('model-opened')],
      [0, of('owed')],
      [0, of('reply-started')],
      [0, sounds(1_000)],
      [2_000, of('owed')],
      [2_000, of('cut')],
    ],
    ['fill 2750', 'ask-again 5000', 'fill 5500', 'fill 8250', 'next-model 9000'],
  ],
  'words, and patience, while a tool runs': [
    [
      [0, of('model-opened')],
      [0, of('caller-stopped')],
      [500, of('owed')],
      [500, of('tool-started')],
      [5_500, of('tool-finished')],
      [6_500, of('reply-started')],
      [6_500, sounds(3_000)],
      [6_600, of('reply-finished')],
    ],
    ['fill 1500', 'fill 4250'],
  ],
  'words a second after a tool began, if it is not done by then': [
    [
      [0, of('model-opened')],
      [0, of('caller-stopped')],
      [200, of('tool-started')],
      [700, of('tool-started')],
      [900, of('tool-finished')],
      [1_700, of('tool-finished')],
      [1_800, of('reply-started')],
      [1_800, sounds(3_000)],
      [1_900, of('reply-finished')],
    ],
    ['fill 1200'],
  ],
  'words after what the agent says before it uses a tool': [
    [
      [0, of('model-opened')],
      [0, of('caller-stopped')],
      [500, of('reply-started')],
      [500, sounds(1_000)],
      [600, of('owed')],
      [600, of('tool-started')],
      [700, of('reply-finished')],
    ],
    ['fill 3250', 'fill 6000', 'fill 8750'],
  ],
  'nothing for the rest of a reply that the caller has cut': [
    [
      [0, of('model-opened')],
      [0, of('reply-started')],
      [0, sounds(5_000)],
      [1_000, of('caller-started')],
      [1_000, of('cut')],
      [1_100, of('settled')],
    ],
    [],
  ],
  'nothing once the agent has said goodbye': [
    [
      [0, of('model-opened')],
      [0, of('owed')],
      [1_000, of('settled')],
    ],
    [],
  ],
};

describe('of dead air comes', () => {
  for (const [name, [inputs, done]] of Object.entries(table)) {
    it(name, () => assert.deepEqual(play(inputs, 10_999), done));
  }
});

it('is total: any two inputs in any order leave a state that can be looked at', () => {
  const all: DeadAirInput[] = [
    'caller-started',
    'caller-stopped',
    'owed',
    'reply-started',
    'reply-finished',
    'cut',
    'tool-started',
    'tool-finished',
    'model-opened',
    'model-lost',
    'settled',
    'time-passed',
  ].map((type) => ({ type }) as DeadAirInput);
  all.push({ type: 'reply-sounded', lengthMs: 100 }, { type: 'filled', lengthMs: 100 });
  const moment = { nowMs: 5_000, callerHeardMs: 4_000 };
  for (const first of all)
    for (const second of all) {
      const { state } = stepDeadAir(quietLine, first, moment, limits);
      const after = stepDeadAir(state, second, { ...moment, nowMs: 6_000 }, limits).state;
      const look = findNextLook(after, { ...moment, nowMs: 6_000 }, limits);
      assert.ok(look === undefined || Number.isFinite(look), `${first.type}, ${second.type}`);
      assert.ok(after.waitedMs >= 0 && after.runningTools >= 0);
    }
});
