// Tests of signing in by managed identity, against an identity endpoint as App Service and Container Apps have one.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, it } from 'node:test';
import { AzureCredential } from './azure-credential.ts';

const asked: (string | null)[] = [];
let identity: string | null;
const endpoint = createServer((request, response) => {
  const query = new URL(request.url!, 'http://identity').searchParams;
  const resource = query.get('resource');
  identity = query.get('client_id');
  asked.push(resource);
  const expires_on = Math.floor(Date.now() / 1000) + 86_400;
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ access_token: `token-${asked.length}-${resource}`, expires_on, token_type: 'Bearer' }));
});

before(async () => {
  await once(endpoint.listen(0, '127.0.0.1'), 'listening');
  process.env.IDENTITY_ENDPOINT = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/msi/token`;
  process.env.IDENTITY_HEADER = 'secret of the machine';
});
after(() => {
  endpoint.closeAllConnections();
  endpoint.close();
});

it('gets a token for a scope, and gives it out again while it lasts', async () => {
  const credential = new AzureCredential();
  const { token } = await credential.getToken('https://redis.azure.com/.default');
  assert.equal(token, 'token-1-https://redis.azure.com');
  const getToken = credential.createTokenProvider('https://ai.azure.com/.default');
  assert.equal(await getToken(), 'token-2-https://ai.azure.com');
  assert.equal(await getToken(), 'token-2-https://ai.azure.com');
  assert.deepEqual(asked, ['https://redis.azure.com', 'https://ai.azure.com']);
  assert.equal(identity, null);
});

it('signs in as the user-assigned identity that AZURE_CLIENT_ID names', async (t) => {
  process.env.AZURE_CLIENT_ID = '00000000-0000-4000-8000-000000000001';
  t.after(() => {
    delete process.env.AZURE_CLIENT_ID;
  });
  await new AzureCredential().getToken('https://cosmos.azure.com/.default');
  assert.equal(identity, '00000000-0000-4000-8000-000000000001');
});
