// One call to the agent through the ACS stand-in: the caller's end of it, the carrier's, and the model's.
import assert from 'node:assert/strict';
import type { AcsCall } from '../acs/acs-call.ts';
import { createPerson, type PersonOptions } from '../caller/person.ts';
import type { PersonReport, PersonStep } from '../caller/person-script.ts';
import type { Phone } from '../caller/phone.ts';
import type { RealtimeSession } from '../realtime/realtime-session.ts';
import type { World } from '../world/world.ts';
import { checkConformance } from './conformance.ts';

export interface InboundCall {
  readonly call: AcsCall;
  /** Our own name of it. */
  readonly callId: string;
  /** The first one; after a failover the stand-in knows of more. */
  readonly session: RealtimeSession;
}

/** Resolves when the model's session is open. Ring one after the other: sessions do not say what call they belong to. */
export async function ring(world: World, from: string, phone: Phone): Promise<InboundCall> {
  const { acs, realtime } = world.standIns;
  const opened = realtime.nextSession();
  const { call } = acs.ring({ from, phone });
  const session = await opened;
  return { call, callId: findCallId(call), session };
}

/** The call, and what the person will tell of it. */
export async function ringAs(
  world: World,
  from: string,
  script: readonly PersonStep[],
  manner: Pick<PersonOptions, 'endOfSpeechMs'> = {},
): Promise<InboundCall & { readonly done: Promise<PersonReport> }> {
  const person = await createPerson({ ...manner, script, speak: (text) => world.standIns.voice.speak(text) });
  return { ...(await ring(world, from, person)), done: person.done };
}

/** From the greeting to the agent's hang-up: each word was heard, and the wires carried what they may. `meanwhile`: once it began. */
export async function holdWholeCall(world: World, from: string, meanwhile: () => void = () => {}): Promise<void> {
  const { call, session, done } = await ringAs(world, from, [
    { wait: 'agent-finished' },
    { say: 'What are your opening hours?' },
    { wait: 'agent-finished' },
    { say: 'Goodbye.' },
    { wait: 'line-closed' },
  ]);
  meanwhile();
  const report = await done;
  assert.equal(report.outcome, 'finished', report.reason);
  assert.deepEqual(
    session.log.heard.map(({ phrase }) => phrase),
    ['What are your opening hours?', 'Goodbye.'],
  );
  assert.deepEqual(await call.ended, { by: 'application', code: 200, subCode: 7000 });
  checkConformance(world);
}

/** The one place outside the product where its name of a call is seen. */
function findCallId(call: AcsCall): string {
  const url = call.properties.callbackUri;
  const callId = typeof url === 'string' ? /\/api\/callbacks\/([^/?]+)/.exec(url)?.[1] : undefined;
  if (!callId) throw new Error('the call was answered without a callback address of its own');
  return callId;
}
