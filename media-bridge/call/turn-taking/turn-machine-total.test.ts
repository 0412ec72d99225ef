// That the turn machine is total: any input in any state, and what is left of it.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { loud, rules, silence, words } from './testing/turn-scenes.ts';
import { stepTurn } from './turn-machine.ts';
import { createTurnNumbers } from './turn-numbers.ts';
import { quietTurn, type TurnInput } from './turn-state.ts';

it('is total: whatever comes after whatever leaves a state that can be stepped on, and no agent paused for good', () => {
  const evidence = (text: string) => words.judge(text);
  const inputs: TurnInput[] = [
    { type: 'service-started', turnId: 'a' },
    { type: 'service-stopped' },
    { type: 'words', evidence: evidence('stop'), isFinal: false },
    { type: 'words', evidence: evidence('yeah'), isFinal: true },
    { type: 'words', evidence: evidence(''), isFinal: true },
    { type: 'frame', ...loud },
    { type: 'frame', ...loud, kind: 'noise' },
    { type: 'frame', ...silence },
  ];
  const numbers = createTurnNumbers(rules, { slackMs: 0, tellsWords: true });
  const moments = [true, false].flatMap((isAudible) =>
    (['none', 'heard-out', 'goodbye'] as const).map((guard) => ({
      isAudible,
      guard,
      heardMs: 1_000,
      leftMs: 500,
      owesReply: !isAudible,
    })),
  );
  for (const moment of moments)
    for (const first of inputs)
      for (const second of inputs)
        for (const third of inputs) {
          let state = quietTurn;
          let nowMs = 0;
          for (const input of [first, second, third]) {
            nowMs += 500;
            state = stepTurn(state, input, { nowMs, ...moment }, numbers).state;
          }
          for (let frame = 0; frame < 250; frame++) {
            nowMs += 20;
            state = stepTurn(state, { type: 'frame', ...silence }, { nowMs, ...moment }, numbers).state;
          }
          assert.notEqual(state.manner, 'paused', [first, second, third].map(({ type }) => type).join());
        }
});
