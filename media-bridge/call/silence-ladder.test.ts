// What becomes of a caller's silence, in each state.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { noSilence, type SilenceAction, type SilenceInput, type SilenceState, stepSilence } from './silence-ladder.ts';

const rules = { afterMs: 12_000, reprompts: 2 };
const quiet = { type: 'quiet' } as const;
const busy = { type: 'busy' } as const;
const acted = { type: 'caller-acted' } as const;

/** What is done at which second, when nothing but these happens, one a second, and the last one for ever. */
function play(inputs: readonly SilenceInput[], seconds: number, { reprompts } = rules): string[] {
  const done: string[] = [];
  let state: SilenceState = noSilence;
  for (let second = 0; second <= seconds; second++) {
    const next = stepSilence(state, inputs[Math.min(second, inputs.length - 1)]!, second * 1000, {
      ...rules,
      reprompts,
    });
    state = next.state;
    if (next.action) done.push(`${second} ${next.action}`);
  }
  return done;
}

describe('a caller who says nothing', () => {
  it('is asked twice, and then told goodbye', () => {
    assert.deepEqual(play([quiet], 40), ['12 reprompt', '25 reprompt', '38 goodbye']);
  });

  it('is told goodbye at once where the agent asks nobody again', () => {
    assert.deepEqual(play([quiet], 13, { ...rules, reprompts: 0 }), ['12 goodbye']);
  });

  it('is waited for from where the agent was heard to its end', () => {
    assert.deepEqual(play([quiet, quiet, ...Array<SilenceInput>(10).fill(busy), quiet], 24), ['24 reprompt']);
  });

  it('has all its chances again after a word or a key', () => {
    const silence = Array<SilenceInput>(26).fill(quiet);
    assert.deepEqual(play([...silence, acted, quiet], 65), [
      '12 reprompt',
      '25 reprompt',
      '39 reprompt',
      '52 reprompt',
      '65 goodbye',
    ]);
  });
});

it('any input in any state gives a state', () => {
  const states: SilenceState[] = [noSilence, { silentSinceMs: 0, reprompts: 0 }, { silentSinceMs: 0, reprompts: 2 }];
  const told = states.map((state) =>
    [quiet, busy, acted].map((input): SilenceAction | undefined => stepSilence(state, input, 20_000, rules).action),
  );
  assert.deepEqual(told, [
    [undefined, undefined, undefined],
    ['reprompt', undefined, undefined],
    ['goodbye', undefined, undefined],
  ]);
});
