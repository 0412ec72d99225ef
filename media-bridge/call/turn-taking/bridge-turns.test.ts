// The caller's turn where a model, or what it tells, is lost in the midst of it.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { turnRules } from '../../../shared/agents/turn-rules.ts';
import { createSilence, mulaw8k } from '../../audio/audio-format.ts';
import { encodeMulaw } from '../../audio/mulaw.ts';
import { TestClock } from '../../audio/testing/test-clock.ts';
import type { Transcript } from '../spoken-turns.ts';
import { BridgeTurns, type BridgeTurnsOptions } from './bridge-turns.ts';

/** 100 Hz with overtones: as a voice has them. */
const humFrame = Buffer.alloc(160);
encodeMulaw(
  Int16Array.from({ length: 160 }, (_, at) => 6_000 * ((at % 80) / 40 - 1)),
  humFrame,
);

function setUp(t: TestContext) {
  const clock = new TestClock(t);
  const done: string[] = [];
  const written: string[] = [];
  const line = { sentMs: 5_000, playedMs: 1_000, isFilled: false, isSilenced: false, manner: '', clearAudio() {} };
  const next = {
    takeWord() {},
    answerTurn: () => void done.push('answer'),
    dropTurns: () => void done.push('drop'),
    sendText() {},
  };
  const model: { model: typeof next | undefined; holdsTurn: boolean; holdsVoice: boolean; settleTurn(): void } = {
    model: next,
    holdsTurn: true,
    holdsVoice: true,
    settleTurn: () => turns.settled(),
  };
  const spoken = {
    callerStarted() {},
    callerStopped: () => void done.push('over'),
    oweReply: () => void done.push('owed'),
    transcript: ({ text, final }: Transcript) => void (final && written.push(text)),
    isMaking: false,
    findUnheard: () => undefined,
  };
  const told: string[] = [];
  const watch = {
    floor: 'nobody',
    callerQuietMs: undefined as number | undefined,
    tell: ({ type }: { type: string }) => void told.push(type),
    notice() {},
  };
  const turns: BridgeTurns = new BridgeTurns({
    rules: turnRules.parse({}),
    languages: ['en-US'],
    format: mulaw8k,
    journal: { record() {} },
    line: Object.assign(line, { setManner: (manner: string) => void (line.manner = manner) }),
    model,
    turns: spoken,
    watch,
    isSilenced: () => line.isSilenced,
    isGoodbye: () => false,
    onCallerHeard() {},
    takeWord: () => void (line.isFilled || (line.sentMs = line.playedMs)),
  } as unknown as BridgeTurnsOptions);
  const pass = (ms: number, frame: Buffer) => {
    for (let passed = 0; passed < ms; passed += 20) {
      clock.pass(20);
      turns.hear(frame);
    }
  };
  const sleep = (ms: number) => clock.pass(ms);
  const passInSilence = (ms: number) => pass(ms, createSilence(mulaw8k, 20));
  const hum = (ms: number) => pass(ms, humFrame);
  const tell = (turnId: string, text: string, final = true) =>
    turns.transcript({ turnId, role: 'caller', text, final });
  /** One turn in two parts; of the second the model knows no words. */
  const sayHalfUnderstood = () => {
    passInSilence(100);
    turns.callerStarted('one');
    tell('one', 'Stop and', false);
    turns.callerStopped('one');
    turns.callerStarted('two');
    tell('one', 'Stop and');
    turns.callerStopped('two');
    passInSilence(3_000);
  };
  const loseModel = () => {
    model.model = undefined;
    turns.modelLost();
  };
  return {
    turns,
    spoken,
    line,
    model,
    next,
    watch,
    told,
    done,
    written,
    passInSilence,
    hum,
    sleep,
    tell,
    sayHalfUnderstood,
    loseModel,
  };
}

