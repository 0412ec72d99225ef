// Tests that every route can be reached, and who may reach it.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { createRouteMatcher } from '../simulator/functions-host/route-matcher.ts';
import { parseWav } from '../simulator/voice/wav.ts';
import type { HttpRoute } from './http-route.ts';
import { createHttpRoutes } from './routes.ts';
import type { Services } from './services.ts';
import { startTestApp } from './testing/test-app.ts';

const app = await startTestApp({ carrier: 'twilio' });
after(() => app.stop());
const twilio = { voice: async () => ({}), status: async () => ({}) };
const routes = createHttpRoutes({
  twilio,
  acs: {},
  api: {},
  announcements: {},
  console: {},
  record: {},
} as unknown as Services);

describe('the routes of the app', () => {
  it('take no path that is meant for another, in the order in which the host looks at them', () => {
    const ordered = [...routes].sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
    const firstFor = (path: string, method: HttpRoute['methods'][number]) =>
      ordered.find((route) => route.methods.includes(method) && createRouteMatcher(route.path)(path))?.name;
    for (const { name, path, methods } of routes) {
      for (const method of methods) {
        assert.equal(
          firstFor(`/${path.replace(/\{root.*\}/, '').replace(/\{\w+\??\}/g, 'some-id')}`, method),
          name,
          `${method} ${path}`,
        );
      }
    }
  });

  it('have names and paths of their own', () => {
    assert.equal(new Set(routes.map(({ name }) => name.toLowerCase())).size, routes.length);
    assert.equal(new Set(routes.map(({ path }) => path.toLowerCase())).size, routes.length);
  });

  it('are open without a key only where the sender signs or nothing is told', () => {
    const open = routes.filter(({ auth }) => auth === 'anonymous').map(({ path }) => path);
    assert.deepEqual(open, [
      'healthz',
      'announcements/{language}/{file}',
      '{root:maxlength(0)?}',
      'assets/{file}',
      'runtime-config.js',
      'api/callbacks/{callId}',
      'api/acs/{callId?}',
      'api/live-calls',
      'twilio/voice',
      'twilio/status',
      'api/openapi.json',
      'api/docs',
    ]);
  });

  it('give a carrier the announcement of a language that was recorded, and none of another', async () => {
    const fetched = await fetch(`${app.url}/announcements/en/lines-busy.wav`);
    assert.deepEqual([fetched.status, fetched.headers.get('content-type')], [200, 'audio/wav']);
    const { samples, sampleRate } = parseWav(new Uint8Array(await fetched.arrayBuffer()));
    assert.deepEqual([sampleRate, samples.length > 3 * sampleRate], [16_000, true]);
    for (const name of [
      'de/lines-busy.wav',
      '../lines-busy.wav',
      '%2e%2e%2fapp.ts/one-moment.wav',
      'en/app.ts',
      'en/%2e%2e',
    ])
      assert.equal((await fetch(`${app.url}/announcements/${name}`)).status, 404, name);
  });

  it('refuse a request that claims to be from Twilio', async () => {
    const response = await fetch(`${app.url}/twilio/voice`, { method: 'POST', body: 'CallSid=CA1' });
    assert.equal(response.status, 403);
  });

  it('answer callbacks of a carrier that is not configured as such', async () => {
    const response = await app.post('/api/callbacks/some-id', []);
    assert.equal(response.status, 503);
    assert.match(await response.text(), /NOT_CONFIGURED/);
  });
});
