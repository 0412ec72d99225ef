// The people to whom callers of a world are handed over: they take the call by word or key, refuse it, or are not to be had.
import { createAnsweringMachine } from '../caller/answering-machine.ts';
import { createPerson } from '../caller/person.ts';
import type { PersonStep } from '../caller/person-script.ts';
import type { Pickup } from '../caller/phone.ts';
import { deskNumbers, type Handover } from './chaos-agent.ts';
import type { ChaosWorld } from './fault.ts';
import type { DeskPlan } from './world-plan.ts';

const machineGreeting =
  'You have reached the voice mail of Alex. I am sorry that I cannot take your call right now. Please leave a message after the tone.';
/** Two people have said what they had to say by then. */
const talkMs = 12_000;

const answers: Readonly<Record<'word' | 'key' | 'refuses', readonly PersonStep[]>> = {
  word: [{ wait: 'agent-finished' }, { say: 'Yes, put them through.' }, { pauseMs: talkMs }, { hangUp: true }],
  key: [{ wait: 'agent-finished' }, { press: '1' }, { pauseMs: talkMs }, { hangUp: true }],
  refuses: [{ wait: 'agent-finished' }, { say: 'No, not now.' }, { wait: 'line-closed' }],
};
/** Nobody asks whom a call is handed over to without a word. */
const directAnswer: readonly PersonStep[] = [{ pauseMs: talkMs }, { hangUp: true }];

export async function manDesk(world: ChaosWorld, desk: DeskPlan): Promise<void> {
  const { acs, twilio } = world.standIns;
  for (const handover of ['warm', 'cold'] as const)
    for (const { phones } of [acs, twilio])
      phones.set(deskNumbers[handover], await createPickup(world, handover, desk));
}

async function createPickup(world: ChaosWorld, handover: Handover, { answer, afterMs }: DeskPlan): Promise<Pickup> {
  if (answer === 'busy' || answer === 'no-answer' || answer === 'declines') return { kind: answer };
  if (answer === 'machine') return { kind: 'answers', afterMs, phone: await createMachine(world) };
  const script = handover === 'cold' ? directAnswer : answers[answer];
  const phone = await createPerson({ script, speak: (text) => world.standIns.voice.speak(text) });
  return { kind: 'answers', afterMs, phone };
}

export async function createMachine({ standIns }: ChaosWorld) {
  return createAnsweringMachine({ greeting: await standIns.voice.speak(machineGreeting) });
}
