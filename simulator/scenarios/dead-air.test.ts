// Models that live and say nothing: whoever waits for a reply hears that somebody is there, and then the reply, of this model or the next.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { type Carrier, phoneCarriers, type VoiceModelKind } from '../../shared/call/call.ts';
import { level } from '../caller/agent-ear.ts';
import { createPerson } from '../caller/person.ts';
import type { PersonReport, PersonStep } from '../caller/person-script.ts';
import { phoneFrameSamples, phoneSampleRate } from '../caller/phone.ts';
import type { StandIns } from '../world/stand-ins.ts';
import { placeCall } from './carrier-leg.ts';
import { startWatchedWorld } from './watched-world.ts';

const greeting = 'Thank you for calling Contoso. How can I help you today?';
const question = 'What are your opening hours?';
const answer = 'We are open from nine to five, Monday to Friday.';
/** After two seconds of nothing people say "hello?". */
const longestSilenceMs = 2_000;
const audible = 150;
/** Longer than all that is done about a silent model takes. */
const patienceMs = 30_000;

interface DeadModel {
  readonly model: VoiceModelKind;
  break(standIns: StandIns): void;
  readonly lost: readonly VoiceModelKind[];
  /** Some of the answer was heard: it is gone on with. */
  readonly goesOn?: true;
}

const isSettling = (type: string) => type.startsWith('session.');
const mute = ({ realtime }: StandIns) => {
  realtime.faults.withhold = (type) => !isSettling(type);
};
const stick =
  (times: number) =>
  ({ realtime }: StandIns) => {
    realtime.faults.stuckResponses = times;
  };
const trickle = { pieceMs: 100, everyMs: 4_000 };
const both = ['gpt-realtime', 'voice-live'] as const;

const deadModels: Record<string, DeadModel> = {
  'Realtime is mute, and so is Voice Live': { model: 'gpt-realtime', break: mute, lost: both },
  'Voice Live is mute, and so is Realtime': { model: 'voice-live', break: mute, lost: [...both].reverse() },
  'Realtime begins one reply and never makes it': { model: 'gpt-realtime', break: stick(1), lost: [] },
  'Voice Live begins replies and never makes them': {
    model: 'voice-live',
    break: stick(Number.POSITIVE_INFINITY),
    lost: [...both].reverse(),
  },
  'the voice of Realtime trickles': {
    model: 'gpt-realtime',
    break({ realtime }) {
      realtime.faults.trickle = trickle;
    },
    lost: both,
    goesOn: true,
  },
  'the chat model of the cascade stops in mid-sentence': {
    model: 'cascade',
    break({ chat }) {
      chat.faults.next.push({ kind: 'stalled', afterTokens: 2 });
    },
    lost: [],
  },
  'the voice of the cascade is mute': {
    model: 'cascade',
    break({ speech }) {
      speech.faults.synthesis = 'mute';
    },
    lost: ['cascade'],
  },
  'the voice of the cascade trickles': {
    model: 'cascade',
    break({ speech }) {
      speech.faults.trickle = trickle;
    },
    lost: ['cascade'],
  },
};

async function ring(t: TestContext, carrier: Carrier, model: VoiceModelKind, script: readonly PersonStep[]) {
  const { world, calls } = await startWatchedWorld(t, { settings: { VOICE_MODEL: model } });
  const number = '+15550151';
  const { standIns } = world;
  const place = async () => {
    const person = await createPerson({ script, speak: (text) => standIns.voice.speak(text) });
    await placeCall(world, { carrier, direction: 'inbound', number, phone: person });
    const report = await person.done;
    assert.equal(report.outcome, 'finished', report.reason);
    assert.equal(await calls.ended(number), 'caller-hung-up');
    return report;
  };
  return {
    standIns,
    calls,
    place,
    said: () => calls.turnsOf(number).flatMap(({ role, text }) => (role === 'agent' ? [text] : [])),
    lost: () => calls.eventsOf(number, 'model-lost').map(({ model }) => model),
    opened: () => calls.told(number, 'model-opened'),
  };
}

/** From this moment to the last sound of the agent: afterwards nobody waits. */
function findLongestSilence({ heard }: PersonReport, fromMs: number): number {
  const perMs = phoneSampleRate / 1000;
  let [longestMs, silentMs] = [0, 0];
  for (let at = Math.ceil(fromMs) * perMs; at + phoneFrameSamples <= heard.length; at += phoneFrameSamples) {
    if (level(heard.subarray(at, at + phoneFrameSamples)) < audible) silentMs += 20;
    else {
      longestMs = Math.max(longestMs, silentMs);
      silentMs = 0;
    }
  }
  return longestMs;
}

function checkSilence(t: TestContext, report: PersonReport, fromMs: number): void {
  const silentMs = findLongestSilence(report, fromMs);
  t.diagnostic(`longest silence ${silentMs} ms`);
  assert.ok(silentMs <= longestSilenceMs, `${silentMs} ms of silence`);
}

for (const carrier of phoneCarriers) {
  describe(`at ${carrier}`, () => {
    for (const [name, { model, break: breakModel, lost, goesOn }] of Object.entries(deadModels)) {
      it(`a caller is answered although from mid-call on ${name}`, async (t) => {
        const call = await ring(t, carrier, model, [
          { wait: 'agent-finished' },
          { say: question },
          { pauseMs: patienceMs },
          { hangUp: true },
        ]);
        const placed = call.place();
        await call.opened();
        // The greeting is asked for at once.
        await new Promise((resolve) => setTimeout(resolve, 5_500));
        breakModel(call.standIns);
        const report = await placed;
        assert.deepEqual(call.lost(), lost);
        assert.equal(call.said()[0], greeting);
        const said = call.said().join(' | ');
        if (goesOn) assert.match(said, /\| We.* \| Hello\. How can I help you\?$/);
        else assert.equal(said, `${greeting} | ${answer}`);
        checkSilence(t, report, report.lines[0]!.finishedMs);
      });
    }

    it('a caller is asked to say it again when the cascade is deaf, and then heard by another model', async (t) => {
      const call = await ring(t, carrier, 'cascade', [
        { wait: 'agent-finished' },
        { say: question },
        { pauseMs: 12_000 },
        { say: question },
        { pauseMs: patienceMs },
        { hangUp: true },
      ]);
      const placed = call.place();
      await call.opened();
      await new Promise((resolve) => setTimeout(resolve, 5_500));
      call.standIns.speech.faults.recognition = 'mute';
      const report = await placed;
      assert.deepEqual(call.lost(), ['cascade']);
      assert.ok(call.said().includes(answer), call.said().join(' | '));
      checkSilence(t, report, report.lines[1]!.finishedMs);
    });

    for (const [name, model, breakModel, lost] of [
      ['Realtime is mute, and so is Voice Live', 'gpt-realtime', mute, both],
      ['Voice Live never makes its first reply', 'voice-live', stick(1), []],
      [
        'the voice of the cascade is mute',
        'cascade',
        ({ speech }: StandIns) => {
          speech.faults.synthesis = 'mute';
        },
        ['cascade'],
      ],
    ] as const) {
      it(`a caller is greeted, and once, although ${name}`, async (t) => {
        const call = await ring(t, carrier, model, [{ pauseMs: patienceMs }, { hangUp: true }]);
        breakModel(call.standIns);
        const report = await call.place();
        assert.deepEqual(call.lost(), lost);
        assert.deepEqual(call.said(), [greeting]);
        checkSilence(t, report, 0);
      });
    }
  });
}
