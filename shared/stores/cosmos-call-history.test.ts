// The history in Cosmos DB, against a stand-in server: its contract, and what happens when the service fails.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, describe, it } from 'node:test';
import { createHttpServer } from '@vercel/cosmosdb-server';
import type { CallId } from '../call/call.ts';
import { newCallState } from '../call/call-state.ts';
import { testCallHistory } from './call-history.contract.ts';
import { testCallerMemory } from './caller-memory.contract.ts';
import { CosmosCallHistory } from './cosmos-call-history.ts';
import { CosmosCallerMemory } from './cosmos-caller-memory.ts';

const key = Buffer.from('a key of the stand-in').toString('base64');

async function listenOn(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function stop(server: Server): void {
  server.closeAllConnections();
  server.close();
}

describe('CosmosCallHistory', async () => {
  const server = createHttpServer({ keepAlive: true });
  const endpoint = await listenOn(server);
  after(() => stop(server));
  let databases = 0;
  const newDatabase = () => `parley-${++databases}`;

  testCallHistory(async (t) => {
    const history = new CosmosCallHistory({ endpoint, key, database: newDatabase() });
    t.after(() => history.close());
    return history;
  });

  describe('and the callers beside it', () => {
    testCallerMemory(async (t) => {
      const memory = new CosmosCallerMemory({ endpoint, key, database: newDatabase() });
      t.after(() => memory.close());
      return memory;
    });
  });

  it('is opened by processes that start together and find nothing there', async (t) => {
    const database = newDatabase();
    const open = () => new CosmosCallHistory({ endpoint, key, database });
    const opened = Array.from({ length: 8 }, open);
    t.after(() => Promise.all(opened.map((history) => history.close())));
    await Promise.all(opened.map((history) => history.ping()));
  });

  it('finds what another process saved', async () => {
    const database = newDatabase();
    const one = new CosmosCallHistory({ endpoint, key, database });
    const two = new CosmosCallHistory({ endpoint, key, database });
    const call = { ...newCallState('a' as CallId), version: 1 };
    await one.save(call);
    assert.deepEqual(await two.find(call.callId), call);
    await two.save({ ...call, version: 2 });
    await one.save(call);
    assert.equal((await one.find(call.callId))?.version, 2);
    await one.close();
    await two.close();
  });
});

it('is unavailable, without telling the document, when Cosmos DB refuses', async (t) => {
  const refusing = createServer((_request, response) => {
    response.writeHead(403, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ code: 'Forbidden', message: 'Blocked by your firewall: +15550100' }));
  });
  const endpoint = await listenOn(refusing);
  t.after(() => stop(refusing));
  const history = new CosmosCallHistory({ endpoint, key, database: 'd' });
  t.after(() => history.close());
  await assert.rejects(history.ping(), {
    code: 'STORE_UNAVAILABLE',
    message: "Cosmos DB is unavailable: the account's firewall keeps us out, or its keys may not do this (403)",
  });
});

it('never sends a token over plain http', () => {
  assert.throws(() => new CosmosCallHistory({ endpoint: 'http://127.0.0.1:9', database: 'd' }), {
    code: 'BAD_SETTING',
    message: /COSMOS_KEY/,
  });
});

it('finds a Cosmos DB that comes later', async (t) => {
  const server = createHttpServer({ keepAlive: true });
  const endpoint = await listenOn(server);
  const { port } = server.address() as AddressInfo;
  stop(server);
  const history = new CosmosCallHistory({ endpoint, key, database: 'd' });
  t.after(() => history.close());
  const call = { ...newCallState('a' as CallId), version: 1 };
  await assert.rejects(history.save(call), { code: 'STORE_UNAVAILABLE', message: /ECONNREFUSED/ });
  const later = createHttpServer({ keepAlive: true });
  later.listen(port, '127.0.0.1');
  await once(later, 'listening');
  t.after(() => stop(later));
  await history.save(call);
  assert.deepEqual(await history.find(call.callId), call);
});

it('gives up on somebody who keeps writing the same call', async (t) => {
  // Every look finds an old version, every write comes too late.
  let writes = 0;
  const busy = createServer((request, response) => {
    const answer = (status: number, body: object) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    request.resume();
    if (request.method === 'PUT') {
      writes++;
      return answer(412, { code: 'PreconditionFailed' });
    }
    if (request.url?.includes('/docs/'))
      return answer(200, { id: 'a', version: 1, _etag: '"1"', call: newCallState('a' as CallId) });
    answer(200, { id: 'x', _self: 'x', partitionKey: { paths: ['/id'] } });
  });
  const endpoint = await listenOn(busy);
  t.after(() => stop(busy));
  const history = new CosmosCallHistory({ endpoint, key, database: 'd' });
  await assert.rejects(history.save({ ...newCallState('a' as CallId), version: 2 }), { code: 'STORE_UNAVAILABLE' });
  assert.equal(writes, 5);
  await history.close();
});
