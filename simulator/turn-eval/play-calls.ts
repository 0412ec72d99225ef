// Plays calls of the evaluation one after the other in one world of virtual time, and reads each from the carrier's wire.
import { join } from 'node:path';
import { startScenarioWorld } from '../scenarios/scenario-world.ts';
import { SeededRandom } from '../virtual-time/seeded-random.ts';
import { openSpeech, type Speak } from '../voice/speech.ts';
import type { Settings } from '../world/product.ts';
import { findSounds, toSpan } from './agent/agent-sounds.ts';
import { AgentVoice } from './agent/agent-voice.ts';
import { readAnnouncements } from './agent/announcements.ts';
import { type HeardPart, ReplyTrack } from './agent/reply-track.ts';
import { storyRules } from './agent/stories.ts';
import type { CallPlan } from './callers/call-plan.ts';
import { CallerTruth } from './callers/caller-truth.ts';
import { EvalCaller, type WireUtterance } from './callers/eval-caller.ts';
import { makeLongQuestion, makeUtterance } from './callers/make-utterance.ts';
import { createEars } from './ears/known-ear.ts';
import type { Span } from './metrics/wire-record.ts';
import { createBackground } from './sounds/backgrounds.ts';
import { voiceDb } from './sounds/voice-box.ts';
import { callerVoices } from './sounds/voices.ts';
import { settingsOfMode, type TurnMode } from './turn-mode.ts';

export interface HeardCall {
  readonly plan: CallPlan;
  readonly lengthMs: number;
  readonly said: readonly WireUtterance[];
  readonly agent: readonly Span[];
  readonly parts: readonly HeardPart[];
  readonly missed: number;
  /** Both sides at 16 kHz. */
  readonly heard: Int16Array;
  readonly spoken: Int16Array;
}

const longQuestionsOfCall = 3;
/** Between two calls, for what still ends. */
const restMs = 3_000;

/** All of them have the same model. */
export async function playCalls(plans: readonly CallPlan[], mode: TurnMode, more: Settings = {}): Promise<HeardCall[]> {
  const [first] = plans;
  if (!first) return [];
  const truth = new CallerTruth();
  const voice = new AgentVoice();
  const speech = openSpeech({ cacheFolder: '.data/speech' });
  const world = await startScenarioWorld({
    rules: storyRules,
    openEar: createEars(truth),
    changeVoice: voice.change,
    settings: {
      VOICE_MODEL: first.model,
      AGENTS_FOLDER: join(import.meta.dirname, 'agent/profiles'),
      DEFAULT_AGENT: 'listener',
      ...settingsOfMode[mode],
      ...more,
    },
  });
  try {
    const calls: HeardCall[] = [];
    for (const [n, plan] of plans.entries()) {
      truth.beginCall(plan);
      const caller = await createCaller(plan, truth, speech.speak);
      const firstReply = voice.spoken.length;
      const from = `+1555013${String(n).padStart(4, '0')}`;
      const { acs, twilio } = world.standIns;
      if (plan.carrier === 'acs') acs.ring({ from, phone: caller });
      else twilio.ring({ from, to: [...twilio.numbers.keys()][0]!, phone: caller });
      await caller.done;
      await new Promise((resolve) => setTimeout(resolve, restMs));
      calls.push(readCall(plan, caller, voice.spoken.slice(firstReply)));
    }
    return calls;
  } finally {
    await world.stop();
    await speech.close();
  }
}

async function createCaller(plan: CallPlan, truth: CallerTruth, speak: Speak): Promise<EvalCaller> {
  const { half, snrDb, background, backchannelStretch } = plan;
  const random = new SeededRandom(plan.seed);
  const voice = callerVoices[half][plan.voice]!;
  const maker = { voice, half, speak, random: random.fork(), backchannelStretch };
  const events = [];
  for (const kind of plan.events) events.push({ kind, utterance: await makeUtterance(kind, maker) });
  const longQuestions = [];
  for (let n = 0; n < longQuestionsOfCall; n++) longQuestions.push(await makeLongQuestion(maker));
  const noise = await createBackground(background, half, voiceDb - snrDb, speak, random.fork());
  return new EvalCaller({ events, longQuestions, background: noise, truth, random: random.fork() });
}

function readCall(plan: CallPlan, caller: EvalCaller, spoken: AgentVoice['spoken']): HeardCall {
  const { heard } = caller;
  const lineHz = plan.carrier === 'twilio' ? 8000 : 16000;
  const track = new ReplyTrack(heard, spoken, lineHz, readAnnouncements());
  return {
    plan,
    lengthMs: caller.clockMs,
    said: caller.said,
    agent: findSounds(heard, lineHz).map(toSpan),
    parts: track.follow(),
    missed: caller.missed,
    heard,
    spoken: caller.spoken,
  };
}
