// The stand-in of the realtime services: one server for Azure OpenAI Realtime GA and Azure Voice Live.
import { createServer, type IncomingMessage, STATUS_CODES } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Brain } from '../chat/brain.ts';
import type { OpenEar } from '../voice/service-ear.ts';
import type { Speak } from '../voice/speech.ts';
import { ClientSecrets, type MintedSecret } from './client-secrets.ts';
import { createRealtimeFaults, type RealtimeFaults } from './realtime-faults.ts';
import { RealtimeSession } from './realtime-session.ts';
import { type ResponseTiming, recordedTiming } from './response-run.ts';
import { decideUpgrade, isAuthorized, type UpgradeRules } from './upgrade-check.ts';
import type { OpenPeer } from './webrtc/peer.ts';
import { RealtimeCalls } from './webrtc/realtime-calls.ts';
import { WirePeers } from './webrtc/wire-peers.ts';

/** One append may carry 15 MiB of audio, in base64. */
const maxMessageBytes = 21 * 1024 * 1024;
/** Sessions kept for a look back, and those among them whose audio is kept too. */
const maxKeptSessions = 1000;
const maxKeptAudio = 50;
const defaultSessionMs = 3_600_000;
const overCode = 1000;
const defaultVoiceLiveModels = [
  'gpt-realtime',
  'gpt-realtime-mini',
  'azure-realtime',
  'phi4-mm-realtime',
  'gpt-4.1',
  'gpt-5-mini',
  'echo',
];

export interface RealtimeOptions {
  readonly brain: Brain;
  readonly speak: Speak;
  /** For each session, in place of what the brain knows by ear. */
  readonly openEar?: OpenEar | undefined;
  readonly port?: number;
  readonly apiKey?: string;
  /** Accepted as `Authorization: Bearer`; none is if it is left out. */
  readonly bearerToken?: string | undefined;
  /** GA deployments. One named `echo` says what it hears, sound by sound. */
  readonly deployments?: readonly string[];
  readonly voiceLiveModels?: readonly string[];
  /** GA transcription models that are deployed; others fail with DeploymentNotFound. */
  readonly transcriptionModels?: readonly string[];
  /** Default: as recorded. Zero and Infinity make tests fast. */
  readonly timing?: Partial<ResponseTiming>;
  /** How long a session may last: 60 minutes live. */
  readonly sessionMs?: number;
}

/** How a session's events, its sound and its end reach the client. */
interface Wire {
  readonly send: (message: string | Buffer) => void;
  readonly close: (code: number, reason: string) => void;
  readonly play?: (samples: Int16Array) => void;
}

export interface RealtimeService {
  /** `http://127.0.0.1:<port>`; sockets at `/openai/v1/realtime` and `/voice-live/realtime`. */
  readonly url: string;
  readonly apiKey: string;
  /** All sessions so far, oldest first, those at an end too. */
  readonly sessions: readonly RealtimeSession[];
  /** Turn its switches at any time. */
  readonly faults: RealtimeFaults;
  /** Those that pages hold by WebRTC. */
  readonly calls: RealtimeCalls;
  /** Makes pages of this process, which need no real WebRTC. */
  readonly pages: WirePeers;
  /** Ephemeral keys that were asked for, and for what. */
  readonly minted: readonly MintedSecret[];
  /** Upgrades refused, by status. */
  readonly refusals: readonly number[];
  /** Resolves with the next session that opens. */
  nextSession(): Promise<RealtimeSession>;
  /** Drops a live connection; 1006 is without a close frame. */
  kill(session: RealtimeSession, code: 1001 | 1006 | 1011, reason?: string): void;
  /** Sessions that are over. */
  forget(): void;
  stop(): Promise<void>;
}

