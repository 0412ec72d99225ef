// Who is let in, and to which call: the checks of a media socket and of a watcher, and the hand-over to the registry.
import type { WebSocket } from 'ws';
import type { CallId } from '../shared/call/call.ts';
import { findRealtimeCall } from '../shared/call/realtime-call.ts';
import { findMissing, isLoopback } from '../shared/config.ts';
import { AppError } from '../shared/errors.ts';
import { refuseForeignPage } from '../shared/foreign-page.ts';
import { isSameSecret } from '../shared/same-secret.ts';
import { isSignedByTwilio } from '../shared/telephony/twilio-signature.ts';
import { findTicket, splitProtocols } from '../shared/watch-ticket.ts';
import type { BridgeServices } from './services.ts';
import { AcsTransport } from './transports/acs-transport.ts';
import type { TwilioStart } from './transports/twilio-messages.ts';
import { openTwilioTransport } from './transports/twilio-transport.ts';
import { WebTransport } from './transports/web-transport.ts';
import type { Upgrade } from './upgrade.ts';

/** The token is checked first: it costs least, and without it nobody learns which calls there are. */
export async function admitAcsMedia(
  services: BridgeServices,
  { callId, token }: { callId: CallId; token: string },
  upgrade: Upgrade,
): Promise<void> {
  const { headers } = upgrade.request;
  if (!services.acsTokens && !isLoopback(services.config.HOST))
    throw new AppError('NOT_CONFIGURED', 'Missing settings: ACS_RESOURCE_ID (wanted by calls of ACS)');
  const ticket = await services.tokens.verify(token);
  if (ticket.callId !== callId || ticket.carrier !== 'acs') throw wrongCall();
  upgrade.trust();
  await services.acsTokens?.verify(headers.authorization);
  const carrierCallId = oneOf(headers['x-ms-call-connection-id']);
  const leave = await enter(services, callId);
  try {
    const past = await services.pastCalls.find(ticket, { carrierCallId, isExpected: services.registry.holds(callId) });
    const socket = await upgrade.accept();
    const lease = await services.opener.seize(callId);
    const log = services.log.child({ callId });
    const transport = new AcsTransport({ socket, format: services.acsFormat, log, counts: services.mediaCounts });
    const agent = await services.opener.chooseAgent(ticket, past);
    const { askedAt } = upgrade;
    services.registry.connect(callId, transport, () =>
      services.opener.createSession({ ticket, past, agent, transport, askedAt, carrierCallId, lease }),
    );
  } finally {
    leave();
  }
}

/** Twilio tells the token in its first message: the signature of the upgrade is checked now, the token before any audio moves. */
export async function admitTwilioMedia(
  services: BridgeServices,
  { callId }: { callId: CallId },
  upgrade: Upgrade,
): Promise<void> {
  const { headers, url } = upgrade.request;
  const { TWILIO_AUTH_TOKEN: authToken, BRIDGE_URL: bridgeUrl } = services.config;
  if (!authToken || !bridgeUrl) {
    const missing = findMissing(services.config, ['TWILIO_AUTH_TOKEN', 'BRIDGE_URL']);
    throw new AppError('NOT_CONFIGURED', `Missing settings: ${missing.join(', ')} (wanted by calls of Twilio)`);
  }
  const signature = headers['x-twilio-signature'];
  // The same URL has the same signature for ever: the token in `start` still has to be checked.
  const signed = { authToken, publicUrl: bridgeUrl, path: url!, signature: oneOf(signature) };
  if (!isSignedByTwilio(signed)) {
    throw new AppError('FORBIDDEN', 'the upgrade is not signed by Twilio for BRIDGE_URL');
  }
  upgrade.trust();
  const leave = await enter(services, callId);
  try {
    const socket = await upgrade.accept();
    const log = services.log.child({ callId });
    const admit = async ({ parameters, accountSid, callSid }: TwilioStart) => {
      const { TWILIO_ACCOUNT_SID: ownAccountSid } = services.config;
      if (ownAccountSid !== undefined && accountSid !== ownAccountSid)
        throw new AppError('FORBIDDEN', 'the stream is of another account than TWILIO_ACCOUNT_SID');
      const ticket = await services.tokens.verify(parameters.token ?? '');
      if (ticket.callId !== callId || ticket.carrier !== 'twilio') throw wrongCall();
      const isExpected = services.registry.holds(callId);
      return { ticket, past: await services.pastCalls.find(ticket, { carrierCallId: callSid, isExpected }) };
    };
    const opened = await openTwilioTransport(socket, admit, { log, counts: services.mediaCounts });
    const { ticket, past } = opened.ticket;
    const { transport, start } = opened;
    const lease = await services.opener.seize(callId);
    const agent = await services.opener.chooseAgent(ticket, past);
    const { askedAt } = upgrade;
    services.registry.connect(callId, transport, () =>
      services.opener.createSession({ ticket, past, agent, transport, askedAt, carrierCallId: start.callSid, lease }),
    );
  } finally {
    leave();
  }
}

