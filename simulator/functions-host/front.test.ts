// What stands before the app in the local world: sign-in, and the live feed of the bridge at the same address.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { WebSocket, WebSocketServer } from 'ws';
import { type FunctionsHost, startFunctionsHost } from './functions-host.ts';

const bridge = createServer();
const feeds = new WebSocketServer({ server: bridge });
feeds.on('connection', (socket, { url, headers }) => socket.send(`${url} ${headers['x-functions-key']}`));
let host: FunctionsHost;
before(async () => {
  bridge.listen(0, '127.0.0.1');
  await once(bridge, 'listening');
  host = await startFunctionsHost({
    port: 0,
    people: [{ code: 'code-1', name: 'ann@contoso.example', roles: ['viewer'] }],
    bridgeUrl: `http://127.0.0.1:${(bridge.address() as AddressInfo).port}`,
    app: async () => {
      const { app } = await import('@azure/functions');
      app.http('who', {
        authLevel: 'anonymous',
        handler: ({ headers }) => ({ body: headers.get('x-ms-client-principal') ?? 'nobody' }),
      });
    },
  });
});
after(async () => {
  feeds.close();
  bridge.closeAllConnections();
  bridge.close();
  await host.stop();
});

const who = async (headers: Record<string, string>) => (await fetch(`${host.url}/who`, { headers })).text();
const signIn = (code: string) => fetch(`${host.url}/.auth/login/aad?code=${code}`, { redirect: 'manual' });

describe('sign-in', () => {
  it('knows by a cookie who came by their link, and tells the app', async () => {
    const answer = await signIn('code-1');
    assert.deepEqual([answer.status, answer.headers.get('location')], [302, '/']);
    const cookie = answer.headers.get('set-cookie')!;
    assert.match(cookie, /; HttpOnly; SameSite=Lax/);
    const principal = JSON.parse(Buffer.from(await who({ cookie: cookie.split(';')[0]! }), 'base64').toString());
    assert.deepEqual(principal.claims, [
      { typ: 'preferred_username', val: 'ann@contoso.example' },
      { typ: 'roles', val: 'viewer' },
    ]);
  });

  it('lets nobody in by another code, a made-up cookie or a header of their own', async () => {
    assert.equal((await signIn('code-2')).status, 401);
    assert.equal(await who({ cookie: 'AppServiceAuthSession=made-up' }), 'nobody');
    assert.equal(await who({ 'x-ms-client-principal': 'forged' }), 'nobody');
  });
});

describe('the live feed', () => {
  it('is served at the address of the functions too, headers and all', async () => {
    const socket = new WebSocket(`${host.url.replace('http', 'ws')}/ws/events/in-1?x=1`, {
      headers: { 'x-functions-key': 'k' },
    });
    const [message] = await once(socket, 'message');
    assert.equal(String(message), '/ws/events/in-1?x=1 k');
    socket.terminate();
  });

  it('is all that is passed on', async () => {
    const socket = new WebSocket(`${host.url.replace('http', 'ws')}/media/acs/in-1/token`);
    const [error] = await once(socket, 'error');
    assert.match(String(error), /404/);
  });
});