export async function startRealtime(options: RealtimeOptions): Promise<RealtimeService> {
  const rules: UpgradeRules = {
    apiKey: options.apiKey ?? 'realtime-key',
    bearerToken: options.bearerToken,
    deployments: options.deployments ?? ['gpt-realtime', 'gpt-realtime-mini', 'echo'],
    voiceLiveModels: options.voiceLiveModels ?? defaultVoiceLiveModels,
  };
  const transcriptionModels = options.transcriptionModels ?? [
    'gpt-4o-transcribe',
    'gpt-4o-mini-transcribe',
    'gpt-realtime-whisper',
    'whisper-1',
  ];
  const timing = { ...recordedTiming, ...options.timing };
  const sessionMs = options.sessionMs ?? defaultSessionMs;
  const faults = createRealtimeFaults();
  const sessions: RealtimeSession[] = [];
  const refusals: number[] = [];
  const wires = new Map<RealtimeSession, Wire>();
  const endings = new Map<RealtimeSession, () => void>();
  const held = new Set<Duplex>();
  let waiting: ((session: RealtimeSession) => void)[] = [];

  const secrets = new ClientSecrets(rules);
  const pages = new WirePeers();
  const calls = new RealtimeCalls({
    secrets,
    faults,
    isOurs: ({ headers }) => isAuthorized(new URLSearchParams(), headers, rules),
    openPeer: (offer) => pages.find(offer) ?? openRealPeer(offer),
    begin: (minted, wire) => begin({ dialect: 'realtime-ga', model: String(minted.model) }, wire, minted),
    end: (session, code) => drop(session, code, ''),
  });
  const http = createServer((request, response) => {
    if (secrets.answer(request, response) || calls.answer(request, response)) return;
    response.writeHead(404, { 'content-type': 'application/json' });
    response.end(formatError('404', 'Resource not found'));
  });
  const upgrades = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: maxMessageBytes });

  http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    if (faults.holdUpgrades) {
      held.add(socket);
      socket.once('close', () => held.delete(socket));
      // Whoever has waited long enough goes.
      socket.once('end', () => socket.destroy()).resume();
      return;
    }
    if (faults.refuseUpgrade && faults.refuseUpgrade.times > 0) {
      faults.refuseUpgrade.times--;
      const { status } = faults.refuseUpgrade;
      refusals.push(status);
      refuse(socket, status, String(status), 'Refused by a fault switch.');
      return;
    }
    const decision = decideUpgrade(new URL(request.url ?? '/', 'http://local'), request.headers, rules);
    if ('status' in decision) {
      refusals.push(decision.status);
      refuse(socket, decision.status, decision.code, decision.message);
      return;
    }
    if ('sidebandOf' in decision) {
      if (!calls.find(decision.sidebandOf)) {
        refusals.push(404);
        refuse(socket, 404, 'call_id_not_found', 'There is no such call.');
        return;
      }
      upgrades.handleUpgrade(request, socket, head, (client) => {
        if (!calls.attach(decision.sidebandOf, client)) client.close(overCode);
      });
      return;
    }
    upgrades.handleUpgrade(request, socket, head, (client) => open(client, decision));
  });

  type Kind = Pick<RealtimeSession, 'dialect' | 'model'>;

  function begin({ dialect, model }: Kind, wire: Wire, minted?: Record<string, unknown>): RealtimeSession {
    const lastsMs = faults.sessionMs ?? sessionMs;
    const session = new RealtimeSession({
      dialect,
      model,
      minted,
      brain: options.brain,
      speak: options.speak,
      openEar: options.openEar,
      timing,
      faults,
      transcriptionModels,
      expiresAt: faults.toldExpiresAt ?? Math.floor((Date.now() + lastsMs) / 1000),
      send: wire.send,
      play: wire.play,
      kill: (code) => drop(session, code, ''),
    });
    sessions.push(session);
    if (sessions.length > maxKeptSessions) sessions.shift();
    sessions.at(-1 - maxKeptAudio)?.log.forgetAudio();
    wires.set(session, wire);
    const expiry = setTimeout(() => {
      const reason = `Your session hit the maximum duration of ${Math.round(lastsMs / 60_000)} minutes.`;
      session.expire(reason);
      drop(session, 1001, reason);
    }, lastsMs);
    const { killAfter } = faults;
    const end = killAfter && setTimeout(() => drop(session, killAfter.code, ''), killAfter.ms);
    endings.set(session, () => {
      clearTimeout(expiry);
      clearTimeout(end);
    });
    for (const resolve of waiting) resolve(session);
    waiting = [];
    return session;
  }

  function open(client: WebSocket, kind: Kind): void {
    const session = begin(kind, {
      send: (message) => client.send(message),
      close: (code, reason) => {
        if (code === 1006) client.terminate();
        else client.close(code, reason);
      },
    });
    client.on('message', (data, isBinary) => {
      // Seen live: there are no binary messages in this protocol.
      if (isBinary) session.sendError('invalid_event', 'Binary messages are not supported.');
      else session.receive(String(data));
    });
    client.on('error', () => client.terminate());
    client.on('close', (code, reason) => {
      forget(session);
      session.log.closed ??= { code, reason: String(reason), by: 'client' };
    });
    session.start();
  }

  function forget(session: RealtimeSession): void {
    endings.get(session)?.();
    endings.delete(session);
    wires.delete(session);
    session.close();
  }

  function drop(session: RealtimeSession, code: number, reason: string): void {
    const wire = wires.get(session);
    if (!wire) return;
    session.log.closed ??= { code, reason, by: 'service' };
    forget(session);
    wire.close(code, reason);
  }

  await new Promise<void>((resolve, reject) => {
    http.once('error', reject);
    http.listen(options.port ?? 0, '127.0.0.1', resolve);
  });

  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    apiKey: rules.apiKey,
    sessions,
    faults,
    refusals,
    minted: secrets.minted,
    calls,
    pages,
    nextSession: () => new Promise((resolve) => waiting.push(resolve)),
    kill(session, code, reason = '') {
      drop(session, code, reason);
    },
    forget() {
      sessions.splice(0, sessions.length, ...wires.keys());
      refusals.length = 0;
    },
    async stop() {
      const closed = new Promise((resolve) => http.close(resolve));
      for (const session of wires.keys()) drop(session, 1006, '');
      for (const socket of held) socket.destroy();
      http.closeAllConnections();
      await closed;
    },
  };
}

/** The libraries are loaded by those who talk by WebRTC only. */
const openRealPeer: OpenPeer = async (offer) => (await import('./webrtc/werift-peer.ts')).openWeriftPeer(offer);

function formatError(code: string, message: string): string {
  return JSON.stringify({ error: { code, message } });
}

function refuse(socket: Duplex, status: number, code: string, message: string): void {
  const body = formatError(code, message);
  const retry = status === 429 || status === 503 ? 'Retry-After: 1\r\n' : '';
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json\r\n${retry}` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
