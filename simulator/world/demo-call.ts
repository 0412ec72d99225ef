// One call of the demo: somebody rings the agent, or is rung by it, and what they heard is kept.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Carrier, VoiceModelKind } from '../../shared/call/call.ts';
import type { LiveMessage } from '../../shared/call/live-message.ts';
import { heardWav } from '../caller/call-wav.ts';
import { createPerson, type Person } from '../caller/person.ts';
import type { PersonReport } from '../caller/person-script.ts';
import { phoneSampleRate } from '../caller/phone.ts';
import { createRecordedPhone } from '../caller/recorded-phone.ts';
import { resample } from '../voice/resample.ts';
import { demoScenarios } from './demo-scenarios.ts';
import { keepSound, type World } from './world.ts';

export interface DemoCallOptions {
  readonly carrier: Carrier;
  readonly direction: 'inbound' | 'outbound';
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

const ringsForMs = 1_500;
/** Events that are still on their way when the line is dead: `ended` among them. */
const lastEventsMs = 500;

/** `from`: a number that nobody else has in this world, by which the call is told from the others. */
export async function placeDemoCall(
  world: World,
  from: string,
  options: DemoCallOptions,
  show: (message: LiveMessage) => void,
): Promise<DemoCallResult> {
  const { acs, twilio, voice } = world.standIns;
  let callId: string | undefined;
  const ended = Promise.withResolvers<void>();
  const unwatch = await world.watch((message) => {
    if (message.type === 'event' && message.event === 'call-created' && message.details.remoteParty === from)
      callId = message.call_id;
    if (callId === undefined || message.call_id !== callId) return;
    show(message);
    if (message.type === 'status' && message.status === 'ended') ended.resolve();
  });
  try {
    const phone = await createPhone(options, (text) => voice.speak(text));
    const carrier = options.carrier === 'acs' ? acs : twilio;
    if (options.direction === 'outbound') {
      carrier.phones.set(from, { kind: 'answers', afterMs: ringsForMs, phone });
      await askToDial(world, { to: from, carrier: options.carrier, model: options.model });
    } else if (options.carrier === 'acs') acs.ring({ from, phone });
    else twilio.ring({ from, to: [...twilio.numbers.keys()][0]!, phone });
    const report = await phone.done;
    await Promise.race([ended.promise, sleep(10 * lastEventsMs)]);
    const heardPath = await keepSound(callId ?? from.slice(1), heardWav(report));
    return { outcome: report.outcome, problem: report.reason, heardPath };
  } finally {
    unwatch();
  }
}

function createPhone({ caller }: DemoCallOptions, speak: (text: string) => Promise<Int16Array>): Promise<Person> {
  if ('scenario' in caller) return createPerson({ script: demoScenarios[caller.scenario]!.script, speak });
  const samples = resample(caller.samples, caller.sampleRate, phoneSampleRate);
  return createRecordedPhone({ samples, waitsForGreeting: true });
}

async function askToDial(world: World, body: object): Promise<void> {
  const answer = await world.ask('/api/call', body);
  if (!answer.ok) throw new Error(`the call was not placed: ${answer.status} ${await answer.text()}`);
}
