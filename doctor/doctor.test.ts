// What the doctor finds in the local world, well and with one thing wrong at a time, and what it advises.
import '../simulator/virtual-time/install.ts';

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { readConfig } from '../shared/config.ts';
import { startBlobStorage } from '../simulator/blob/blob-storage.ts';
import { startIngestion } from '../simulator/ingestion/ingestion.ts';
import type { Settings } from '../simulator/world/product.ts';
import { startWorld, type World } from '../simulator/world/world.ts';
import { type Check, parts, type Verdict } from './check.ts';
import { allChecks, pickChecks } from './checks.ts';
import { examine, type Finding } from './examination.ts';
import { formatFinding, formatSummary } from './report.ts';

const apiKey = 'key-of-this-test-0001';
const closed = 'http://127.0.0.1:4';

let world: World;
before(async () => {
  world = await startWorld({ settings: { API_KEY: apiKey, DATA_FOLDER: '.data/doctor-test' } });
});
after(() => world.stop());

async function examineWith(settings: Settings, options: { functionsKey?: string; only?: string } = {}) {
  const config = readConfig({ ...world.settings, ...settings });
  const checks = pickChecks(parts).filter(({ name }) => options.only === undefined || name === options.only);
  return gather(examine(checks, { config, functionsKey: options.functionsKey }));
}

async function gather(found: AsyncIterable<Finding>): Promise<Finding[]> {
  const findings: Finding[] = [];
  for await (const finding of found) findings.push(finding);
  return findings;
}

async function examineOne(name: string, settings: Settings, functionsKey?: string): Promise<Verdict> {
  const [finding] = await examineWith(settings, { only: name, functionsKey });
  return finding!.verdict;
}

