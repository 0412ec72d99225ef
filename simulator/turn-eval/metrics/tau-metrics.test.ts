// Tests of tau-voice's metrics by cases worked out by hand: a letter is a tick of 200 ms.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { measureTau, measureTicks, type TauMetrics } from './tau-metrics.ts';
import { createTicks } from './tau-ticks.ts';
import type { CallerAct } from './wire-record.ts';

const acts: Record<string, CallerAct> = {
  u: 'turn',
  i: 'interruption',
  b: 'backchannel',
  t: 'tic',
  a: 'aside',
};

/** Two lines of the same length: the caller's, and the agent's with `A` where it sounds. */
function measure(caller: string, agent: string): TauMetrics {
  assert.equal(caller.length, agent.length);
  return measureTicks({ caller: [...caller].map((tick) => acts[tick]), agent: [...agent].map((tick) => tick === 'A') });
}

const share = ({ of, hits }: { of: number; hits: number }) => `${hits}/${of}`;

describe('talking on through backchannels', () => {
  const cases = [
    ['sounds through five ticks', '..bb........', 'AAAAAAAAAAAA', '1/1'],
    ['is silent in the fifth tick', '..bb........', 'AAAAAA.AAAAA', '0/1'],
    ['is silent in the sixth tick, which nobody sees', '..bb........', 'AAAAAAA.AAAA', '1/1'],
    ['comes to its natural end within a second', '..bb........', 'AAAAA.......', '0/1'],
    ['was silent when it began: no backchannel on its speech', '..bb........', 'AA.AAAAAAAAA', '0/0'],
    ['meets two of them in one segment, which count once', '..bbbb......', 'AAAAAAAAAAAA', '1/1'],
    ['meets two of them a tick apart', '..b.b.......', 'AAAAAAAAAAAA', '2/2'],
  ] as const;
  for (const [title, caller, agent, expected] of cases)
    it(title, () => assert.equal(share(measure(caller, agent).backchannels), expected));
});

describe('yielding', () => {
  const cases = [
    ['at the third tick: 400 ms', '..iiiii.......', 'AAAA..........', '1/1', [400]],
    ['at the next tick, and a resumption does not heal it', '..iiiii.......', 'AAA.AAAAAAAAAA', '1/1', [200]],
    ['at the tenth tick, the last that counts', '..iiiiiiiiiiii', 'AAAAAAAAAAA...', '1/1', [1800]],
    ['at the eleventh tick is none', '..iiiiiiiiiiii', 'AAAAAAAAAAAA..', '0/1', []],
    ['is also owed to a turn that begins on its speech', '..uuuuu.......', 'AAAAA.........', '1/1', [600]],
    ['is not owed to a cough or an aside', '..tt..aa......', 'AAAAAAAAAAAAAA', '0/0', []],
    ['is not owed to who began in silence', '..iiiii.......', 'AA..AAAA......', '0/0', []],
  ] as const;
  for (const [title, caller, agent, expected, latencies] of cases)
    it(title, () => {
      const { yields } = measure(caller, agent);
      assert.equal(share(yields), expected);
      assert.deepEqual(yields.latenciesMs, latencies);
    });
});

describe('answering', () => {
  const cases = [
    ['after three silent ticks', 'uuu..........', '......AAAAAAA', '1/1', [600]],
    ['in the tick that follows: the turn was not let finish', 'uu......uu...', '...AAA....AAA', '1/1', [200]],
    ['not before the caller spoke again', 'uu....uu.....', '.........AAAA', '1/2', [200]],
    ['is not asked of who speaks on', '..ii.........', 'AAAAAAAAAAAAA', '0/0', []],
    ['is not owed to a backchannel', '..bb.........', 'A.....AAAAAAA', '0/0', []],
  ] as const;
  for (const [title, caller, agent, expected, latencies] of cases)
    it(title, () => {
      const { answers } = measure(caller, agent);
      assert.equal(share(answers), expected);
      assert.deepEqual(answers.latenciesMs, latencies);
    });

  it('counts an agent that begins on the words of a turn or a backchannel, beside the turns', () => {
    assert.equal(share(measure('uuuuuu.......', '....AA..AAAAA').agentInterrupts), '1/1');
    assert.equal(share(measure('uuu..bbb.....', '......AAAAAAA').agentInterrupts), '1/1');
    assert.equal(share(measure('uuu..tt......', '......AAAAAAA').agentInterrupts), '0/1');
  });
});

describe('ignoring coughs and asides', () => {
  const cases = [
    [
      'on its speech is no success to tau-voice, and one by the fair rule',
      '..t.........',
      'AAAAAAAAAAAA',
      '0/0',
      '1/1',
    ],
    ['stops within a second', '..t.........', 'AAAAAA.AAAAA', '0/1', '0/1'],
    ['stops later than that', '..t.........', 'AAAAAAA.AAAA', '0/0', '1/1'],
    ['stays silent for two seconds', '..t.........', '............', '1/1', '1/1'],
    ['begins at the tenth tick after it', '..t.............', '............AAAA', '0/1', '0/1'],
    ['begins at the eleventh tick after it', '..t.............', '.............AAA', '1/1', '1/1'],
    ['begins at the tenth tick after its end', '..ttt...........', '..............AA', '1/1', '0/1'],
  ] as const;
  for (const [title, caller, agent, byTau, fairly] of cases)
    for (const [letter, raw, fair] of [
      ['t', 'tics', 'fairTics'],
      ['a', 'asides', 'fairAsides'],
    ] as const)
      it(`${title}: ${letter === 't' ? 'a cough' : 'an aside'}`, () => {
        const found = measure(caller.replaceAll('t', letter), agent);
        assert.equal(share(found[raw]), byTau);
        assert.equal(share(found[fair]), fairly);
      });
});

describe('the grid', () => {
  const record = (agent: readonly (readonly [number, number])[], fromMs = 400, toMs = 830) => ({
    lengthMs: 3_000,
    caller: [{ act: 'backchannel' as const, fromMs, toMs }],
    agent: agent.map(([fromMs, toMs]) => ({ fromMs, toMs })),
  });
  const talksOn = (...agent: (readonly [number, number])[]) => measureTau(record(agent)).backchannels.hits === 1;

  it('never sees a pause under 200 ms, always one of 400, and one between them where it empties a tick', () => {
    assert.equal(talksOn([0, 605], [800, 3_000]), true);
    assert.equal(talksOn([0, 600], [800, 3_000]), false);
    assert.equal(talksOn([0, 610], [900, 3_000]), true);
    assert.equal(talksOn([0, 590], [900, 3_000]), false);
    assert.equal(talksOn([0, 610], [1_010, 3_000]), false);
  });

  it('gives a tick to whoever sounds in any part of it', () => {
    const ticks = createTicks({ ...record([[190, 410]], 390, 610), lengthMs: 900 });
    assert.deepEqual(ticks.agent, [true, true, true, false, false]);
    assert.deepEqual(
      ticks.caller.map((act) => act !== undefined),
      [false, true, true, true, false],
    );
  });

  it('forgets a lone last tick of the caller', () => {
    assert.deepEqual(measureTau(record([[0, 3_000]], 2_850, 3_000)).backchannels, { of: 0, hits: 0 });
    assert.deepEqual(measureTau(record([[0, 3_000]], 2_750, 3_000)).backchannels, { of: 1, hits: 1 });
  });
});
