// That the Twilio stand-in misbehaves as its knobs say: its API, its web hooks and its streams.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { createTonePhone } from '../caller/tone-phone.ts';
import { line, startTestApplication } from './twilio-test-application.ts';

const callee = '+15550100';
const mediaOf = (messages: readonly { event: string; atMs: number; body: { media: { timestamp: string } } }[]) =>
  messages.flatMap(({ event, atMs, body }) =>
    event === 'media' ? [{ atMs, stampMs: Number(body.media.timestamp) }] : [],
  );

async function converse(t: TestContext) {
  const app = await startTestApplication(t);
  const phone = createTonePhone({ hz: 440 });
  const call = app.stand.ring({ from: callee, to: line, phone });
  const stream = await app.until(() => app.streams[0]);
  await app.until(() => mediaOf(stream.messages).length > 3);
  return { ...app, phone, call, stream };
}

describe('requests', () => {
  const order = (url: string) => ({ to: callee, from: line, url: `${url}/voice`, statusCallback: `${url}/status` });

  it('to place a call can lose their answer: the phone rings and is picked up', async (t) => {
    const { stand, client, url, until, streams } = await startTestApplication(t);
    stand.phones.set(callee, { kind: 'answers', afterMs: 500, phone: createTonePhone({ hz: 440 }) });
    stand.faults.rest.add({ operation: 'createCall', instead: 'cut', carriedOut: true });
    await assert.rejects(client.calls.create(order(url)), { code: 'ECONNRESET' });
    await until(() => streams[0]);
    const [found] = await client.calls.list({ to: callee });
    assert.deepEqual([found!.sid, found!.status], [stand.calls[0]!.sid, 'in-progress']);
  });

  it('fail, hang or come late by operation', async (t) => {
    const { stand, client, url } = await startTestApplication(t);
    stand.faults.rest.add({ operation: 'hangUp', instead: { status: 500 } });
    stand.faults.rest.add({ operation: 'fetchCall', lateMs: 2_000 });
    stand.phones.set(callee, { kind: 'answers', afterMs: 500, phone: createTonePhone({ hz: 440 }) });
    const { sid } = await client.calls.create(order(url));
    await assert.rejects(client.calls(sid).update({ status: 'completed' }), { status: 500, code: 20500 });
    const askedMs = performance.now();
    await client.calls(sid).fetch();
    assert.ok(performance.now() - askedMs >= 39);
    await client.calls(sid).update({ status: 'completed' });
    assert.equal((await stand.calls[0]!.ended).by, 'application');
  });
});

describe('web hooks', () => {
  it('lose the last status: nobody hears that the call is over', async (t) => {
    const { stand, call, phone, hooks } = await converse(t);
    stand.faults.webhooks.drop = (status) => status === 'completed';
    phone.hangUp();
    await call.ended;
    await call.callbacksSettled;
    assert.deepEqual(
      hooks.map(({ path }) => path),
      ['/voice'],
    );
  });

  it('are told again by the same token when the fragment of the URL wants it, and the fragment is not sent', async (t) => {
    const { stand, client, url, hooks, answers, until } = await startTestApplication(t);
    answers.push(503, 'cut', 404);
    await client.calls.create({
      ...{ to: callee, from: line, url: `${url}/voice` },
      statusCallback: `${url}/status#rc=3&rp=all`,
      statusCallbackEvent: ['initiated'],
    });
    await until(() => hooks.length === 4);
    assert.equal(new Set(hooks.map(({ token, path }) => `${token} ${path}`)).size, 1);
    assert.ok(hooks[0]!.path === '/status');
    await stand.calls[0]!.ended;
  });

  it('wait for an answer no longer than the fragment allows', async (t) => {
    const { client, url, hooks, answers, until } = await startTestApplication(t);
    answers.push('silence');
    await client.calls.create({
      ...{ to: callee, from: line, url: `${url}/voice` },
      statusCallback: `${url}/status#rt=100&rc=1&rp=rt`,
      statusCallbackEvent: ['initiated'],
    });
    await until(() => hooks.length === 2);
    const waitedMs = hooks[1]!.atMs - hooks[0]!.atMs;
    assert.ok(waitedMs >= 99 && waitedMs < 5_000, `${waitedMs} ms`);
  });

  it('can claim to be of another account, validly signed', async (t) => {
    const { stand, hooks, until } = await startTestApplication(t);
    stand.faults.webhooks.claim = { AccountSid: 'AC00000000000000000000000000000bad' };
    stand.ring({ from: callee, to: line, phone: createTonePhone({ hz: 440 }) });
    await until(() => hooks.length > 0);
    assert.equal(hooks[0]!.form.AccountSid, 'AC00000000000000000000000000000bad');
  });

  it('bring the verdict on who answered as late as told', async (t) => {
    const { stand, client, url, hooks, until } = await startTestApplication(t);
    stand.phones.set(callee, { kind: 'answers', afterMs: 500, phone: createTonePhone({ hz: 440 }) });
    Object.assign(stand.faults.amd, { answeredBy: 'machine_end_silence', afterMs: 8_000 });
    await client.calls.create({
      ...{ to: callee, from: line, url: `${url}/voice` },
      ...{ machineDetection: 'DetectMessageEnd', asyncAmd: 'true', asyncAmdStatusCallback: `${url}/amd` },
    });
    const verdict = await until(() => hooks.find(({ path }) => path === '/amd'));
    const answered = hooks.find(({ path }) => path === '/voice')!;
    assert.equal(verdict.form.AnsweredBy, 'machine_end_silence');
    assert.ok(verdict.atMs - answered.atMs >= 100, `${verdict.atMs - answered.atMs} ms`);
  });
});

