// Tests of the ear that knows its caller: it notices late, sometimes not at all, and tells words after they were said.
import '../../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CallerTruth } from '../callers/caller-truth.ts';
import { type EventKind, spreadWords, type Utterance } from '../callers/utterance.ts';
import { createEars } from './known-ear.ts';

const frame = new Int16Array(320).fill(500);
const say = (kind: EventKind, text: string, ms: number): Utterance => ({
  kind,
  name: text,
  samples: new Int16Array(ms * 16),
  words: spreadWords(text, { fromMs: 0, toMs: ms }),
  voiced: [{ fromMs: 0, toMs: ms }],
});

interface Found {
  readonly startedMs: number | undefined;
  readonly stoppedMs: number | undefined;
  readonly words: readonly string[];
  readonly phrase: string | undefined;
}

/** Ten frames of silence, the utterance, and two seconds more. */
async function listen(
  utterance: Utterance,
  { seed = 1, wordErrors = 0, longestPauseMs = undefined as number | undefined } = {},
): Promise<Found> {
  const truth = new CallerTruth();
  truth.beginCall({ seed, snrDb: 25, wordErrors });
  const ear = createEars(truth)();
  const detector = ear.createDetector({ sampleRate: 16_000, silenceMs: 500, longestPauseMs });
  let [startedMs, stoppedMs, beganMs] = [undefined as number | undefined, undefined as number | undefined, 0];
  const words: string[] = [];
  let phrase: string | undefined;
  for (let n = 0; n < 260 && stoppedMs === undefined; n++) {
    await sleep(20);
    if (n === 10) beganMs = truth.begin(utterance).fromMs;
    for (const { type } of detector.push(frame)) {
      if (type === 'started') startedMs = performance.now() - beganMs;
      else {
        stoppedMs = performance.now() - beganMs;
        phrase = ear.hear(new Int16Array((stoppedMs + 300) * 16), 16_000)?.phrase;
      }
    }
    const soFar = ear.wordsSoFar;
    if (soFar !== undefined && soFar !== words.at(-1)) words.push(soFar);
  }
  return { startedMs, stoppedMs, words, phrase };
}

describe('an ear that knows its caller', () => {
  it('notices a turn after 30 to 260 ms, tells its words as they come, and ends it after the silence', async () => {
    const found = await listen(say('question', 'Are you open on Saturday?', 1_500));
    assert.ok(found.startedMs! >= 32 && found.startedMs! <= 300, `${found.startedMs}`);
    assert.ok(found.stoppedMs! >= 2_000 && found.stoppedMs! <= 2_090, `${found.stoppedMs}`);
    assert.equal(found.phrase, 'Are you open on Saturday?');
    assert.deepEqual(found.words.slice(0, 2), ['Are', 'Are you']);
  });

  it('ends a turn at its last word where the words decide, and waits at a hum', async () => {
    const ended = await listen(say('question', 'Are you open on Saturday?', 1_500), { longestPauseMs: 4_000 });
    assert.ok(ended.stoppedMs! < 2_010, `${ended.stoppedMs}`);
    const hummed = await listen(say('backchannel', 'Mm-hm.', 400), { longestPauseMs: 4_000, seed: 2 });
    assert.ok(hummed.stoppedMs! > 4_300, `${hummed.stoppedMs}`);
  });

  it('misses some coughs, and hears no words in any', async () => {
    const coughs = await Promise.all(
      Array.from({ length: 60 }, (_, n) => listen({ ...say('noise', 'cough', 400), words: [] }, { seed: 100 + n })),
    );
    const noticed = coughs.filter(({ startedMs }) => startedMs !== undefined).length;
    assert.ok(noticed >= 46 && noticed < 60, `${noticed} of 60`);
    assert.ok(coughs.every(({ phrase, words }) => phrase === undefined && words.length === 0));
  });

  it('gets words wrong at the rate it is told, and the same ones every time', async () => {
    const hear = (seed: number) =>
      listen(say('question', 'Are you open on Saturday?', 1_500), { seed, wordErrors: 0.2 });
    const found = await Promise.all(Array.from({ length: 40 }, (_, seed) => hear(seed)));
    const wrong = found
      .flatMap(({ phrase = '' }) => phrase.split(' '))
      .filter((word) => !['Are', 'you', 'open', 'on', 'Saturday?'].includes(word)).length;
    assert.ok(wrong > 20 && wrong < 60, `${wrong} of 200`);
    assert.deepEqual((await hear(5)).phrase, found[5]!.phrase);
  });
});
