// Pages that talk in a scenario, each way: somebody at their microphone, their ticket, and the call as the API tells it.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallDetail } from '../../shared/api.ts';
import type { VoiceModelKind } from '../../shared/call/call.ts';
import { formatRealtimeCall } from '../../shared/call/realtime-call.ts';
import type { Session, TalkTicket } from '../../shared/console-api.ts';
import { WebPage } from '../browser/web-page.ts';
import { createPerson, type Person } from '../caller/person.ts';
import type { PersonStep } from '../caller/person-script.ts';
import type { PagePeer } from '../realtime/webrtc/wire-peers.ts';
import type { World } from '../world/world.ts';

/** What the receptionist is asked and says. */
export const greeting = 'Thank you for calling Contoso. How can I help you today?';
export const hours = 'We are open from nine to five, Monday to Friday.';
export const question = { say: 'What are your opening hours?' } as const satisfies PersonStep;
export const finished = { wait: 'agent-finished' } as const satisfies PersonStep;

type Place = Pick<World, 'ask' | 'standIns'>;

export interface TalkingPage {
  readonly callId: string;
  readonly ticket: TalkTicket;
  readonly person: Person;
  readonly page: WebPage;
}

export interface OwnSession {
  readonly peer: PagePeer;
  /** The service's name of it. */
  readonly id: string;
  readonly ticket: TalkTicket;
}

export async function talkByBridge(world: Place, script: readonly PersonStep[], model?: VoiceModelKind) {
  const ticket = (await (await world.ask('/api/talk', model ? { model } : {})).json()) as TalkTicket;
  return open(world, script, ticket);
}

export async function talkDirectly(world: Place, script: readonly PersonStep[]) {
  const { peer, id, ticket } = await openSession(world);
  return { ...(await open(world, script, joining(ticket, id), peer)), id, ticket };
}

/** The page's session with the service, and its ticket at the bridge. */
export async function openSession(world: Place): Promise<OwnSession> {
  const session = (await (await world.ask('/api/session', { attach: true })).json()) as Session;
  const peer = world.standIns.realtime.pages.createPage();
  const headers = { authorization: `Bearer ${session.ephemeral_key}`, 'content-type': 'application/sdp' };
  const answer = await fetch(session.webrtc_url, { method: 'POST', headers, body: peer.offer });
  assert.equal(answer.status, 201, await answer.text());
  peer.connect();
  return { peer, id: answer.headers.get('location')!.split('/').at(-1)!, ticket: session.talk! };
}

export function joining(ticket: TalkTicket, id: string): TalkTicket {
  return { ...ticket, protocols: [...ticket.protocols, formatRealtimeCall(id)] };
}

/** What is written down last comes a moment after the page is told. */
export async function readEnd(world: Place, callId: string): Promise<CallDetail> {
  for (let left = 600; left > 0; left--) {
    const call = (await (await world.ask(`/api/calls/${callId}`)).json()) as CallDetail;
    if (call.status === 'ended') return call;
    await sleep(100);
  }
  throw new Error('the call does not end');
}

async function open(
  world: Place,
  script: readonly PersonStep[],
  ticket: TalkTicket,
  peer?: PagePeer,
): Promise<TalkingPage> {
  const person = await createPerson({ script, speak: (text) => world.standIns.voice.speak(text) });
  const { protocols } = ticket;
  const tellHungUp = async () => (await world.ask('/api/talk/hang-up', { protocols })).ok;
  const page = new WebPage({ ...ticket, phone: person, tellHungUp, ...(peer && { peer }) });
  return { callId: ticket.call_id, ticket, person, page };
}
