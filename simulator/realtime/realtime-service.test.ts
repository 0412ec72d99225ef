// Tests of opening and losing connections to the realtime stand-in, and of its fault switches.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createTone } from '../voice/tone.ts';
import { gaPath, openProbe, probeRefusal, startProbed, voiceLivePath } from './realtime-probe.ts';

let world: Awaited<ReturnType<typeof startProbed>>;
before(async () => {
  world = await startProbed({ bearerToken: 'token-1' });
});
after(() => world.stop());

const key = { 'api-key': 'realtime-key' };
const say = {
  type: 'response.create',
  response: { instructions: 'Say exactly: This takes two seconds or so to say.' },
};

describe('an upgrade', () => {
  it('is let in with the key in the header or the query, or with the one bearer token', async () => {
    for (const [path, headers] of [
      [gaPath, key],
      [`${gaPath}&api-key=realtime-key`, {}],
      [gaPath, { authorization: 'Bearer token-1' }],
      [voiceLivePath('gpt-4.1'), key],
      [`${voiceLivePath('gpt-realtime')}&Authorization=Bearer%20token-1`, {}],
    ] as const) {
      const probe = await openProbe(world.service.url, path, headers);
      await probe.next('session.created');
      await probe.close();
    }
  });

  it('is refused with the status of the live services', async () => {
    for (const [status, path, headers] of [
      [401, gaPath, {}],
      [401, gaPath, { 'api-key': 'wrong' }],
      [401, gaPath, { authorization: 'Bearer ' }],
      [401, gaPath, { authorization: 'Bearer token-2' }],
      [401, `${gaPath}&api-version=2025-04-01-preview`, key],
      [400, gaPath, { ...key, 'OpenAI-Beta': 'realtime=v1' }],
      [400, '/openai/v1/realtime', key],
      [404, '/openai/v1/realtime?model=not-deployed', key],
      [404, '/openai/realtime?model=gpt-realtime', key],
      [400, '/voice-live/realtime?model=gpt-realtime', key],
      [400, '/voice-live/realtime?api-version=2026-07-15', key],
      [400, voiceLivePath('gpt-2'), key],
    ] as const) {
      const refusal = await probeRefusal(world.service.url, path, headers);
      assert.equal(refusal.status, status, path);
      assert.ok(refusal.error.code && refusal.error.message);
    }
  });
});

describe('a fault switch', () => {
  it('refuses as many upgrades as it is told, with a time to wait', async () => {
    world.service.faults.refuseUpgrade = { status: 429, times: 2 };
    for (let i = 0; i < 2; i++) {
      const { status, retryAfter } = await probeRefusal(world.service.url, gaPath, key);
      assert.deepEqual([status, retryAfter], [429, '1']);
    }
    await (await world.open(gaPath)).close();
  });

  it('drops the connection at an event, with or without a close frame', async () => {
    for (const code of [1006, 1011] as const) {
      const probe = await world.open(gaPath);
      await probe.next('session.created');
      world.service.faults.killAt = { event: 'response.output_audio.delta', code };
      probe.send(say);
      assert.equal((await probe.closed).code, code);
      world.service.faults.killAt = undefined;
      assert.deepEqual(world.service.sessions.at(-1)!.log.closed, { code, reason: '', by: 'service' });
    }
  });

  it('drops each connection after a while', async () => {
    world.service.faults.killAfter = { ms: 20, code: 1011 };
    const probe = await world.open(gaPath);
    assert.equal((await probe.closed).code, 1011);
    world.service.faults.killAfter = undefined;
  });

  it('sends late audio of a cancelled response', async () => {
    const slow = await startProbed({ timing: { audioSpeed: 5, firstAudioMs: 0, transcriptionMs: 0 } });
    slow.service.faults.lateDeltas = 2;
    const probe = await slow.open(gaPath);
    probe.send(say);
    const { response_id } = await probe.next('response.output_audio.delta');
    probe.send({ type: 'response.cancel' });
    await probe.next('response.done');
    for (let i = 0; i < 2; i++) {
      assert.equal((await probe.next('response.output_audio.delta')).response_id, response_id);
    }
    await probe.close();
    await slow.stop();
  });

  it('mixes in events nobody knows and errors that end nothing', async () => {
    const { faults } = world.service;
    const probe = await world.open(gaPath);
    Object.assign(faults, { unknownEvents: true, errorEvents: true });
    probe.send(say);
    assert.equal((await probe.next('response.done')).response.status, 'completed');
    Object.assign(faults, { unknownEvents: false, errorEvents: false });
    assert.ok(probe.of('session.weather').length > 10);
    assert.equal(probe.of('error')[0]!.error.type, 'server_error');
    await probe.close();
  });

  it('lets responses fail', async () => {
    const probe = await world.open(gaPath);
    world.service.faults.failResponses = 1;
    probe.send(say);
    const { response } = await probe.next('response.done');
    assert.deepEqual([response.status, response.status_details.error.type], ['failed', 'server_error']);
    probe.send(say);
    assert.equal((await probe.next('response.done')).response.status, 'completed');
    await probe.close();
  });

  it('keeps PCM on output when mu-law was asked for', async () => {
    world.service.faults.keepPcm = true;
    const probe = await world.open(gaPath);
    const format = { type: 'audio/pcmu' };
    probe.send({
      type: 'session.update',
      session: { type: 'realtime', audio: { input: { format }, output: { format } } },
    });
    const { audio } = (await probe.next('session.updated')).session;
    assert.deepEqual([audio.input.format.type, audio.output.format.type], ['audio/pcmu', 'audio/pcm']);
    world.service.faults.keepPcm = false;
    await probe.close();
  });
});

describe('a session at its end', () => {
  it('is told that it expired, and closed with 1001 and the reason', async () => {
    const brief = await startProbed({ sessionMs: 30 });
    const probe = await brief.open(gaPath);
    assert.equal((await probe.next('error')).error.code, 'session_expired');
    const { code, reason } = await probe.closed;
    assert.equal(code, 1001);
    assert.match(reason, /maximum duration/);
    await brief.stop();
  });

  it('keeps what it heard and who closed it', async () => {
    const opened = world.service.nextSession();
    const probe = await world.open(gaPath);
    const session = await opened;
    probe.speak(createTone(440, 100, 24000));
    probe.speak(new Int16Array(24000));
    probe.send({ type: 'input_audio_buffer.clear' });
    await probe.next('input_audio_buffer.cleared');
    await probe.close();
    assert.equal(session.log.appends, 5 + 50);
    assert.equal(session.log.audioMs, 1100);
    assert.equal(session.log.audio.samples.length, 26_400);
    assert.equal(session.log.of('input_audio_buffer.cleared').length, 1);
  });

  it('ends with the service, which stops though clients are still there', async () => {
    const other = await startProbed();
    const probe = await other.open(gaPath);
    await other.stop();
    assert.equal((await probe.closed).code, 1006);
  });
});
