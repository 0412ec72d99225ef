// What is missing in Cosmos DB is named, so that nobody has to guess on the first day.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, describe, it, type TestContext } from 'node:test';
import { type Container, CosmosClient } from '@azure/cosmos';
import { createHttpServer } from '@vercel/cosmosdb-server';
import type { CallId } from '../call/call.ts';
import { newCallState } from '../call/call-state.ts';
import { CosmosCallHistory } from './cosmos-call-history.ts';
import { callsPlan, describeRefusal, findGap } from './cosmos-container.ts';

const key = Buffer.from('a key of the stand-in').toString('base64');
const server = createHttpServer({ keepAlive: true });
let endpoint: string;
let client: CosmosClient;
let databases = 0;
let database: string;
before(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  client = new CosmosClient({ endpoint, key, connectionPolicy: { enableEndpointDiscovery: false } });
});
after(() => {
  client.dispose();
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  database = `parley-${++databases}`;
});

async function open(t: TestContext): Promise<{ history: CosmosCallHistory; container: Container }> {
  const history = new CosmosCallHistory({ endpoint, key, database });
  t.after(() => history.close());
  await history.ping();
  return { history, container: client.database(database).container('calls') };
}
const unavailable = (problem: string) => ({
  code: 'STORE_UNAVAILABLE',
  message: `Cosmos DB is unavailable: ${problem}`,
});

describe('a history in Cosmos DB', () => {
  it('names the container that is not there, also to who writes', async (t) => {
    const { history, container } = await open(t);
    await container.delete();
    await assert.rejects(history.ping(), unavailable(`there is no container calls in the database ${database}`));
  });

  it('blames nobody who writes for a container that is gone', async (t) => {
    let isGone = false;
    const bare = createServer((request, response) => {
      request.resume();
      const isFound = !isGone || request.url === '/' || request.url === '/dbs/d';
      response.writeHead(isFound ? 200 : 404, { 'content-type': 'application/json' });
      response.end(JSON.stringify(isFound ? { id: 'd', _self: 'd', partitionKey: { paths: ['/id'] } } : {}));
    });
    await once(bare.listen(0, '127.0.0.1'), 'listening');
    const { port } = bare.address() as AddressInfo;
    const history = new CosmosCallHistory({ endpoint: `http://127.0.0.1:${port}`, key, database: 'd' });
    t.after(() => {
      bare.closeAllConnections();
      bare.close();
      return history.close();
    });
    await history.find('a' as CallId);
    isGone = true;
    await assert.rejects(
      history.save({ ...newCallState('a' as CallId), version: 1 }),
      unavailable('there is no container calls in the database d'),
    );
  });

  it('names the database that is not there', async (t) => {
    const { history } = await open(t);
    await client.database(database).delete();
    await assert.rejects(history.ping(), unavailable(`there is no database ${database} (COSMOS_DATABASE)`));
  });

  it('names the composite index that a container of somebody else has not', async (t) => {
    const made = await client.databases.create({ id: database });
    await made.database.containers.create({ id: 'calls', partitionKey: { paths: ['/id'] } });
    await assert.rejects(
      open(t),
      unavailable(
        'the container calls has no composite index of /createdAt descending, /id descending, which the list of calls needs',
      ),
    );
  });

  it('names the key that a container of somebody else is partitioned by', () => {
    const partitionKey = { paths: ['/call/callId'] };
    assert.match(
      findGap(callsPlan, { id: 'calls', partitionKey })!,
      /partitioned by \/call\/callId and has to be by \/id$/,
    );
  });
});

describe('a refusal of Cosmos DB', () => {
  const explain = (cause: object, hasKey: boolean) =>
    describeRefusal(cause, { client, database, hasKey, container: 'calls' });

  it('is told as the role that an identity has not, or as what may be wrong with a key', async () => {
    assert.match(await explain({ code: 403 }, false), /^the identity has not the role Cosmos DB Built-in Data Contrib/);
    assert.match(await explain({ code: 403 }, true), /firewall/);
    assert.match(await explain({ code: 401 }, true), /^COSMOS_KEY is not accepted/);
    assert.match(await explain({ code: 401 }, false), /^the identity's token is not accepted/);
  });

  it('of an identity to sign in is told apart from one of Cosmos DB', async () => {
    const refused = Object.assign(new Error('all ways failed'), { name: 'AggregateAuthenticationError' });
    assert.match(await explain(refused, false), /^no identity can sign in here: .* AZURE_CLIENT_ID/);
  });

  it('that is nobody’s setting keeps its code', async () => {
    assert.equal(await explain({ code: 'ECONNREFUSED' }, true), 'the request failed (ECONNREFUSED)');
    assert.equal(await explain({}, true), 'the request failed');
  });
});
