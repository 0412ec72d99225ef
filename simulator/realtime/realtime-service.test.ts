// Tests of opening and ending sessions of the realtime stand-in.
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
