// The WebRTC side of the realtime stand-in: what it refuses, what it shows to pages and beside them, and its own playout.
import '../../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openProbe, probeRefusal, startProbed } from '../realtime-probe.ts';

let probed: Awaited<ReturnType<typeof startProbed>>;
before(async () => {
  probed = await startProbed({ timing: { firstAudioMs: 100, audioSpeed: 5, transcriptionMs: 50 } });
});
after(() => probed.stop());

const callsPath = '/openai/v1/realtime/calls';
const sdp = { 'content-type': 'application/sdp' };

async function mint(seconds = 60): Promise<string> {
  const body = {
    session: { type: 'realtime', model: 'gpt-realtime', audio: { input: { transcription: { model: 'whisper-1' } } } },
    expires_after: { anchor: 'created_at', seconds },
  };
  const response = await fetch(`${probed.service.url}/openai/v1/realtime/client_secrets`, {
    method: 'POST',
    headers: { 'api-key': probed.service.apiKey },
    body: JSON.stringify(body),
  });
  return ((await response.json()) as { value: string }).value;
}

const offer = (key: string, body: string, { headers = {}, query = '' } = {}) =>
  fetch(`${probed.service.url}${callsPath}${query}`, {
    method: 'POST',
    headers: { ...sdp, authorization: `Bearer ${key}`, ...headers },
    body,
  });

/** A page that is connected, and what it was told and played. */
async function connect(query = '') {
  const page = probed.service.pages.createPage();
  const told: string[] = [];
  const heard: number[] = [];
  page.listen({
    onConnected() {},
    onAudio: (samples) => heard.push(...samples),
    onMessage: (text) => told.push((JSON.parse(text) as { type: string }).type),
    onClosed: () => told.push('(closed)'),
  });
  const answer = await offer(await mint(), page.offer, { query });
  assert.equal(answer.status, 201);
  assert.match(await answer.text(), /^v=0/);
  const id = answer.headers.get('location')!.split('/').at(-1)!;
  page.connect();
  return { page, told, heard, id, open: () => open(id) };
}

const open = (id: string) =>
  openProbe(probed.service.url, `/openai/v1/realtime?call_id=${id}`, { 'api-key': probed.service.apiKey });

async function say(page: { play(samples: Int16Array): void }, text: string): Promise<void> {
  const spoken = await probed.speak(text);
  const samples = new Int16Array(Math.ceil(spoken.length * 1.5) + 24_000);
  for (let at = 0; at < spoken.length * 1.5; at++) samples[at] = spoken[Math.floor(at / 1.5)]!;
  for (let at = 0; at < samples.length; at += 480) {
    page.play(samples.subarray(at, at + 480));
    await sleep(20);
  }
}

describe('an offer', () => {
  const page = () => probed.service.pages.createPage().offer;

  it('is answered for a key that was minted, once, and tells its call to pages of any origin', async () => {
    const key = await mint();
    const answer = await offer(key, page());
    assert.deepEqual(
      [answer.status, answer.headers.get('content-type'), answer.headers.get('access-control-allow-origin')],
      [201, 'text/plain; charset=utf-8', '*'],
    );
    assert.match(answer.headers.get('location')!, /^\/v1\/realtime\/calls\/rtc_\w+$/);
    assert.match(answer.headers.get('access-control-expose-headers')!, /Location/);
    assert.equal((await offer(key, page())).status, 401);
  });

  it('is refused without such a key, with one that is too old, and when it is none', async () => {
    const old = await mint(10);
    await sleep(11_000);
    const key = await mint();
    const refused = [
      await offer('ek_unknown', page()),
      await offer(old, page()),
      await offer(probed.service.apiKey, page()),
      await offer(key, page(), { query: '?api-version=2025-04-01-preview' }),
      await offer(key, page(), { headers: { 'content-type': 'application/json' } }),
      await offer(key, 'hello'),
      await offer(key, page().replace('opus/48000/2', 'G722/8000')),
      await offer(key, page().replace('m=application', 'm=video')),
      await offer(key, page() + 'a'.repeat(70_000)),
    ];
    assert.deepEqual(
      refused.map(({ status }) => status),
      [401, 401, 401, 401, 415, 400, 400, 400, 413],
    );
    assert.equal((await offer(key, page())).status, 201, 'what was refused did not use up the key');
  });
});

describe('a call of a page', () => {
  it('hears by its sound and answers by it, tells when it is heard, and shows a filtered page what is said alone', async () => {
    const all = await connect();
    const filtered = await connect('?webrtcfilter=on');
    const beside = await filtered.open();
    beside.send({ type: 'session.update', session: { type: 'realtime', instructions: 'Be short.' } });
    await beside.next('session.updated');
    for (const { page } of [all, filtered]) await say(page, 'What are your opening hours?');
    await beside.next('output_audio_buffer.stopped');
    assert.equal(all.told[0], 'session.created');
    assert.ok(all.told.includes('response.done'));
    for (const type of ['session.created', 'session.updated', 'response.done', 'response.created'])
      assert.ok(!filtered.told.includes(type), type);
    for (const type of ['output_audio_buffer.started', 'response.output_audio_transcript.done'])
      assert.ok(filtered.told.includes(type), type);
    assert.ok(!beside.events.some(({ type }) => type === 'session.created' || type === 'response.output_audio.delta'));
    const order = beside.events.map(({ type }) => type).filter((type) => /buffer\.st|response\.done/.test(type));
    assert.deepEqual(order.slice(-3), ['output_audio_buffer.started', 'response.done', 'output_audio_buffer.stopped']);
    assert.ok(
      filtered.heard.some((sample) => Math.abs(sample) > 3_000),
      'it is heard',
    );
    filtered.page.close();
    assert.equal((await beside.closed).code, 1000);
    all.page.close();
  });

  it('cuts and truncates by itself when somebody speaks over it, and when it is told to be silent', async () => {
    const { page, open } = await connect();
    const beside = await open();
    await say(page, 'Please tell me about your company.');
    await sleep(1_000);
    await say(page, 'Stop, please.');
    await beside.next('output_audio_buffer.cleared');
    const cut = await beside.next('conversation.item.truncated');
    assert.ok(cut.audio_end_ms > 500 && cut.audio_end_ms < 4_000, `${cut.audio_end_ms}`);
    await beside.next('output_audio_buffer.started');
    beside.send({ type: 'response.cancel' });
    beside.send({ type: 'output_audio_buffer.clear' });
    await beside.next('output_audio_buffer.cleared');
    assert.equal((await beside.provoke({ type: 'input_audio_buffer.append', audio: 'AAAA' })).code, 'invalid_event');
    page.close();
  });

  it('is there beside its page for those who have a key and know it, and is ended by them', async () => {
    const { id, told } = await connect();
    const key = { 'api-key': probed.service.apiKey };
    const refusal = (query: string, headers: Record<string, string>) =>
      probeRefusal(probed.service.url, `/openai/v1/realtime?${query}`, headers).then(({ status }) => status);
    assert.equal(await refusal(`call_id=${id}`, { 'api-key': 'wrong' }), 401);
    assert.equal(await refusal('call_id=rtc_unknown', key), 404);
    assert.equal(await refusal(`call_id=${id}&model=gpt-realtime`, key), 400);
    const hangUp = (headers: Record<string, string>) =>
      fetch(`${probed.service.url}${callsPath}/${id}/hangup`, { method: 'POST', headers }).then(({ status }) => status);
    assert.equal(await hangUp({}), 401);
    assert.equal(await hangUp(key), 200);
    assert.ok(told.includes('(closed)'));
    assert.equal(await hangUp(key), 404);
  });
});
