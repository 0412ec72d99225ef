// Tests of the scripted person, driven frame by frame by a fake agent: no clock, no sockets.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { patientEndOfSpeechMs } from './agent-ear.ts';
import { createPerson, type Person } from './person.ts';
import type { PersonStep } from './person-script.ts';
import { type Phone, phoneFrameSamples } from './phone.ts';
import { createRecordedPhone } from './recorded-phone.ts';
import { createTonePhone } from './tone-phone.ts';

const loud = new Int16Array(phoneFrameSamples).fill(4000);
const quiet = new Int16Array(phoneFrameSamples);
const ms = (length: number) => new Int16Array(length * 16).fill(3000);

/** Every line lasts 400 ms. */
const person = (...script: PersonStep[]) => createPerson({ script, speak: async () => ms(400) });

/** One entry a frame: whether the agent is heard. Returns what the person did in each. */
function run(phone: Phone, agentSpeaks: (frame: number, personSpeaks: boolean) => boolean, frames: number) {
  const keys: string[] = [];
  for (let frame = 0; frame < frames && !phone.hangsUp; frame++) {
    const speaks = phone.speak().some((sample) => sample !== 0);
    const pressed = phone.takeKeys();
    if (pressed) keys.push(pressed);
    phone.hear(agentSpeaks(frame, speaks) ? loud : quiet);
  }
  phone.lineClosed();
  return keys;
}
const between = (fromMs: number, toMs: number) => (frame: number) => frame * 20 >= fromMs && frame * 20 < toMs;

