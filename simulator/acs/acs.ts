// A strict stand-in of Azure Communication Services Call Automation: REST, callbacks, Event Grid and media on loopback.
import { randomBytes, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Phone, Pickup } from '../caller/phone.ts';
import { createScaledTimers } from '../delivery/scaled-timers.ts';
import { createEventGrid, type EventGrid } from '../event-grid/event-grid.ts';
import { type AcsRequestRecord, createAcsApi } from './acs-api.ts';
import { AcsCall, type AcsCallEnd } from './acs-call.ts';
import type { AcsContext } from './acs-context.ts';
import { type AcsFaults, createAcsFaults } from './acs-faults.ts';
import { formatParty, partyRawId } from './acs-identifier.ts';
import type { AcsMediaLog } from './acs-media-log.ts';
import { type AcsRecording, createAcsRecordings } from './acs-recordings.ts';
import { acsResults } from './acs-result.ts';
import { createAcsRoutes } from './acs-routes.ts';
import { acsIssuer, openTokenIssuer } from './acs-token-issuer.ts';
import { IncomingContexts } from './incoming-contexts.ts';

export interface AcsOptions {
  readonly port?: number;
  /** Base64. */
  readonly accessKey?: string;
  /** The audience of every token. */
  readonly resourceId?: string;
  readonly phoneNumber?: string;
  /** Further numbers of the resource. */
  readonly lines?: readonly string[];
  /** Object ids of the Teams resource accounts that the resource may act for. A call to one of them is announced too. */
  readonly teamsAccounts?: readonly string[];
  /** Where incoming calls are announced; its own one if none is given. */
  readonly eventGrid?: EventGrid;
  /** What answers when a number is dialled; a number that is not in it does not exist. */
  readonly phones?: Map<string, Pickup>;
  /** As the live service: refuse http callbacks and ws media. Off, since the local world has no certificates. */
  readonly secureUrlsOnly?: boolean;
  /** 0.01: everything but the media clock goes a hundred times as fast. */
  readonly timeScale?: number;
  /** Renders the texts of `play`, at 16 kHz, so that the phone hears them. */
  readonly speak?: (text: string) => Promise<Int16Array>;
  readonly onCall?: (call: AcsCall) => void;
  readonly now?: () => number;
  readonly random?: () => number;
}

export interface RingRequest {
  readonly from: string;
  /** Our own number unless told otherwise. */
  readonly to?: string;
  readonly phone: Phone;
  readonly displayName?: string;
}

/** An incoming call, seen from the caller's side. */
export interface RingingCall {
  readonly call: AcsCall;
  callConnectionId(): string;
  /** Rejects when the call ends unanswered. */
  readonly connected: Promise<void>;
  readonly ended: Promise<AcsCallEnd>;
  readonly log: AcsMediaLog;
}

export interface Acs {
  readonly url: string;
  readonly connectionString: string;
  readonly openIdUrl: string;
  readonly resourceId: string;
  readonly phoneNumber: string;
  readonly phones: Map<string, Pickup>;
  readonly faults: AcsFaults;
  readonly eventGrid: EventGrid;
  /** Both directions, in the order they began. */
  readonly calls: readonly AcsCall[];
  readonly requests: readonly AcsRequestRecord[];
  readonly recordings: readonly AcsRecording[];
  ring(request: RingRequest): RingingCall;
  /** Calls that are over, and all that was recorded and asked. */
  forget(): void;
  stop(): Promise<void>;
}

const maxBodyBytes = 1024 * 1024;
/** Calls that a soak may leave behind; the oldest that ended go first. */
const maxCalls = 2_000;

