// One call of the demo: somebody rings the agent, or is rung by it, and what they heard is kept.
import type { CallDirection, Carrier, VoiceModelKind } from '../../shared/call/call.ts';
import type { LiveMessage } from '../../shared/call/live-message.ts';
import { heardWav } from '../caller/call-wav.ts';
import { createPerson, type Person } from '../caller/person.ts';
import type { PersonReport } from '../caller/person-script.ts';
import { phoneSampleRate } from '../caller/phone.ts';
import { createRecordedPhone } from '../caller/recorded-phone.ts';
import { resample } from '../voice/resample.ts';
import { demoScenarios } from './demo-scenarios.ts';
import { playCall } from './played-call.ts';
import { keepSound, type World } from './world.ts';

export interface DemoCallOptions {
  readonly carrier: Carrier;
  readonly direction: CallDirection;
  /** Outbound only: an inbound call takes the first model that its agent and the settings name. */
  readonly model?: VoiceModelKind;
  readonly caller: { readonly scenario: string } | { readonly samples: Int16Array; readonly sampleRate: number };
}

export interface DemoCallResult {
  /** `finished`: the caller did all that the script says. */
  readonly outcome: PersonReport['outcome'];
  readonly problem: string | undefined;
  readonly heardPath: string;
}

/** `number`: one that nobody else has in this world, by which the call is told from the others. */
export async function placeDemoCall(
  world: World,
  number: string,
  { caller, ...plan }: DemoCallOptions,
  show: (message: LiveMessage) => void,
): Promise<DemoCallResult> {
  const phone = await createPhone(caller, (text) => world.standIns.voice.speak(text));
  const { callId, report } = await playCall(world, { number, phone, ...plan }, show);
  const heardPath = await keepSound(callId ?? number.slice(1), heardWav(report));
  return { outcome: report.outcome, problem: report.reason, heardPath };
}

function createPhone(caller: DemoCallOptions['caller'], speak: (text: string) => Promise<Int16Array>): Promise<Person> {
  if ('scenario' in caller) return createPerson({ script: demoScenarios[caller.scenario]!.script, speak });
  const samples = resample(caller.samples, caller.sampleRate, phoneSampleRate);
  return createRecordedPhone({ samples, waitsForGreeting: true });
}