describe('a stream', () => {
  it('has stamps beside the grid, like live ones', async (t) => {
    const { stand, stream, until } = await converse(t);
    stand.faults.media.stampJitterMs = 1;
    await until(() => mediaOf(stream.messages).length > 60);
    const offGrid = mediaOf(stream.messages).map(({ stampMs }) => stampMs - 20 * Math.round(stampMs / 20));
    assert.deepEqual([...new Set(offGrid.map(Math.abs))].sort(), [0, 1]);
  });

  it('stalls, and then brings everything at once with stamps as if nothing had been', async (t) => {
    const { call, stream, until } = await converse(t);
    call.stallMedia(1_500);
    const before = mediaOf(stream.messages).length;
    await until(() => mediaOf(stream.messages).length > before + 70);
    const frames = mediaOf(stream.messages);
    const gaps = frames.slice(1).map((frame, i) => frame.atMs - frames[i]!.atMs);
    assert.ok(Math.max(...gaps) > 1_300, `${Math.max(...gaps)} ms`);
    const steps = new Set(frames.slice(1).map((frame, i) => frame.stampMs - frames[i]!.stampMs));
    assert.deepEqual([...steps], [20]);
    const burst = frames.at(-1)!.atMs - frames[before]!.atMs;
    assert.ok(burst < 700, `70 frames came within ${burst} ms`);
  });

  it('is a round trip away: marks come back that much later, and what is played began that much later', async (t) => {
    const { stand, stream, until } = await converse(t);
    stand.faults.media.oneWayMs = 80;
    const sentMs = performance.now();
    stream.send({ event: 'mark', mark: { name: 'nothing before it' } });
    const mark = await until(() => stream.messages.find(({ event }) => event === 'mark'));
    const roundTripMs = mark.atMs - sentMs;
    assert.ok(roundTripMs >= 158, `${roundTripMs} ms`);
    assert.equal(stand.calls[0]!.streams[0]!.marks[0]!.echo, 'idle');
  });

  it('can name another call, account and stream than its own', async (t) => {
    const app = await startTestApplication(t);
    app.stand.faults.media.claim = { callSid: 'CA00000000000000000000000000000bad' };
    app.stand.ring({ from: callee, to: line, phone: createTonePhone({ hz: 440 }) });
    const stream = await app.until(() => app.streams[0]);
    const { body } = await app.until(() => stream.messages.find(({ event }) => event === 'start'));
    assert.equal(body.start.callSid, 'CA00000000000000000000000000000bad');
    assert.equal(body.start.accountSid, app.stand.accountSid);
  });

  it('goes dead: open at both ends, and nothing goes through', async (t) => {
    const { call, stream, phone } = await converse(t);
    call.deadenMedia();
    await new Promise((resolve) => setTimeout(resolve, 60));
    const { length } = stream.messages;
    phone.hangUp();
    await call.ended;
    await new Promise((resolve) => setTimeout(resolve, 60));
    assert.equal(stream.messages.length, length);
    assert.equal(stream.socket.readyState, stream.socket.OPEN);
  });
});
