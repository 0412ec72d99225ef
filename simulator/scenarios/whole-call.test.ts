// A whole call through both deployables as processes of their own: over memory, and over Redis and Cosmos DB.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { createHttpServer } from '@vercel/cosmosdb-server';
import WebSocket from 'ws';
import { callDetailSchema, callListSchema } from '../../shared/api.ts';
import type { FeedMessage, LiveMessage } from '../../shared/call/live-message.ts';
import { patientEndOfSpeechMs as endOfSpeechMs } from '../caller/agent-ear.ts';
import type { PersonReport, PersonStep } from '../caller/person-script.ts';
import type { RealtimeSession } from '../realtime/realtime-session.ts';
import { startRedisServer } from '../redis-server.ts';
import { startWorldOfProcesses } from '../world/world.ts';
import { poll } from './carrier-leg.ts';
import { checkConformance } from './conformance.ts';
import { ringAs } from './inbound-call.ts';

const apiKey = 'the key of the API';
/** With which a feed is closed whose past cannot be read in time. */
const cannotReadNow = 1011;
const greeting = 'Thank you for calling Contoso. How can I help you today?';
const hours = 'We are open from nine to five, Monday to Friday.';
const story =
  'Contoso was founded forty years ago in a small garage. Today we make furniture for offices and for homes. ' +
  'We have three factories and more than two hundred people. Our chairs are known all over the world. ' +
  'We also repair what we sold, however old it is.';
const script: readonly PersonStep[] = [
  { wait: 'agent-finished' },
  { say: 'What are your opening hours?' },
  { wait: 'agent-finished' },
  { say: 'Please tell me about your company.' },
  { afterAgentSpokeMs: 2500, say: 'Stop, please.' },
  { wait: 'agent-finished' },
  { say: 'Goodbye.' },
  { wait: 'line-closed' },
];
const allReplies = [greeting, hours, story, 'Of course. What else can I do for you?', 'Goodbye.'];
const said = script.flatMap((step) => ('say' in step ? [step.say] : []));

/** What both ends heard: the caller by the sound in the earpiece, the model by the sound that came to it. */
function checkBothEnds(report: PersonReport, { log }: RealtimeSession): void {
  assert.equal(report.outcome, 'finished', report.reason);
  assert.deepEqual(
    log.heard.map(({ phrase }) => phrase),
    said,
  );
  const [question, request, , goodbye] = report.lines;
  for (const line of [question!, request!, goodbye!])
    assert.ok(line.answeredAfterMs !== undefined, `nobody answered "${line.text}"`);
  // 26 s of story lay ahead: what cut it short was the interruption. On a busy machine the next reply may follow without a pause.
  const { audioEndMs, audioMs } = log.truncations.toSorted((a, b) => b.audioMs - a.audioMs)[0]!;
  assert.ok(audioEndMs < audioMs / 3, `heard ${audioEndMs} ms of ${audioMs} ms`);
  const replies = log.of('response.output_audio_transcript.done').map(({ transcript }) => transcript);
  assert.deepEqual(replies.slice(-2), allReplies.slice(-2));
}

async function createFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-call-'));
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 20 }));
  return folder;
}