async function serve(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.after(() => server.closeAllConnections());
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

it('finds nothing wrong with the local world', async () => {
  const findings = await examineWith({});
  const types = Object.fromEntries(findings.map(({ name, verdict }) => [name, verdict.type]));
  assert.deepEqual(
    Object.entries(types).filter(([, type]) => type !== 'ok'),
    [
      ['agent secrets', 'absent'],
      // Servers in virtual time tell no date.
      ['clock', 'doubt'],
      ['Redis', 'absent'],
      ['history', 'absent'],
      ['recordings', 'absent'],
      ['dead letters', 'absent'],
      ['event topic', 'absent'],
      ['App Insights', 'absent'],
    ],
  );
  assert.equal(findings.length, allChecks.length);
});

/** One setting that is wrong: who notices, as what, and a word of the advice. */
const plants: readonly [check: string, settings: Settings, type: Verdict['type'], saw: RegExp, advice: RegExp][] = [
  ['settings', { MEDIA_TOKEN_SECRET: '' }, 'problem', /MEDIA_TOKEN_SECRET is not set/, /local\.settings\.sample/],
  ['settings', { DEFAULT_AGENT: 'nobody' }, 'problem', /names no agent/, /receptionist/],
  ['settings', { ACS_CONNECTION_STRING: '', TWILIO_ACCOUNT_SID: '' }, 'problem', /no carrier/, /TWILIO_ACCOUNT_SID/],
  ['settings', { WEBRTC_URL: 'x' }, 'doubt', /WEBRTC_URL is not read/, /Rename/],
  ['PUBLIC_URL', { PUBLIC_URL: closed }, 'problem', /nothing listens/, /Start what belongs there/],
  ['BRIDGE_URL', { BRIDGE_URL: 'ws://127.0.0.1:4' }, 'problem', /nothing listens/, /Start what belongs there/],
  ['API', { API_KEY: 'another-key-of-sixteen' }, 'problem', /answered with 401/, /API_KEY/],
  ['live events', { API_KEY: 'another-key-of-sixteen' }, 'problem', /answered with 401/, /same API_KEY/],
  ['Event Grid', { API_KEY: 'another-key-of-sixteen' }, 'problem', /refuses our key \(401\)/, /code=/],
  ['ACS number', { ACS_PHONE_NUMBER: '+15550199' }, 'problem', /no such number/, /ACS_PHONE_NUMBER/],
  ['ACS number', { ACS_PHONE_NUMBER: '', TEAMS_RESOURCE_ACCOUNT: '' }, 'doubt', /not set/, /Every call/],
  ['ACS signing keys', { ACS_OPENID_URL: `${closed}/keys` }, 'problem', /nothing listens/, /port/],
  ['Twilio', { TWILIO_AUTH_TOKEN: 'wrong' }, 'problem', /401/, /primary one/],
  ['Twilio', { TWILIO_API_URL: closed }, 'problem', /nothing listens/, /port/],
  ['Twilio number', { TWILIO_PHONE_NUMBER: '+15550198' }, 'problem', /no such number/, /Active numbers/],
  [
    'Twilio number',
    { PUBLIC_URL: 'http://127.0.0.1:5' },
    'problem',
    /voice URL is not ours/,
    /127\.0\.0\.1:5\/twilio\/voice by POST/,
  ],
  ['Redis', { REDIS_URL: 'redis://127.0.0.1:4' }, 'problem', /ECONNREFUSED/, /REDIS_URL/],
  ['gpt-realtime', { AZURE_OPENAI_API_KEY: 'wrong' }, 'problem', /refuses our key/, /AZURE_OPENAI_API_KEY/],
  [
    'gpt-realtime',
    { AZURE_OPENAI_REALTIME_DEPLOYMENT: 'none' },
    'problem',
    /no such deployment/,
    /none \(AZURE_OPENAI_REALTIME_DEPLOYMENT\)/,
  ],
  ['gpt-realtime', { AZURE_OPENAI_ENDPOINT: closed }, 'problem', /nothing listens/, /port/],
  [
    'transcription',
    { AZURE_OPENAI_TRANSCRIPTION_DEPLOYMENT: 'none' },
    'problem',
    /no deployment none/,
    /not written down/,
  ],
  ['transcription', { AZURE_OPENAI_API_KEY: 'wrong' }, 'doubt', /could not be tried/, /that first/],
  ['voice-live', { VOICE_LIVE_MODEL: 'none' }, 'problem', /answers 400/, /VOICE_LIVE_MODEL/],
  ['voice-live', { AZURE_VOICE_LIVE_API_KEY: 'wrong' }, 'problem', /refuses our key/, /AZURE_VOICE_LIVE_API_KEY/],
  ['Speech', { AZURE_SPEECH_KEY: 'wrong' }, 'problem', /refuses our key/, /AZURE_SPEECH_KEY/],
  [
    'chat',
    { AZURE_OPENAI_CHAT_DEPLOYMENT: 'none' },
    'problem',
    /no such deployment/,
    /none \(AZURE_OPENAI_CHAT_DEPLOYMENT\)/,
  ],
  ['AI Search', { AZURE_SEARCH_KEY: 'wrong' }, 'problem', /403/, /AZURE_SEARCH_KEY/],
  ['AI Search', { AZURE_SEARCH_INDEX: 'none' }, 'problem', /404/, /no index none/],
  ['AI Search', { AZURE_SEARCH_ENDPOINT: closed }, 'problem', /nothing listens/, /port/],
  ['Maps', { AZURE_MAPS_KEY: 'wrong' }, 'problem', /401/, /AZURE_MAPS_KEY/],
  ['chat', { AZURE_OPENAI_API_KEY: 'wrong' }, 'problem', /refuses our key/, /AZURE_OPENAI_API_KEY/],
];
describe('says what is wrong and what to do', () => {
  let secrets: readonly string[] = [];
  before(() => {
    const { settings } = world;
    const names = Object.keys(settings).filter((name) => /KEY|SECRET|TOKEN|CONNECTION/.test(name));
    secrets = names.map((name) => settings[name]!);
    assert.ok(secrets.length > 5);
  });

  for (const [name, settings, type, saw, advice] of plants)
    it(`${name}: ${JSON.stringify(settings)}`, async () => {
      const verdict = await examineOne(name, settings);
      for (const secret of secrets) assert.ok(!JSON.stringify(verdict).includes(secret), 'a secret is told');
      assert.equal(verdict.type, type, JSON.stringify(verdict));
      assert.match(verdict.saw, saw);
      assert.match('advice' in verdict ? verdict.advice : '', advice);
    });

  it('ACS: the key of another resource', async () => {
    const { ACS_CONNECTION_STRING: given } = world.settings;
    const other = given!.replace(/accesskey=.*/, 'accesskey=b3RoZXI=');
    const verdict = await examineOne('ACS', { ACS_CONNECTION_STRING: other });
    assert.deepEqual([verdict.type, verdict.saw], ['problem', 'ACS refuses our key (401)']);
  });
});

describe('of those who answer wrongly, says', () => {
  it('that the clock is off', async (t) => {
    const url = await serve(t, (_, response) => {
      response.setHeader('date', new Date(Date.now() - 10 * 60_000).toUTCString()).end();
    });
    const off = { AZURE_OPENAI_ENDPOINT: url, AZURE_VOICE_LIVE_ENDPOINT: url, TWILIO_API_URL: url };
    const verdict = await examineOne('clock', off);
    assert.equal(verdict.type, 'problem');
    assert.match(verdict.saw, /^this machine is (599|600|601) s ahead$/);
    const right = await serve(t, (_, response) => response.setHeader('date', new Date().toUTCString()).end());
    // The one that is wrong is not the judge of the others.
    const one = { AZURE_OPENAI_ENDPOINT: url, AZURE_VOICE_LIVE_ENDPOINT: right, TWILIO_API_URL: right };
    assert.equal((await examineOne('clock', one)).type, 'ok');
  });

  it('that a tunnel asks for a login, and that something else is there', async (t) => {
    const tunnel = await serve(t, (_, response) => response.writeHead(302, { location: '/login' }).end());
    const login = await examineOne('PUBLIC_URL', { PUBLIC_URL: tunnel });
    assert.match('advice' in login ? login.advice : '', /allow-anonymous/);
    const other = await serve(t, (_, response) => response.end('<h1>Hello</h1>'));
    assert.equal((await examineOne('PUBLIC_URL', { PUBLIC_URL: other })).type, 'problem');
    const bridge = await examineOne('BRIDGE_URL', { BRIDGE_URL: other.replace(/^http/, 'ws') });
    assert.match('advice' in bridge ? bridge.advice : '', /ingress must pass on WebSockets/);
  });

  it('nothing of a host that has just started and finds its stores, and what is wrong with one that does not', async (t) => {
    const checks = (history: string) => ({ stream: 'ok', leases: 'ok', history });
    const backlog = { events: 0, calls: 0 };
    const down = { status: 'down', checks: checks('down'), problems: ['a store has not answered yet'], backlog };
    const well = { status: 'ok', checks: checks('ok'), problems: [], backlog };
    let asked = 0;
    const young = await serve(t, (_, response) => response.end(JSON.stringify(++asked < 3 ? down : well)));
    assert.equal((await examineOne('PUBLIC_URL', { PUBLIC_URL: young })).type, 'ok');
    const ill = await serve(t, (_, response) => response.end(JSON.stringify(down)));
    const verdict = await examineOne('PUBLIC_URL', { PUBLIC_URL: ill });
    assert.equal(verdict.type, 'doubt');
    assert.match(verdict.saw, /a store has not answered yet/);
  });

  it('that the handshake is not answered as it has to be', async (t) => {
    const mute = await serve(t, (_, response) => response.writeHead(202).end());
    const verdict = await examineOne('Event Grid', { PUBLIC_URL: mute });
    assert.deepEqual([verdict.type, verdict.saw], ['problem', 'the handshake is answered with 202']);
    const wrong = await serve(t, (_, response) => response.end('{"validationResponse":"another"}'));
    assert.equal((await examineOne('Event Grid', { PUBLIC_URL: wrong })).type, 'problem');
  });

  it('that the topic refuses us', async (t) => {
    const answers = { '/ok': 200, '/refuses': 401, '/lost': 404 };
    const topic = await serve(t, (request, response) => {
      const path = new URL(request.url!, 'http://topic').pathname as keyof typeof answers;
      assert.equal(request.headers['aeg-sas-key'], 'a key');
      request.resume().on('end', () => response.writeHead(answers[path] ?? 500).end());
    });
    const ask = async (path: string) => {
      const settings = { EVENT_TOPIC_ENDPOINT: `${topic}${path}`, EVENT_TOPIC_KEY: 'a key' };
      const verdict = await examineOne('event topic', settings);
      return [verdict.type, verdict.saw];
    };
    assert.deepEqual(await ask('/ok'), ['ok', 'takes our events']);
    assert.deepEqual(await ask('/refuses'), ['problem', 'it refuses EVENT_TOPIC_KEY (401)']);
    assert.deepEqual(await ask('/lost'), ['problem', 'it answers 404']);
  });

  it('which secret of an agent is missing, and where it goes on Azure', async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'parley-doctor-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const lines = [
      'name: receptionist',
      'webhook: { url: "https://a.example", secret: AGENT_SECRET_HOOK }',
      'mcp_servers:',
    ];
    const server =
      '  orders: { url: "https://b.example/mcp", tools: [find], secret: { setting: AGENT_SECRET_ORDERS } }';
    writeFileSync(join(folder, 'receptionist.md'), ['---', ...lines, server, '---', 'Be kind.'].join('\n'));
    const settings = { AGENTS_FOLDER: folder, AGENT_SECRET_HOOK: 'a secret' };
    const verdict = await examineOne('agent secrets', settings);
    assert.equal(verdict.type, 'problem');
    assert.match(verdict.saw, /^AGENT_SECRET_ORDERS is not set: receptionist names it in mcp_servers\.orders$/);
    assert.match(
      'advice' in verdict ? verdict.advice : '',
      /into the vault as agent-secret-orders, .*VAULTED_SETTINGS/,
    );
    const whole = await examineOne('agent secrets', { ...settings, AGENT_SECRET_ORDERS: 'another' });
    assert.deepEqual([whole.type, whole.saw], ['ok', '2 named, all set']);
  });

  it('that recordings cannot be kept, nor what Event Grid put aside be fetched', async (t) => {
    for (const [check, setting, container] of [
      ['recordings', 'RECORDINGS', 'recordings'],
      ['dead letters', 'DEAD_LETTERS', 'dead-letters'],
    ] as const) {
      const storage = await startBlobStorage(container);
      t.after(() => storage.stop());
      const ask = async (url: string, key = storage.key) => {
        const verdict = await examineOne(check, { [`${setting}_URL`]: url, [`${setting}_KEY`]: key });
        return [verdict.type, verdict.saw, 'advice' in verdict ? verdict.advice : ''].join(': ');
      };
      assert.match(await ask(storage.containerUrl), /^ok: Blob Storage takes a file/);
      assert.equal(storage.blobs.size, 0, 'nothing is left');
      assert.match(await ask(storage.containerUrl, 'b3RoZXI='), new RegExp(`^problem: .*: Copy ${setting}_KEY anew`));
      assert.match(await ask(`${storage.containerUrl}-of-another`), /^problem: .*ContainerNotFound: .*make it/);
      assert.match(await ask(`${closed}/account/${container}`), /^problem: /);
    }
  });

  it('that Application Insights takes nothing', async (t) => {
    const ingestion = await startIngestion();
    t.after(() => ingestion.stop());
    const settings = { APPLICATIONINSIGHTS_CONNECTION_STRING: ingestion.connectionString };
    assert.equal((await examineOne('App Insights', settings)).type, 'ok', ingestion.refused.join());
    for (const [status, advice] of [
      [401, /Authorization=AAD/],
      [403, /Monitoring Metrics Publisher/],
    ] as const) {
      ingestion.faults.next.push({ status });
      const verdict = await examineOne('App Insights', settings);
      assert.match('advice' in verdict ? verdict.advice : '', advice);
    }
    const other = ingestion.connectionString.replace('a1;', 'a2;');
    const verdict = await examineOne('App Insights', { APPLICATIONINSIGHTS_CONNECTION_STRING: other });
    assert.match('advice' in verdict ? verdict.advice : '', /connection string anew/);
  });

  it('that Redis refuses the password', async (t) => {
    const redis = createTcpServer((socket) => {
      socket.on('data', () => socket.write('-WRONGPASS invalid username-password pair\r\n'));
      socket.on('error', () => {});
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => redis.once('listening', resolve));
    t.after(() => redis.close());
    const { port } = redis.address() as AddressInfo;
    const verdict = await examineOne('Redis', { REDIS_URL: `redis://:wrong@127.0.0.1:${port}` });
    assert.equal(verdict.type, 'problem', JSON.stringify(verdict));
    assert.match(verdict.saw, /refuses the user or password/);
  });

  it('that Cosmos DB refuses the key', async (t) => {
    const cosmos = await serve(t, (_, response) => response.writeHead(401).end('{"code":"Unauthorized","message":""}'));
    const verdict = await examineOne('history', { COSMOS_ENDPOINT: cosmos, COSMOS_KEY: 'd3Jvbmc=' });
    assert.match(verdict.saw, /COSMOS_KEY is not accepted/, JSON.stringify(verdict));
  });
});