export async function startAcs(options: AcsOptions = {}): Promise<Acs> {
  const now = options.now ?? Date.now;
  const resourceId = options.resourceId ?? randomUUID();
  const accessKey = options.accessKey ?? randomBytes(64).toString('base64');
  const phoneNumber = options.phoneNumber ?? '+15550100';
  const timeScale = options.timeScale ?? 1;
  const eventGrid = options.eventGrid ?? createEventGrid({ timeScale });
  const phones = options.phones ?? new Map<string, Pickup>();
  const faults = createAcsFaults();
  const timers = createScaledTimers(timeScale);
  const stopping = new AbortController();
  const tokens = await openTokenIssuer({ audience: resourceId, now });
  const incoming = new IncomingContexts();
  const calls: AcsCall[] = [];
  const byId = new Map<string, AcsCall>();

  const announce = ({ from, to, phone, displayName = '' }: RingRequest & { readonly to: string }): AcsCall => {
    const call = new AcsCall(context, { direction: 'inbound', number: from, line: to, displayName });
    addCall(call);
    call.ring(phone);
    eventGrid.publish({
      type: 'Microsoft.Communication.IncomingCall',
      subject: `/caller/${partyRawId(from)}/recipient/${partyRawId(to)}`,
      data: {
        to: formatParty(to),
        from: formatParty(from),
        serverCallId: call.serverCallId,
        callerDisplayName: displayName,
        incomingCallContext: incoming.issue(call, now()),
        correlationId: call.correlationId,
      },
    });
    return call;
  };
  const context: AcsContext = {
    resourceId,
    applicationRawId: `8:acs:${resourceId}_${randomUUID()}`,
    phoneNumber,
    teamsAccounts: new Set((options.teamsAccounts ?? []).map((id) => id.toLowerCase())),
    lines: new Set([phoneNumber, ...(options.lines ?? [])]),
    announce(ringing) {
      const call = announce(ringing);
      return { connected: call.connected, giveUp: () => void call.finish('phone', acsResults.callerGaveUp) };
    },
    secureUrlsOnly: options.secureUrlsOnly ?? false,
    phones,
    faults,
    timers,
    tokens,
    signal: stopping.signal,
    now,
    random: options.random ?? Math.random,
    speak: options.speak,
    timeScale,
  };

  const addCall = (call: AcsCall) => {
    calls.push(call);
    byId.set(call.callConnectionId, call);
    if (calls.length > maxCalls) {
      const oldest = calls.findIndex(({ end }) => end);
      if (oldest >= 0) byId.delete(calls.splice(oldest, 1)[0]!.callConnectionId);
    }
    options.onCall?.(call);
  };
  const callRoutes = createAcsRoutes({ context, incoming, findCall: (id) => byId.get(id), addCall });
  const findCall = (id: string) => byId.get(id);
  const recordings = createAcsRecordings({ context, accessKey, eventGrid, findCall });
  const routes = [...callRoutes, ...recordings.routes];
  const api = createAcsApi({ accessKey, routes, faults: faults.rest, sleep: timers.sleep, now });

  const server = createServer((request, response) => {
    if (recordings.serve(request, response)) return;
    void (async () => {
      const body = await readBody(request);
      const open = openDocuments[request.url ?? ''];
      const reply =
        body === undefined ? { status: 413 } : open ? { status: 200, body: open() } : await api.handle(request, body);
      if (reply === 'cut') {
        response.destroy();
        return;
      }
      if (reply === 'silence') return;
      const clientId = request.headers['x-ms-client-request-id'];
      const text = reply.body === undefined ? undefined : JSON.stringify(reply.body);
      response.writeHead(reply.status, {
        ...(typeof clientId === 'string' && { 'x-ms-client-request-id': clientId }),
        ...(text !== undefined && { 'content-type': 'application/json; charset=utf-8' }),
        ...reply.headers,
      });
      response.end(text);
    })().catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const openIdUrl = `${url}/calling/.well-known/acsopenidconfiguration`;
  const openDocuments: Record<string, () => unknown> = {
    '/calling/.well-known/acsopenidconfiguration': () => ({
      issuer: acsIssuer,
      jwks_uri: `${url}/calling/keys`,
      id_token_signing_alg_values_supported: ['RS256'],
    }),
    '/calling/keys': () => tokens.keys,
  };

  return {
    url,
    connectionString: `endpoint=${url};accesskey=${accessKey}`,
    openIdUrl,
    resourceId,
    phoneNumber,
    phones,
    faults,
    eventGrid,
    calls,
    requests: api.requests,
    recordings: recordings.all,
    ring({ to = phoneNumber, ...request }) {
      const call = announce({ to, ...request });
      const { connected, ended, media: log } = call;
      return { call, callConnectionId: () => call.callConnectionId, connected, ended, log };
    },
    forget() {
      for (const { end, callConnectionId } of calls) if (end) byId.delete(callConnectionId);
      calls.splice(0, calls.length, ...byId.values());
      incoming.forget();
      api.forget();
      recordings.forget();
    },
    async stop() {
      for (const call of calls) call.finish('service', acsResults.endedByApplication);
      timers.stop();
      stopping.abort();
      if (!options.eventGrid) eventGrid.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Undefined: longer than any body of this API. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBodyBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
