// The whole functions app behind a real HTTP server, with stores in memory and a carrier that obeys the test.
import { fileURLToPath } from 'node:url';
import type { CallId, Carrier } from '../../shared/call/call.ts';
import type { CallFact } from '../../shared/call/call-event.ts';
import type { CallState } from '../../shared/call/call-state.ts';
import { readConfig } from '../../shared/config.ts';
import { silentLogger } from '../../shared/logger.ts';
import { CallLedger } from '../../shared/stores/call-ledger.ts';
import { createMemoryStores } from '../../shared/stores/memory-stores.ts';
import type { Stores } from '../../shared/stores/stores.ts';
import { startFunctionsHost } from '../../simulator/functions-host/functions-host.ts';
import { registerApp } from '../app.ts';
import { createServices } from '../services.ts';
import { checkAnswer } from './answer-check.ts';
import { FakeCallControl } from './fake-call-control.ts';

export const apiKey = 'key-of-this-test-0001';

export interface TestApp {
  readonly url: string;
  readonly control: FakeCallControl;
  readonly stores: Stores;
  readonly ledger: CallLedger;
  /** With the key, and what is given as JSON unless it is text already. */
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  get(path: string): Promise<Response>;
  /** The types of a call's events, in order. */
  facts(callId: string): Promise<CallFact['type'][]>;
  find(callId: string): Promise<CallState | undefined>;
  /** As the history keeps it once it is in step. */
  findKept(callId: string): Promise<CallState | undefined>;
  stop(): Promise<void>;
}

export interface TestAppOptions {
  readonly settings?: Record<string, string>;
  readonly carrier?: Carrier;
  readonly stores?: Stores;
  /** As on a developer's machine: nobody is asked for a key. */
  readonly isOpen?: boolean;
}

export async function startTestApp({ settings, carrier, ...given }: TestAppOptions = {}): Promise<TestApp> {
  const control = new FakeCallControl(carrier);
  const stores = given.stores ?? createMemoryStores();
  const ledger = new CallLedger(stores.stream, stores.history);
  const config = readConfig({
    PUBLIC_URL: 'https://functions.example',
    BRIDGE_URL: 'wss://bridge.example',
    MEDIA_TOKEN_SECRET: 'an example secret of thirty-two characters',
    ACS_PHONE_NUMBER: '+15550100',
    TWILIO_PHONE_NUMBER: '+15550101',
    TWILIO_ACCOUNT_SID: 'AC000000000000000000000000000000a1',
    TWILIO_AUTH_TOKEN: 'example-auth-token',
    DIAL_ALLOWED_PREFIXES: '+1555',
    ...(!given.isOpen && { API_KEY: apiKey }),
    AGENTS_FOLDER: fileURLToPath(new URL('../../agents', import.meta.url)),
    ...settings,
  });
  const controls = new Map([[control.carrier, control]]);
  const services = await createServices(config, { stores, log: silentLogger, controls });
  const { url, stop } = await startFunctionsHost({
    port: 0,
    apiKey: given.isOpen ? undefined : apiKey,
    app: () => registerApp(services),
  });
  return {
    url,
    control,
    stores,
    ledger,
    post: async (path, body, headers = {}) =>
      checkAnswer(
        'post',
        path,
        await fetch(`${url}${path}`, {
          method: 'POST',
          body: typeof body === 'string' ? body : JSON.stringify(body),
          headers: { 'content-type': 'application/json', 'x-functions-key': apiKey, ...headers },
        }),
      ),
    get: async (path) =>
      checkAnswer('get', path, await fetch(`${url}${path}`, { headers: { 'x-functions-key': apiKey } })),
    facts: async (callId) => (await stores.stream.read(callId as CallId)).map(({ type }) => type),
    find: (callId) => ledger.find(callId as CallId),
    async findKept(callId) {
      await ledger.save(callId as CallId);
      return stores.history.find(callId as CallId);
    },
    stop,
  };
}