describe('a whole call, functions and bridge apart', { concurrency: true }, () => {
  it('works without a store between them, of which the functions then know no turns', async (t) => {
    const DATA_FOLDER = await createFolder(t);
    const world = await startWorldOfProcesses({ timeScale: 0.1, settings: { API_KEY: apiKey, DATA_FOLDER } });
    t.after(() => world.stop());
    const { call, callId, session, done } = await ringAs(world, '+15550111', script, { endOfSpeechMs });
    checkBothEnds(await done, session);
    assert.deepEqual(await call.ended, { by: 'application', code: 200, subCode: 7000 });
    checkConformance(world);

    const { functionsUrl, bridgeUrl } = world.product;
    const get = (path: string) => fetch(`${functionsUrl}${path}`, { headers: { 'x-functions-key': apiKey } });
    const shown = await poll(
      async () => callDetailSchema.parse(await (await get(`/api/calls/${callId}`)).json()),
      ({ status }) => status === 'ended',
    );
    assert.partialDeepStrictEqual(shown, { end_reason: 'agent-hung-up', phone_number: '+15550111', turns: [] });
    const health = await poll(
      async () => (await (await fetch(`${functionsUrl}/healthz`)).json()) as { status: string },
      ({ status }) => status === 'ok',
    );
    assert.partialDeepStrictEqual(health, {
      status: 'ok',
      checks: { stream: 'ok', leases: 'ok', history: 'ok' },
    });
    const atBridge = await poll(
      async () => JSON.stringify(await (await fetch(`${bridgeUrl}/healthz`)).json()),
      (health) => health.includes('"calls":0'),
    );
    assert.match(atBridge, /^\{"status":"ok","calls":0,/);
  });

  it('is shown and kept, turn by turn, over Redis and Cosmos DB', async (t) => {
    const redis = await startRedisServer();
    if (!redis) return t.skip('redis-server is not installed');
    t.after(() => redis.stop());
    const cosmos = createHttpServer({ keepAlive: true });
    await once(cosmos.listen(0, '127.0.0.1'), 'listening');
    t.after(() => {
      cosmos.closeAllConnections();
      cosmos.close();
    });
    const world = await startWorldOfProcesses({
      timeScale: 0.1,
      settings: {
        API_KEY: apiKey,
        REDIS_URL: redis.url,
        COSMOS_ENDPOINT: `http://127.0.0.1:${(cosmos.address() as AddressInfo).port}`,
        COSMOS_KEY: Buffer.from('a key of the stand-in').toString('base64'),
        DATA_FOLDER: await createFolder(t),
      },
    });
    t.after(() => world.stop());
    const { callId, session, done } = await ringAs(world, '+15550112', script, { endOfSpeechMs });
    const seen = watch(t, `${world.product.bridgeUrl}/ws/events/${callId}`);
    checkBothEnds(await done, session);
    const messages = await poll(async () => seen, isWhole);

    const get = async (path: string) =>
      (await fetch(`${world.product.functionsUrl}${path}`, { headers: { 'x-functions-key': apiKey } })).json();
    const { calls } = await poll(
      async () => callListSchema.parse(await get('/api/calls')),
      ({ calls }) => calls[0]?.status === 'ended',
    );
    const summary = {
      call_id: callId,
      status: 'ended',
      end_reason: 'agent-hung-up',
      direction: 'inbound',
      phone_number: '+15550112',
      line: '+15550100',
      carrier: 'acs',
      agent: 'receptionist',
      model: 'gpt-realtime',
    };
    assert.partialDeepStrictEqual(calls, [summary]);
    const shown = await poll(
      async () => callDetailSchema.parse(await get(`/api/calls/${callId}`)),
      ({ status, turns }) => status === 'ended' && turns.length > 0,
    );
    assert.partialDeepStrictEqual(shown, summary);
    checkTurns(shown.turns);
    checkShown(messages);
    const finals = messages.flatMap((message) => (message.type === 'transcript' && message.final ? [message] : []));
    assert.deepEqual(
      finals.map(({ role, text }) => ({ role, text })),
      shown.turns.map(({ role, text }) => ({ role, text })),
    );
  });
});

/**
 * Of what was interrupted only what was heard is kept: of the story 2.5 to 4 of its 26 s, or less by machines that are busy. There a
 * reply may come with a hole in it, and the caller, who takes it for over, speaks into the rest.
 */
function checkTurns(turns: readonly { role: string; text: string; interrupted: boolean }[]): void {
  assert.deepEqual(
    turns.filter(({ role }) => role === 'caller').map(({ text }) => text),
    said,
  );
  const replies = turns.filter(({ role }) => role === 'agent');
  assert.deepEqual(
    replies.map(({ text, interrupted }, n) => (interrupted && allReplies[n]?.startsWith(trimEnd(text)) ? 'cut' : text)),
    allReplies.map((text, n) => (replies[n]?.interrupted ? 'cut' : text)),
  );
  const told = replies[allReplies.indexOf(story)]!;
  assert.ok(told.interrupted && told.text.length > 0 && told.text.length < story.length / 3, told.text);
}

/** Without what says that it went on. */
const trimEnd = (text: string) => text.replace(/[\s….]+$/, '');

/** The order of those events that follow from each other. */
function checkShown(messages: readonly LiveMessage[]): void {
  const names = messages.map((message) => {
    if (message.type === 'status') return message.status;
    return message.type === 'event' ? message.event : `${message.role}${message.final ? '' : '…'}`;
  });
  const milestones = [
    'call-created',
    'ringing',
    'model-opened',
    'agent…',
    'agent',
    'caller',
    'agent',
    'agent-interrupted',
    'tool-called',
    'hang-up-requested',
    'ended',
  ];
  let at = -1;
  for (const name of milestones) {
    at = names.indexOf(name, at + 1);
    assert.ok(at >= 0, `${name} is missing after its forerunners in ${names.join(' ')}`);
  }
  const ended = messages.find((message) => message.type === 'status' && message.status === 'ended');
  assert.equal(ended?.type === 'status' && ended.reason, 'agent-hung-up');
}

/** All that a watcher is told: grows until the test is over. A feed that was closed is opened again, as the console does, and tells all anew. */
function watch(t: TestContext, url: string): readonly LiveMessage[] {
  const messages: LiveMessage[] = [];
  let isOver = false;
  let socket: WebSocket;
  const open = () => {
    if (isOver) return;
    messages.length = 0;
    socket = new WebSocket(url.replace(/^http/, 'ws'), { headers: { 'x-functions-key': apiKey } });
    // What is missing in the end is named by those who look for it.
    socket.on('error', (error) => t.diagnostic(`the live feed broke: ${error}`));
    socket.on('close', (code) => {
      if (!isOver) t.diagnostic(`the live feed was closed: ${code}`);
      if (code === cannotReadNow) setTimeout(open, 100).unref();
    });
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as FeedMessage;
      if (message.type !== 'ping') messages.push(message);
    });
  };
  open();
  t.after(() => {
    isOver = true;
    socket.terminate();
  });
  return messages;
}

/** Functions write the one, the bridge the other: either may be last. */
function isWhole(messages: readonly LiveMessage[]): boolean {
  const isEnd = (told: LiveMessage) =>
    (told.type === 'status' && told.status === 'ended') || (told.type === 'event' && told.event === 'media-stopped');
  return messages.filter(isEnd).length >= 2;
}
