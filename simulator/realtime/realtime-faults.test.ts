// That the realtime stand-in misbehaves as its switches say.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { virtualTime } from '../virtual-time/install.ts';
import { resample } from '../voice/resample.ts';
import { createRealtimeFaults } from './realtime-faults.ts';
import { gaPath, probeRefusal, startProbed, voiceLivePath } from './realtime-probe.ts';

let world: Awaited<ReturnType<typeof startProbed>>;
before(async () => {
  world = await startProbed();
});
afterEach(() => Object.assign(world.service.faults, createRealtimeFaults()));
after(() => world.stop());

const key = { 'api-key': 'realtime-key' };
const say = {
  type: 'response.create',
  response: { instructions: 'Say exactly: This takes two seconds or so to say.' },
};

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

  it('takes connections and never opens a session', async () => {
    const before = virtualTime.left.sockets;
    world.service.faults.holdUpgrades = true;
    const url = `${world.service.url.replace('http', 'ws')}${gaPath}`;
    const socket = new WebSocket(url, { headers: key, handshakeTimeout: 60 });
    const [error] = await once(socket, 'error');
    assert.match(error.message, /handshake has timed out/);
    await wait(0);
    assert.equal(virtualTime.left.sockets, before);
  });

  it('is mute from the start, from the opening on, or in the midst of a call, and answers pings all the same', async () => {
    const { faults } = world.service;
    const withholds = [() => true, (type: string) => !type.startsWith('session.')];
    for (const withhold of withholds) {
      faults.withhold = withhold;
      const probe = await world.open(gaPath);
      probe.send({ type: 'session.update', session: { type: 'realtime' } });
      probe.send(say);
      await probe.ping();
      await probe.ping();
      const told = withhold('session.created') ? [] : ['session.created', 'session.updated'];
      assert.deepEqual(
        probe.events.map(({ type }) => type),
        told,
      );
      await probe.close();
    }
    faults.withhold = () => false;
    const probe = await world.open(gaPath);
    probe.send(say);
    await probe.next('response.done');
    faults.withhold = () => true;
    const { length } = probe.events;
    probe.send(say);
    await probe.ping();
    assert.equal(probe.events.length, length);
    await probe.close();
  });

  it('creates responses of which nothing more is heard, until they are cancelled', async () => {
    const probe = await world.open(gaPath);
    world.service.faults.stuckResponses = 1;
    probe.send(say);
    await probe.next('response.created');
    await probe.ping();
    assert.equal((await probe.provoke(say)).code, 'conversation_already_has_active_response');
    assert.equal(probe.of('response.output_audio.delta').length, 0);
    probe.send({ type: 'response.cancel' });
    assert.equal((await probe.next('response.done')).response.status, 'cancelled');
    probe.send(say);
    assert.equal((await probe.next('response.done')).response.status, 'completed');
    await probe.close();
  });

  it('breaks off in the midst of a response', async () => {
    const probe = await world.open(gaPath);
    world.service.faults.breakResponses = 1;
    probe.send(say);
    assert.equal((await probe.next('error')).error.type, 'server_error');
    const { response } = await probe.next('response.done');
    assert.equal(response.status, 'failed');
    const half = probe.of('response.output_audio.delta').length;
    probe.send(say);
    await probe.next('response.done');
    const whole = probe.of('response.output_audio.delta').length - half;
    assert.ok(half > 0 && half < whole, `${half} of ${whole}`);
    await probe.close();
  });

  it('lets audio trickle', async () => {
    world.service.faults.trickle = { pieceMs: 100, everyMs: 40 };
    const probe = await world.open(gaPath);
    const startedMs = performance.now();
    probe.send(say);
    for (let i = 0; i < 4; i++) {
      const { delta } = await probe.next('response.output_audio.delta');
      assert.equal(Buffer.from(delta, 'base64').length, 4800);
    }
    assert.ok(performance.now() - startedMs >= 119);
    await probe.close();
  });

  it('garbles events by their type', async () => {
    const { faults } = world.service;
    for (const [how, seen] of [
      ['cut-off', '(no JSON)'],
      ['binary', '(binary)'],
      ['no-event', 7],
    ] as const) {
      faults.garble = (type) => (type === 'response.output_audio.delta' ? how : undefined);
      const probe = await world.open(gaPath);
      probe.send(say);
      await probe.next('response.done');
      assert.equal(probe.of('response.output_audio.delta').length, 0);
      assert.ok(probe.events.some(({ type }) => (type as unknown) === seen));
      await probe.close();
    }
  });

  it('never transcribes what it heard, and answers it', async () => {
    world.service.faults.withhold = (type) => type.includes('input_audio_transcription');
    const probe = await world.open(gaPath);
    const transcription = { model: 'gpt-4o-transcribe' };
    probe.send({ type: 'session.update', session: { type: 'realtime', audio: { input: { transcription } } } });
    const words = await world.speak('What are your opening hours?');
    probe.speak(resample(words, 16000, 24000));
    probe.speak(new Int16Array(24_000));
    assert.equal((await probe.next('response.done')).response.status, 'completed');
    await probe.ping();
    assert.deepEqual(
      probe.events.filter(({ type }) => type.includes('transcription')),
      [],
    );
    await probe.close();
  });

  it('expires sessions at once, or tells of an end that is not the real one', async () => {
    const { faults } = world.service;
    faults.sessionMs = 0;
    const brief = await world.open(voiceLivePath('gpt-realtime'));
    assert.equal((await brief.closed).code, 1001);
    Object.assign(faults, { sessionMs: undefined, toldExpiresAt: 32_503_680_000 });
    const probe = await world.open(gaPath);
    assert.equal((await probe.next('session.created')).session.expires_at, 32_503_680_000);
    await probe.ping();
    await probe.close();
  });
});