describe('a turn whose model is lost', () => {
  it('stays with whoever has the word for as long as no model could hear them, and is answered once one has', (t) => {
    const { turns, line, model, next, done, passInSilence, tell, loseModel } = setUp(t);
    passInSilence(100);
    turns.callerStarted('one');
    tell('one', 'Stop', false);
    assert.equal(line.sentMs, line.playedMs, 'they have the word');
    loseModel();
    passInSilence(3_000);
    assert.deepEqual(done, []);
    model.model = next;
    turns.callerStarted('two');
    passInSilence(200);
    tell('two', 'Stop, please.');
    turns.callerStopped('two');
    assert.deepEqual(done, ['over', 'answer']);
  });

  it('is written down once, as the next model hears it, where it was understood in part', (t) => {
    const { turns, model, next, done, written, tell, sayHalfUnderstood, loseModel } = setUp(t);
    sayHalfUnderstood();
    assert.deepEqual(done, ['over', 'answer']);
    assert.equal(turns.awaitsWords, true);
    loseModel();
    assert.deepEqual(written, []);
    model.model = next;
    turns.callerStarted('three');
    turns.callerStopped('three');
    turns.callerStarted('four');
    turns.callerStopped('four');
    tell('three', 'Stop and');
    tell('four', 'tell me where you are.');
    turns.close();
    assert.deepEqual(written, ['Stop and', 'tell me where you are.']);
  });

  it('is written down as far as it was understood where no other model hears it', (t) => {
    const { turns, written, sayHalfUnderstood, loseModel } = setUp(t);
    sayHalfUnderstood();
    loseModel();
    turns.close();
    assert.deepEqual(written, ['Stop and']);
  });

  it('is written down whole, in its order, when its last words are there', (t) => {
    const { turns, written, tell, sayHalfUnderstood } = setUp(t);
    sayHalfUnderstood();
    tell('two', 'tell me where you are.');
    assert.equal(turns.awaitsWords, false);
    assert.deepEqual(written, []);
    turns.settled();
    assert.deepEqual(written, ['Stop and', 'tell me where you are.']);
  });

  it('is written down before it is answered, though its words came late and seemed to end no sentence', (t) => {
    const { turns, spoken, line, done, written, passInSilence, tell } = setUp(t);
    line.sentMs = line.playedMs;
    passInSilence(100);
    turns.callerStarted('one');
    passInSilence(2_000);
    turns.callerStopped('one');
    assert.deepEqual(done, ['over', 'answer']);
    spoken.isMaking = true;
    tell('one', 'Please do not do that');
    assert.deepEqual(written, [], 'they may go on');
    passInSilence(1_000);
    assert.deepEqual(done, ['over', 'answer', 'over', 'answer']);
    assert.deepEqual(written, ['Please do not do that']);
  });

  it('is written down as far as it was understood once it is answered, and the rest as it comes', (t) => {
    const { turns, written, tell, sayHalfUnderstood } = setUp(t);
    sayHalfUnderstood();
    turns.settled();
    assert.deepEqual(written, ['Stop and']);
    tell('two', 'tell me where you are.');
    assert.deepEqual(written, ['Stop and', 'tell me where you are.']);
  });
});

it('tells of a turn that might have gone on how long ago it was over', (t) => {
  const { turns, spoken, line, passInSilence, tell } = setUp(t);
  const agoMs: (number | undefined)[] = [];
  Object.assign(spoken, { callerStopped: (ms?: number) => void agoMs.push(ms) });
  for (const text of ['I would like to', 'Are you open?']) {
    line.playedMs = 1_000;
    passInSilence(100);
    turns.callerStarted(text);
    tell(text, text);
    turns.callerStopped(text);
    passInSilence(3_000);
  }
  assert.deepEqual(agoMs, [800, 0]);
});

describe('a turn whose end no service tells', () => {
  /** Nobody else speaks. How many ms after the caller fell silent the turn is over; undefined: never. */
  const findEnd = (t: TestContext, spokenMs: number) => {
    const { turns, line, watch, done, passInSilence } = setUp(t);
    line.playedMs = line.sentMs;
    passInSilence(100);
    turns.callerStarted('one');
    for (let ms = 0; ms < spokenMs + 5_000; ms += 20) {
      watch.callerQuietMs = Math.max(0, ms - spokenMs);
      passInSilence(20);
      if (done.includes('answer')) return ms - spokenMs;
    }
    return undefined;
  };

  it('is over a second after the line has fallen silent', (t) => assert.equal(findEnd(t, 1_600), 1_000));

  it('is none where hardly anything was heard of it', (t) => assert.equal(findEnd(t, 100), undefined));
});

