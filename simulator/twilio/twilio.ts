// A strict stand-in of Twilio Voice: REST, signed web hooks, TwiML and media streams, all on loopback.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Phone, Pickup } from '../caller/phone.ts';
import { createScaledTimers } from '../delivery/scaled-timers.ts';
import type { TwilioNumber } from './twilio-account.ts';
import { TwilioCall, type TwilioCallOptions } from './twilio-call.ts';
import type { TwilioConference } from './twilio-conference.ts';
import type { TwilioContext } from './twilio-context.ts';
import { createTwilioFaults, type TwilioFaults } from './twilio-faults.ts';
import { type TwilioRecording, TwilioRecordings } from './twilio-recordings.ts';
import { answerRest, type RestRecord } from './twilio-rest.ts';

export interface TwilioOptions {
  readonly port?: number;
  readonly accountSid?: string;
  readonly authToken?: string;
  /** The numbers of the account and where their calls go. May be added to at any time. */
  readonly numbers: Map<string, TwilioNumber>;
  /** What answers when a number is dialled; a number that is not in it does not exist. */
  readonly phones?: Map<string, Pickup>;
  /** Where public origins lie on this machine: `https://agent.example` → `http://127.0.0.1:7071`. */
  readonly origins?: Readonly<Record<string, string>>;
  /** Outbound calls beyond that wait in the queue. A fresh account has 1. */
  readonly callsPerSecond?: number;
  /** 0.01: ringing, speech and pauses go a hundred times as fast; the media clock does not. */
  readonly timeScale?: number;
}

export interface Twilio {
  readonly url: string;
  readonly accountSid: string;
  readonly authToken: string;
  readonly numbers: Map<string, TwilioNumber>;
  readonly phones: Map<string, Pickup>;
  readonly faults: TwilioFaults;
  /** Both directions, in the order they began. */
  readonly calls: readonly TwilioCall[];
  readonly requests: readonly RestRecord[];
  readonly recordings: readonly TwilioRecording[];
  /** By name, those that somebody is in. */
  readonly conferences: ReadonlyMap<string, TwilioConference>;
  /** What Twilio's debugger would show. */
  readonly warnings: readonly { readonly code: number; readonly callSid: string; readonly detail: string }[];
  /** Somebody rings one of the numbers. Throws when it is not one. */
  ring(request: { readonly from: string; readonly to: string; readonly phone: Phone }): TwilioCall;
  /** Calls that are over, and all that was recorded and asked. */
  forget(): void;
  stop(): Promise<void>;
}

/** Calls, requests and warnings that a soak may leave behind; the oldest go first. */
const maxKept = 2_000;
/** A short second: queued calls leave evenly, and never faster than allowed. */
const secondMs = 1000;

export async function startTwilio(options: TwilioOptions): Promise<Twilio> {
  const calls: TwilioCall[] = [];
  const requests: RestRecord[] = [];
  const warnings: { code: number; callSid: string; detail: string }[] = [];
  const keep = <Entry>(entries: Entry[], entry: Entry) => {
    if (entries.length >= maxKept) entries.shift();
    entries.push(entry);
  };
  const stopping = new AbortController();
  const timers = createScaledTimers(options.timeScale ?? 1);
  const phones = options.phones ?? new Map<string, Pickup>();
  const context: TwilioContext = {
    accountSid: options.accountSid ?? `AC${randomBytes(16).toString('hex')}`,
    authToken: options.authToken ?? randomBytes(16).toString('hex'),
    phones,
    faults: createTwilioFaults(),
    timers,
    random: Math.random,
    signal: stopping.signal,
    origins: options.origins ?? {},
    warn: (code, callSid, detail) => keep(warnings, { code, callSid, detail }),
  };
  const conferences = new Map<string, TwilioConference>();
  const { numbers, callsPerSecond = 1 } = options;

  let nextStartMs = 0;
  const create = (request: TwilioCallOptions): TwilioCall => {
    const call = new TwilioCall(context, request, conferences);
    keep(calls, call);
    const now = performance.now();
    const startMs = Math.max(now, nextStartMs);
    nextStartMs = startMs + secondMs / callsPerSecond;
    timers.after(startMs - now, () => {
      if (!call.isLive) return;
      call.place().catch((error) => context.warn(11200, call.sid, String(error)));
    });
    return call;
  };
  const recordings = new TwilioRecordings(context);
  const account = {
    context,
    calls,
    recordings,
    numbers,
    create,
    remove: (call: TwilioCall) => void calls.splice(calls.indexOf(call), 1),
  };
  const server = createServer((request, response) => {
    answerRest(account, request, response).then(
      (record) => keep(requests, record),
      () => response.destroy(),
    );
  });
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    accountSid: context.accountSid,
    authToken: context.authToken,
    numbers,
    phones,
    faults: context.faults,
    calls,
    requests,
    recordings: recordings.all,
    conferences,
    warnings,
    ring({ from, to, phone }) {
      const number = numbers.get(to);
      if (!number) throw new Error(`${to} is not a number of this account`);
      const { voiceUrl, statusCallback } = number;
      const call = new TwilioCall(
        context,
        {
          direction: 'inbound',
          from,
          to,
          source: { url: voiceUrl },
          statusCallback,
        },
        conferences,
      );
      keep(calls, call);
      call.ring(phone);
      return call;
    },
    forget() {
      calls.splice(0, calls.length, ...calls.filter(({ isLive }) => isLive));
      recordings.forget();
      requests.length = 0;
      warnings.length = 0;
    },
    async stop() {
      for (const call of calls) if (call.isLive) call.finish('completed');
      await Promise.all(calls.map((call) => call.callbacksSettled));
      timers.stop();
      stopping.abort();
      server.closeAllConnections();
      server.close();
    },
  };
}