/** A page shows its ticket as a WebSocket protocol: nobody else has one for this call. */
export async function admitWebMedia(
  services: BridgeServices,
  { callId }: { callId: CallId },
  upgrade: Upgrade,
): Promise<void> {
  const { registry, opener, webCalls } = services;
  const protocols = upgrade.request.headers['sec-websocket-protocol'];
  const ticket = await services.tokens.verify(findTicket(protocols) ?? '');
  if (ticket.callId !== callId || ticket.carrier !== 'web') throw wrongCall();
  upgrade.trust();
  const realtimeCallId = findRealtimeCall(splitProtocols(protocols));
  const carrierCallId = callId;
  const leave = await enter(services, callId);
  try {
    const past = await services.pastCalls.find(ticket, { carrierCallId, isExpected: registry.holds(callId) });
    if (realtimeCallId !== undefined) await webCalls.claim(callId, realtimeCallId);
    const socket = await upgrade.accept();
    const lease = await opener.seize(callId);
    const log = services.log.child({ callId });
    const direct = webCalls.chooseWay(callId, realtimeCallId);
    const onHungUp = () => webCalls.hungUp(callId);
    const onCarry = () => direct?.end();
    const transport = new WebTransport({ socket, log, counts: services.mediaCounts, onHungUp, onCarry });
    void direct?.joined.then(() => transport.direct('joined'));
    direct?.over.addEventListener('abort', () => transport.direct('carry'));
    webCalls.add(callId, socket);
    const agent = await opener.chooseAgent(ticket, past);
    registry.connect(callId, transport, () => {
      const findDirect = () => webCalls.findDirect(callId);
      const known = { ticket, past, agent, transport, carrierCallId, lease, askedAt: upgrade.askedAt };
      const session = opener.createSession({ ...known, findDirect });
      void session.ended.then(() => {
        webCalls.chooseWay(callId, undefined);
        // A bridge that ends sends pages to another one.
        if (!registry.isDraining) webCalls.left(callId);
      });
      return session;
    });
  } finally {
    leave();
  }
}

/** A place for the call, and its turn; who is here already and comes back waits for nobody. Give it back with what it resolves to. */
async function enter({ registry, openingPace }: BridgeServices, callId: CallId): Promise<() => void> {
  const leave = registry.reserve(callId);
  if (registry.holds(callId)) return leave;
  try {
    await openingPace.takeTurn();
    return leave;
  } catch (error) {
    leave();
    throw error;
  }
}

export interface AdmittedWatcher {
  readonly socket: WebSocket;
  readonly showsNumbers: boolean;
}

/**
 * A browser shows a ticket of the API, for these calls; a program the API's key. Without a key only this machine's programs and
 * pages may watch, and those of CORS_ORIGINS: start-up makes sure that no other machine can.
 */
export async function admitWatcher(
  { config, watchTickets }: BridgeServices,
  { callId }: { callId: CallId | 'all' },
  upgrade: Upgrade,
): Promise<AdmittedWatcher> {
  const { headers, url } = upgrade.request;
  const ticket = findTicket(headers['sec-websocket-protocol']);
  let showsNumbers = true;
  if (ticket !== undefined) {
    const shown = await watchTickets.verify(ticket);
    if (shown.calls !== callId) throw new AppError('UNAUTHENTICATED', 'the ticket is for other calls');
    showsNumbers = shown.showsNumbers;
  } else if (config.API_KEY !== undefined) {
    const given = oneOf(headers['x-functions-key']) ?? new URL(url!, 'ws://bridge').searchParams.get('code');
    if (!given || !isSameSecret(given, config.API_KEY))
      throw new AppError('UNAUTHENTICATED', 'the API key is missing or wrong');
  } else {
    const isListed = config.CORS_ORIGINS.includes(headers.origin ?? '');
    refuseForeignPage((name) => (isListed && name !== 'host' ? undefined : headers[name]));
  }
  upgrade.trust();
  return { socket: await upgrade.accept(), showsNumbers };
}

const wrongCall = () => new AppError('UNAUTHENTICATED', 'the media token is for another call');
const oneOf = (header: string | string[] | undefined) => (Array.isArray(header) ? header[0] : header);