describe('a voice that no service takes notice of', () => {
  const findOwed = (t: TestContext, isInDeadLine: boolean) => {
    const { turns, line, done, passInSilence, hum } = setUp(t);
    line.playedMs = line.sentMs;
    passInSilence(2_000);
    if (isInDeadLine) turns.lineCameBack();
    hum(300);
    passInSilence(2_000);
    return done.filter((what) => what === 'owed').length;
  };

  it('is owed an answer where it is the end of more that was said into a dead line', (t) =>
    assert.equal(findOwed(t, true), 1));

  it('is owed none otherwise', (t) => assert.equal(findOwed(t, false), 0));
});

describe('a word in the midst of which the line came here', () => {
  const findOwed = (t: TestContext, wordMs: number, { isOfOther }: { isOfOther: boolean }) => {
    const { turns, line, done, passInSilence, hum } = setUp(t);
    line.playedMs = line.sentMs;
    if (isOfOther) turns.lineCameBack();
    hum(wordMs);
    passInSilence(2_000);
    return done.filter((what) => what === 'owed').length;
  };

  it('is asked for where nobody has made out what is left of it', (t) =>
    assert.equal(findOwed(t, 240, { isOfOther: true }), 1));

  it('is none where it came before the caller was on hold', (t) => {
    const { turns, line, done, passInSilence, hum } = setUp(t);
    line.playedMs = line.sentMs;
    turns.lineCameBack();
    hum(240);
    line.isSilenced = true;
    passInSilence(5_000);
    line.isSilenced = false;
    passInSilence(2_000);
    assert.deepEqual(done, []);
  });

  it('is none where nothing is heard of it', (t) => assert.equal(findOwed(t, 0, { isOfOther: true }), 0));

  it('is none where the call begins', (t) => assert.equal(findOwed(t, 240, { isOfOther: false }), 0));
});

it('waits for the words of what was said just before this process slept, and answers them', (t) => {
  const { turns, line, done, passInSilence, hum, tell, sleep } = setUp(t);
  line.playedMs = line.sentMs;
  passInSilence(2_000);
  hum(400);
  passInSilence(400);
  sleep(2_500);
  passInSilence(20);
  turns.callerStarted('one');
  tell('one', 'Goodbye.');
  turns.callerStopped('one');
  assert.deepEqual(done, ['over', 'answer']);
});

it('tells who watches over silences that what filled one was stopped for the caller', (t) => {
  const { turns, line, told, passInSilence, tell } = setUp(t);
  line.isFilled = true;
  passInSilence(100);
  turns.callerStarted('one');
  tell('one', 'Stop', false);
  assert.deepEqual(told, ['cut']);
});

it('leaves what fills the silence of whoever said it long ago, and waits', (t) => {
  const { turns, line, told, watch, passInSilence, tell } = setUp(t);
  line.isFilled = true;
  Object.assign(watch, { floor: 'agent', callerQuietMs: 5_000 });
  passInSilence(100);
  turns.callerStarted('one');
  tell('one', 'Stop', false);
  assert.deepEqual(told, []);
});

it('hesitates later once the service has shown that it tells words before a turn is over', (t) => {
  const { turns, line, passInSilence, hum, tell } = setUp(t);
  const findPauseMs = () => {
    passInSilence(2_000);
    for (let ms = 20; ms <= 1_000; ms += 20) {
      hum(20);
      if (line.manner === 'paused') return ms;
    }
    return undefined;
  };
  const withoutWords = findPauseMs()!;
  turns.callerStarted('one');
  tell('one', 'Yeah', false);
  turns.callerStopped('one');
  tell('one', 'Yeah.');
  assert.equal(findPauseMs(), withoutWords + 20);
});