it('lets nobody hold it up, and takes whatever a check throws for a problem', async () => {
  const make = (name: string, run: Check['examine']): Check => ({ name, parts, examine: run });
  const checks = [
    make('hangs', () => new Promise(() => {})),
    make('throws', () => Promise.reject(new TypeError('secret words'))),
    make('throws nothing', () => Promise.reject(undefined)),
    make('gathers', () => Promise.reject(new AggregateError([Object.assign(new Error(), { code: 'ECONNREFUSED' })]))),
  ];
  const patient = { config: readConfig(world.settings), functionsKey: undefined };
  const findings = await gather(examine(checks, patient, 2_000));
  assert.deepEqual(
    findings.map(({ verdict }) => verdict.saw),
    ['there is no answer in 2 s', 'it failed (TypeError)', 'it failed (undefined)', 'nothing listens at that address'],
  );
});

it('looks in each part for what that part depends on', () => {
  const named = (part: 'functions' | 'bridge') => pickChecks([part]).map(({ name }) => name);
  assert.ok(!named('functions').includes('Speech') && named('bridge').includes('Speech'));
  assert.ok(!named('bridge').includes('Twilio number') && named('functions').includes('Twilio number'));
  assert.equal(new Set(allChecks.map(({ name }) => name)).size, allChecks.length);
});

it('tells findings in lines, what to do below, and a sum', () => {
  const findings: Finding[] = [
    { name: 'ACS', verdict: { type: 'ok', saw: 'takes our key' } },
    { name: 'chat', verdict: { type: 'problem', saw: 'no such deployment', advice: 'Deploy it.' } },
  ];
  const text = stripVTControlCharacters(findings.map(formatFinding).join('\n'));
  assert.equal(
    text,
    'ok    ACS                   takes our key\nWRONG chat                  no such deployment\n      → Deploy it.',
  );
  assert.equal(formatSummary(findings), '1 ok, 1 wrong, 0 to look at.');
});