describe('person', () => {
  it('waits for the greeting, asks, waits for the answer and hangs up', async () => {
    const caller = await person(
      { wait: 'agent-finished' },
      { say: 'What are your opening hours?' },
      { wait: 'agent-finished' },
      { hangUp: true },
    );
    run(caller, (frame) => between(100, 1100)(frame) || between(3000, 4000)(frame), 1000);
    const { outcome, lines, timeline } = await caller.done;
    assert.equal(outcome, 'finished');
    // The greeting ends at 1100; 700 ms of silence later the person speaks for 400 ms; the answer begins at 3000.
    assert.deepEqual(lines, [
      {
        text: 'What are your opening hours?',
        startedMs: 1800,
        finishedMs: 2200,
        answeredAfterMs: 800,
        agentStoppedAfterMs: undefined,
      },
    ]);
    assert.deepEqual(
      timeline.map(({ type, atMs }) => [type, atMs]),
      [
        ['agent-started', 100],
        ['agent-finished', 1100],
        ['started-saying', 1800],
        ['finished-saying', 2200],
        ['agent-started', 3000],
        ['agent-finished', 4000],
        ['hung-up', 4700],
        ['line-closed', 4720],
      ],
    );
  });

  it('takes the pauses between words for part of the speech', async () => {
    const caller = await person({ wait: 'agent-finished' }, { hangUp: true });
    run(caller, (frame) => between(0, 500)(frame) || between(1100, 1500)(frame), 500);
    const { timeline } = await caller.done;
    assert.deepEqual(timeline.slice(0, 2), [
      { type: 'agent-started', atMs: 0 },
      { type: 'agent-finished', atMs: 1500 },
    ]);
  });

  it('waits through longer silences where it is told to', async () => {
    const script = [{ wait: 'agent-finished' }, { hangUp: true }] as const;
    const caller = await createPerson({ script, speak: async () => ms(400), endOfSpeechMs: patientEndOfSpeechMs });
    run(caller, (frame) => between(0, 500)(frame) || between(2_000, 2_400)(frame), 500);
    const { timeline } = await caller.done;
    assert.deepEqual(timeline[1], { type: 'agent-finished', atMs: 2_400 });
  });

  it('interrupts the agent and waits for the answer to that, not for the rest of what it cut off', async () => {
    const caller = await person(
      { afterAgentSpokeMs: 1200, say: 'Stop please' },
      { wait: 'agent-finished' },
      { hangUp: true },
    );
    // The agent would speak for 10 s; it falls silent 300 ms into the interruption and answers from 2400 on.
    run(caller, (frame) => between(0, 1500)(frame) || between(2400, 3400)(frame), 1000);
    const { outcome, lines, timeline } = await caller.done;
    assert.equal(outcome, 'finished');
    assert.partialDeepStrictEqual(lines, [
      { startedMs: 1200, finishedMs: 1600, agentStoppedAfterMs: 300, answeredAfterMs: 800 },
    ]);
    assert.deepEqual(timeline.at(-2), { type: 'hung-up', atMs: 4100 });
  });

  it('does not take a click for speech', async () => {
    const caller = await person({ wait: 'agent-finished', maxMs: 3000 }, { hangUp: true });
    run(caller, between(500, 560), 500);
    const { outcome, reason, failedStep } = await caller.done;
    assert.equal(outcome, 'timed-out');
    assert.equal(reason, 'gave up after 3 s in step 1, waiting for the agent to speak and finish');
    assert.equal(failedStep, 0);
  });

  it('presses keys and pauses', async () => {
    const caller = await person({ pauseMs: 100 }, { press: '12' }, { pauseMs: 200 }, { press: '#' }, { hangUp: true });
    assert.deepEqual(
      run(caller, () => false, 100),
      ['12', '#'],
    );
    const { timeline } = await caller.done;
    assert.deepEqual(
      timeline.map(({ atMs }) => atMs),
      [100, 300, 300, 320],
    );
  });

  it('reports where it was when the line was cut', async () => {
    const caller = await person({ say: 'hello' }, { wait: 'agent-finished' }, { hangUp: true });
    run(caller, () => false, 30);
    const { outcome, reason, heard, said } = await caller.done;
    assert.equal(outcome, 'cut-off');
    assert.equal(reason, 'was cut off in step 2, waiting for the agent to speak and finish');
    assert.deepEqual([heard.length, said.length], [30 * 320, 30 * 320]);
    assert.equal(said[399 * 16], 3000);
    assert.equal(said[401 * 16], 0);
  });

  it('was saying something when the line was cut in the midst of it', async () => {
    const events: string[] = [];
    const caller = await createPerson({
      script: [{ pauseMs: 100 }, { say: 'hello' }, { hangUp: true }],
      speak: async () => ms(400),
      onEvent: ({ type, atMs }) => events.push(`${type} ${atMs}`),
    });
    run(caller, () => false, 10);
    const { outcome, reason, failedStep } = await caller.done;
    assert.deepEqual([outcome, failedStep], ['cut-off', 1]);
    assert.equal(reason, 'was cut off in step 2, saying "hello"');
    assert.deepEqual(events, ['started-saying 100', 'line-closed 200']);
  });

  it('lets the agent hang up and counts that as the end of the script', async () => {
    const caller: Person = await person({ say: 'bye' }, { wait: 'line-closed' });
    run(caller, () => false, 40);
    assert.equal((await caller.done).outcome, 'finished');
  });
});

it('a recording is played after the greeting and hangs up when it was answered', async () => {
  const phone = await createRecordedPhone({ samples: ms(500), waitsForGreeting: true });
  run(phone, (frame) => between(0, 400)(frame) || between(2000, 2500)(frame), 500);
  const { outcome, lines } = await phone.done;
  assert.equal(outcome, 'finished');
  assert.partialDeepStrictEqual(lines, [{ startedMs: 1100, finishedMs: 1600, answeredAfterMs: 400 }]);
});

it('a tone phone sings without a break and remembers what it heard', () => {
  const phone = createTonePhone({ hz: 400, level: 10_000 });
  // 400 Hz at 16 kHz is 40 samples a period: each frame of 320 holds eight whole ones.
  const first = phone.speak().slice();
  assert.deepEqual(phone.speak(), first);
  assert.equal(first[10], 10_000);
  phone.hear(loud);
  assert.deepEqual(phone.heard, loud);
});
