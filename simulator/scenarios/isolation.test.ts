// Twenty calls at once, each of another tone through a model that says what it hears: nobody hears anybody else.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { phoneSampleRate } from '../caller/phone.ts';
import { createTonePhone } from '../caller/tone-phone.ts';
import { fitTone } from '../voice/tone.ts';
import type { World } from '../world/world.ts';
import { ring } from './inbound-call.ts';
import { startScenarioWorld } from './scenario-world.ts';

const callers = 20;
const greetingMs = 2_000;
/** The model echoes in real time and has nothing in hand: a late timer is a gap. A second without one is looked for. */
const singingMs = 5_000;
/** Whole periods of none of them fall together, and no tone is a harmonic of another. */
const toneOf = (caller: number) => 409 + 127 * caller;
const leastSnrDb = 50;

/** A short greeting, so that the tones come soon. */
const agent =
  '---\nname: receptionist\ndescription: Greets.\ngreeting: Hello.\nmodels: [gpt-realtime]\ntools: []\n---\nListen.\n';

let world: World;
before(async () => {
  const AGENTS_FOLDER = await mkdtemp(join(tmpdir(), 'parley-agents-'));
  after(() => rm(AGENTS_FOLDER, { recursive: true, force: true }));
  await writeFile(join(AGENTS_FOLDER, 'receptionist.md'), agent);
  // A tone is no turn: the bridge would weigh it, and soften what is to be measured.
  world = await startScenarioWorld({ deployment: 'echo', settings: { AGENTS_FOLDER, TURN_TAKING: 'model' } });
});
after(() => world.stop());

it('lets each of twenty callers hear its own tone and no other, at both ends', async (t) => {
  const calls = [];
  for (let caller = 0; caller < callers; caller++) {
    const phone = createTonePhone({ hz: toneOf(caller), silentForMs: greetingMs });
    calls.push({ phone, hz: toneOf(caller), ...(await ring(world, `+155501${40 + caller}`, phone)) });
  }
  await sleep(greetingMs + singingMs);
  for (const { phone } of calls) phone.hangUp();
  await Promise.all(calls.map(({ call }) => call.ended));

  const atCaller = calls.map(({ phone, hz }) => measure(phone.heard, phoneSampleRate, hz));
  const atModel = calls.map(({ session, hz }) => {
    const { samples, sampleRate } = session.log.audio;
    return measure(samples, sampleRate, hz);
  });
  for (const [end, measured] of Object.entries({ caller: atCaller, model: atModel })) {
    const worstSnrDb = Math.min(...measured.map(({ snrDb }) => snrDb));
    const loudestOtherDb = Math.max(...measured.map(({ otherDb }) => otherDb));
    t.diagnostic(`at the ${end}: tone over all else ${worstSnrDb.toFixed(1)} dB or more`);
    t.diagnostic(`at the ${end}: others' tones ${loudestOtherDb.toFixed(1)} dB or less`);
    assert.ok(worstSnrDb >= leastSnrDb, `${end}: ${measured.map(({ snrDb }) => snrDb.toFixed(1)).join(' ')}`);
    assert.ok(loudestOtherDb <= -leastSnrDb, `${end}: ${loudestOtherDb}`);
  }
});

/** The purest second; others' tones are given relative to the own one. */
function measure(samples: Int16Array, sampleRate: number, hz: number): { snrDb: number; otherDb: number } {
  let best = { samples: samples.subarray(0, 0), snrDb: Number.NEGATIVE_INFINITY };
  for (let at = 0; at + sampleRate <= samples.length; at += sampleRate / 4) {
    const part = samples.subarray(at, at + sampleRate);
    const { snrDb } = fitTone(part, sampleRate, hz);
    if (snrDb > best.snrDb) best = { samples: part, snrDb };
  }
  const own = fitTone(best.samples, sampleRate, hz);
  // Beside the own tone a second is too short to see what is 60 dB below it.
  const turn = (2 * Math.PI * hz) / sampleRate;
  const rest = Float64Array.from(best.samples, (sample, i) => sample - own.amplitude * Math.sin(turn * i + own.phase));
  const others = Array.from({ length: callers }, (_, n) => toneOf(n)).filter((other) => other !== hz);
  const loudest = Math.max(...others.map((other) => fitTone(rest, sampleRate, other).amplitude));
  return { snrDb: best.snrDb, otherDb: 20 * Math.log10(loudest / own.amplitude) };
}
