// Who is let in, and to which call: the checks of a media socket and of a watcher, and the hand-over to the registry.
import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';
import type { CallId } from '../shared/call/call.ts';
import { AppError } from '../shared/errors.ts';
import type { MediaTicket } from '../shared/media-token.ts';
import type { BridgeServices } from './services.ts';
import { AcsTransport } from './transports/acs-transport.ts';

type Accept = () => Promise<WebSocket>;

/** The token is checked first: it costs least, and without it nobody learns which calls there are. */
export async function admitAcsMedia(
  services: BridgeServices,
  { callId, token }: { callId: CallId; token: string },
  request: IncomingMessage,
  accept: Accept,
): Promise<void> {
  const ticket = await services.tokens.verify(token);
  if (ticket.callId !== callId || ticket.carrier !== 'acs') throw wrongCall();
  await services.acsTokens?.verify(request.headers.authorization);
  const carrierCallId = oneOf(request.headers['x-ms-call-connection-id']);
  const leave = services.registry.reserve(callId);
  try {
    const past = await services.opener.findPast(ticket);
    const socket = await accept();
    const log = services.log.child({ callId });
    const transport = new AcsTransport({ socket, format: services.acsFormat, log });
    services.registry.connect(callId, transport, () =>
      services.opener.createSession(ticket, past, transport, carrierCallId),
    );
  } finally {
    leave();
  }
}

/** Twilio hides the token until its first message: the signature of the upgrade is checked now, the token by the transport. */
export async function admitTwilioMedia(
  services: BridgeServices,
  { callId }: { callId: CallId },
  request: IncomingMessage,
  accept: Accept,
): Promise<void> {
  if (!services.twilio) throw new AppError('NOT_CONFIGURED', 'Twilio is not configured at this bridge');
  services.twilio.checkUpgrade(request);
  const leave = services.registry.reserve(callId);
  try {
    const socket = await accept();
    const { transport, ticket, carrierCallId } = await services.twilio.open(socket, (token) =>
      verifyFor(services, callId, token),
    );
    const past = await services.opener.findPast(ticket).catch((error) => {
      transport.close();
      throw error;
    });
    services.registry.connect(callId, transport, () =>
      services.opener.createSession(ticket, past, transport, carrierCallId),
    );
  } catch (error) {
    services.log.info({ callId, error }, 'a media stream was not let in');
    throw error;
  } finally {
    leave();
  }
}

/** The same key as the API's. Without one only this machine may watch, which start-up makes sure of. */
export async function admitWatcher({ config }: BridgeServices, request: IncomingMessage): Promise<void> {
  if (config.API_KEY === undefined) return;
  const given =
    oneOf(request.headers['x-functions-key']) ?? new URL(request.url!, 'ws://bridge').searchParams.get('code');
  if (!given || !isSame(given, config.API_KEY))
    throw new AppError('UNAUTHENTICATED', 'the API key is missing or wrong');
}

async function verifyFor(services: BridgeServices, callId: CallId, token: string): Promise<MediaTicket> {
  const ticket = await services.tokens.verify(token);
  if (ticket.callId !== callId || ticket.carrier !== 'twilio') throw wrongCall();
  return ticket;
}

const wrongCall = () => new AppError('UNAUTHENTICATED', 'the media token is for another call');
const oneOf = (header: string | string[] | undefined) => (Array.isArray(header) ? header[0] : header);

function isSame(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}
