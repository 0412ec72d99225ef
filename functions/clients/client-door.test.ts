// Which requests are taken for those of this machine's own programs, however a host tells what name was asked for.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HttpRequest } from '@azure/functions';
import { createApiDoor } from '../api-door.ts';
import { ClientDoor } from './client-door.ts';

const door = new ClientDoor({
  apiKey: undefined,
  isOnAzure: false,
  hasSignIn: false,
  publicUrl: 'http://localhost:7071',
  corsOrigins: [],
});
const guardHook = createApiDoor({ isOnAzure: false, apiKey: undefined })(async () => ({ status: 200 }));

const table: readonly [url: string, host: string, isServed: boolean][] = [
  ['http://localhost:7071/api/calls', 'localhost:7071', true],
  ['http://localhost:7071/api/calls', '127.0.0.1:7071', true],
  ['http://pages.example:7071/api/calls', 'pages.example:7071', false],
  ['http://localhost:7071/api/calls', 'pages.example:7071', false],
  ['http://pages.example:7071/api/calls', 'localhost:7071', false],
];
describe('a request without a key', () => {
  for (const [url, host, isServed] of table)
    it(`to ${url} with the host ${host} is ${isServed ? 'served' : 'refused'}`, async () => {
      const request = new HttpRequest({ method: 'GET', url, headers: { host } });
      if (isServed) {
        assert.equal(door.admit(request, 'viewer').name, 'this machine');
        assert.deepEqual(await guardHook(request), { status: 200 });
        return;
      }
      assert.throws(() => door.admit(request, 'viewer'), { code: 'FORBIDDEN' });
      await assert.rejects(async () => guardHook(request), { code: 'FORBIDDEN' });
    });
});
