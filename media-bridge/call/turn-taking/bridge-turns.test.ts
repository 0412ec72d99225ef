// The caller's turn while one model is gone and the next one is not there yet.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { turnRules } from '../../../shared/agents/turn-rules.ts';
import { createSilence, mulaw8k } from '../../audio/audio-format.ts';
import { TestClock } from '../../audio/testing/test-clock.ts';
import { BridgeTurns, type BridgeTurnsOptions } from './bridge-turns.ts';

it('leaves the word to whoever has it for as long as no model could hear them, and answers once one has', (t) => {
  const clock = new TestClock(t);
  const done: string[] = [];
  const line = { sentMs: 5_000, playedMs: 1_000, setManner() {}, clearAudio() {} };
  const next = {
    takeWord() {},
    answerTurn: () => void done.push('answer'),
    dropTurns: () => void done.push('drop'),
    sendText() {},
  };
  const model: { model: typeof next | undefined; holdsTurn: boolean; settleTurn(): void } = {
    model: next,
    holdsTurn: true,
    settleTurn() {},
  };
  const turns = new BridgeTurns({
    rules: turnRules.parse({}),
    languages: ['en-US'],
    format: mulaw8k,
    journal: { record() {} },
    line,
    model,
    turns: {
      callerStarted() {},
      callerStopped: () => void done.push('over'),
      transcript() {},
      isMaking: false,
      findUnheard: () => undefined,
    },
    watch: { floor: 'nobody', tell() {}, notice() {} },
    isSilenced: () => false,
    isGoodbye: () => false,
    onCallerHeard() {},
    takeWord: () => void (line.sentMs = line.playedMs),
  } as unknown as BridgeTurnsOptions);
  const passInSilence = (ms: number) => {
    for (let passed = 0; passed < ms; passed += 20) {
      clock.pass(20);
      turns.hear(createSilence(mulaw8k, 20));
    }
  };
  const tell = (turnId: string, text: string, final: boolean) =>
    turns.transcript({ turnId, role: 'caller', text, final });
  passInSilence(100);
  turns.callerStarted('one');
  tell('one', 'Stop', false);
  assert.equal(line.sentMs, line.playedMs, 'they have the word');
  model.model = undefined;
  turns.modelLost();
  passInSilence(3_000);
  assert.deepEqual(done, []);
  model.model = next;
  turns.callerStarted('two');
  passInSilence(200);
  tell('two', 'Stop, please.', true);
  turns.callerStopped('two');
  assert.deepEqual(done, ['over', 'answer']);
});
