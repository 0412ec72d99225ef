// What browsers need to talk with a model directly: an ephemeral key for an agent's session, and tools that run here.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sessionSchema, talkTicketSchema } from '../../shared/console-api.ts';
import { AppError } from '../../shared/errors.ts';
import { MediaTokens } from '../../shared/media-token.ts';
import { createMemoryStores } from '../../shared/stores/memory-stores.ts';
import { ticketPrefix } from '../../shared/watch-ticket.ts';
import type { Brain } from '../../simulator/chat/brain.ts';
import { type RealtimeService, startRealtime } from '../../simulator/realtime/realtime-service.ts';
import { startTestApp, type TestApp } from '../testing/test-app.ts';

let realtime: RealtimeService;
let app: TestApp;
before(async () => {
  realtime = await startRealtime({ brain: {} as Brain, speak: async () => new Int16Array(0) });
  app = await startTestApp({
    settings: {
      AZURE_OPENAI_ENDPOINT: realtime.url,
      AZURE_OPENAI_API_KEY: realtime.apiKey,
      AZURE_OPENAI_REALTIME_DEPLOYMENT: 'gpt-realtime',
    },
  });
});
after(async () => {
  await app.stop();
  await realtime.stop();
});

describe('POST /api/session', () => {
  it('mints a key for the session of an agent, with what it says and may use', async () => {
    const session = sessionSchema.parse(await (await app.post('/api/session', { agent: 'receptionist' })).json());
    const [minted] = realtime.minted;
    assert.equal(session.ephemeral_key, minted?.value);
    assert.deepEqual(
      [session.webrtc_url, session.deployment, session.voice, session.agent],
      [`${realtime.url}/openai/v1/realtime/calls`, 'gpt-realtime', 'marin', 'receptionist'],
    );
    const { instructions, tools } = minted!.session as { instructions: string; tools: { name: string }[] };
    assert.match(instructions, /You are the receptionist of Contoso/);
    assert.match(instructions, /Begin the conversation with: "Thank you for calling/);
    // A browser has no line to hang up.
    assert.deepEqual(tools.map(({ name }) => name).sort(), ['current_time', 'schedule_callback', 'take_note']);
  });

  it('takes a request without a body, and knows its agents', async () => {
    assert.equal((await app.post('/api/session', '')).status, 200);
    assert.equal((await app.post('/api/session', { agent: 'nobody' })).status, 400);
  });

  it('says what is wrong with Azure OpenAI, and not how we are known there', async (t) => {
    const wrong = await startTestApp({
      settings: { AZURE_OPENAI_ENDPOINT: realtime.url, AZURE_OPENAI_API_KEY: 'wrong' },
    });
    t.after(() => wrong.stop());
    const refused = await wrong.post('/api/session', {});
    assert.deepEqual(
      [refused.status, await refused.json()],
      [502, { error: { code: 'MODEL_REFUSED', message: 'Azure OpenAI refuses our key or identity' } }],
    );
    const none = await startTestApp();
    t.after(() => none.stop());
    assert.equal((await none.post('/api/session', {})).status, 503);
  });

  it('makes a call of it for a page that has the bridge attach: what the bridge brings the page does not see', async () => {
    const answer = await app.post('/api/session', { agent: 'receptionist', attach: true, context: { name: 'Olga' } });
    const session = sessionSchema.parse(await answer.json());
    assert.equal(session.webrtc_url, `${realtime.url}/openai/v1/realtime/calls?webrtcfilter=on`);
    assert.deepEqual(realtime.minted.at(-1)!.session.tools, []);
    const { call_id: callId, url } = session.talk!;
    assert.equal(url, `wss://bridge.example/media/web/${callId}`);
    const state = await app.find(callId);
    assert.deepEqual([state?.carrier, state?.model, state?.context], ['web', 'gpt-realtime', { name: 'Olga' }]);
  });

  it('mints ten a minute for each client, whichever process it asks', async (t) => {
    const settings = {
      AZURE_OPENAI_ENDPOINT: realtime.url,
      AZURE_OPENAI_API_KEY: realtime.apiKey,
      AZURE_OPENAI_REALTIME_DEPLOYMENT: 'gpt-realtime',
    };
    const stores = createMemoryStores();
    const apps = [await startTestApp({ settings, stores }), await startTestApp({ settings, stores })];
    t.after(() => Promise.all(apps.map((one) => one.stop())));
    const statuses: number[] = [];
    for (let n = 0; n < 11; n++) statuses.push((await apps[n % 2]!.post('/api/session', {})).status);
    assert.deepEqual(statuses, [...Array.from({ length: 10 }, () => 200), 429]);
    // With the store away each process counts for itself: nobody is refused for it, and nobody is let do as they like.
    stores.leases.count = () => Promise.reject(new AppError('STORE_UNAVAILABLE', 'away'));
    const alone: number[] = [];
    for (let n = 0; n < 11; n++) alone.push((await apps[0]!.post('/api/session', {})).status);
    assert.deepEqual(alone, [...Array.from({ length: 10 }, () => 200), 429]);
  });
});

describe('POST /api/function-call', () => {
  const call = async (body: object) => (await app.post('/api/function-call', body)).json();

  it('runs a tool, with its arguments as JSON or as text of it', async () => {
    for (const given of [{}, '{}', ''])
      assert.match(
        ((await call({ name: 'current_time', call_id: 'call_1', arguments: given })) as { output: { time: string } })
          .output.time,
        /\d{4}/,
      );
  });

  it('tells the model what does not work', async () => {
    const wrong: [name: string, given: unknown, error: RegExp][] = [
      ['nothing', {}, /no tool named nothing/],
      ['hang_up', {}, /no tool named hang_up/],
      ['take_note', {}, /Wrong input/],
      ['take_note', '{', /Wrong input/],
      ['take_note', { text: 'Call back' }, /not kept/],
    ];
    for (const [name, given, error] of wrong) {
      const answer = (await call({ name, call_id: 'call_2', arguments: given })) as {
        call_id: string;
        output: { error: string };
      };
      assert.equal(answer.call_id, 'call_2');
      assert.match(answer.output.error, error);
    }
    assert.equal((await app.post('/api/function-call', { call_id: 'x' })).status, 400);
  });
});

describe('POST /api/talk', () => {
  it('makes a call of the browser, and a ticket for its media socket alone', async () => {
    const ticket = talkTicketSchema.parse(await (await app.post('/api/talk', { model: 'cascade' })).json());
    assert.equal(ticket.url, `wss://bridge.example/media/web/${ticket.call_id}`);
    const state = await app.find(ticket.call_id);
    assert.deepEqual(
      [state?.carrier, state?.direction, state?.agent, state?.model, state?.remoteParty],
      ['web', 'inbound', 'receptionist', 'cascade', 'API key'],
    );
    const token = ticket.protocols.find((text) => text.startsWith(ticketPrefix))!.slice(ticketPrefix.length);
    const signed = await new MediaTokens('an example secret of thirty-two characters').verify(token);
    assert.deepEqual([signed.callId, signed.carrier], [ticket.call_id, 'web']);
    assert.equal((await app.post('/api/talk', { agent: 'nobody' })).status, 400);
  });

  it('is over when its page says so, which shows its ticket', async () => {
    const { call_id: callId, protocols } = talkTicketSchema.parse(await (await app.post('/api/talk', {})).json());
    for (const wrong of [[], ['parley', `${ticketPrefix}x`]])
      assert.equal((await app.post('/api/talk/hang-up', { protocols: wrong })).status, 401);
    assert.equal((await app.find(callId))?.phase, 'ringing');
    for (let n = 0; n < 2; n++) assert.equal((await app.post('/api/talk/hang-up', { protocols })).status, 200);
    const call = await app.find(callId);
    assert.deepEqual([call?.phase, call?.endReason], ['ended', 'caller-hung-up']);
  });

  it('keeps the end that was wanted first', async () => {
    const { call_id: callId, protocols } = talkTicketSchema.parse(await (await app.post('/api/talk', {})).json());
    await app.post(`/api/calls/${callId}/hang-up`, '');
    assert.equal((await app.post('/api/talk/hang-up', { protocols })).status, 200);
    assert.equal((await app.find(callId))?.endReason, 'operator-hung-up');
  });

  it('can be hung up by an operator, and by nobody twice', async () => {
    const { call_id: callId } = talkTicketSchema.parse(await (await app.post('/api/talk', {})).json());
    assert.equal((await app.post(`/api/calls/${callId}/hang-up`, '')).status, 202);
    assert.equal((await app.find(callId))?.endReason, 'operator-hung-up');
    assert.equal((await app.post(`/api/calls/${callId}/hang-up`, '')).status, 410);
  });
});
