// Tests signing in to a real Redis by tokens: who we are there, a token that ends on a live connection, and one that is refused.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startRedisServer } from '../../simulator/redis-server.ts';
import { silentLogger } from '../logger.ts';
import { RedisConnection } from './redis-connection.ts';
import { createEntraCredentials, wantsToken } from './redis-credentials.ts';
import { until } from './testing/patience.ts';
import { openAdmin, startOwnRedis } from './testing/redis-lab.ts';

const oid = '11111111-2222-3333-4444-555555555555';
const probe = await startRedisServer();
await probe?.stop();
const skip = probe ? false : 'redis-server is not installed';

const createToken = (claims: object) =>
  `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.`;

/** Each token another one, each good for `lifeMs`. */
function createCredential(lifeMs: number, claims: object = { oid }) {
  const scopes: unknown[] = [];
  return {
    scopes,
    getToken: async (scope: unknown) => {
      scopes.push(scope);
      return { token: createToken({ ...claims, jti: scopes.length }), expiresOnTimestamp: Date.now() + lifeMs };
    },
  };
}

describe('signing in to Redis by token', { skip, timeout: 30_000 }, () => {
  it('is done as the object that the token names, and again on the same connections before it ends', async (t) => {
    const { url } = await startOwnRedis(t);
    const admin = await openAdmin(t, url);
    const tokens = [1, 2, 3, 4, 5, 6, 7, 8].map((jti) => `>${createToken({ oid, jti })}`);
    await admin.sendCommand(['ACL', 'SETUSER', oid, 'on', ...tokens, '~*', '&*', '+@all']);
    const credential = createCredential(600);
    const credentials = createEntraCredentials(credential, silentLogger);
    const redis = new RedisConnection(url, { name: 'test', log: silentLogger, credentials });
    t.after(() => redis.close());
    const subscriber = redis.openSubscriber();
    t.after(() => subscriber.destroy());
    await until('the subscriber is ready', () => subscriber.isReady);
    await redis.run((client) => client.ping());
    const findOurs = async () => {
      const clients = (await admin.clientList()).filter(({ name }) => name === 'test');
      return clients.map(({ id, user }) => ({ id, user }));
    };
    const ours = await findOurs();
    assert.deepEqual(
      ours.map(({ user }) => user),
      [oid, oid],
    );
    await until('six tokens were asked for', () => credential.scopes.length >= 6);
    assert.deepEqual(await findOurs(), ours);
    await redis.run((client) => client.ping());
    assert.deepEqual(new Set(credential.scopes), new Set(['https://redis.azure.com/.default']));
  });

  it('is told as a refusal where Redis does not know the object', async (t) => {
    const { url } = await startOwnRedis(t);
    const credentials = createEntraCredentials(createCredential(60_000), silentLogger);
    const redis = new RedisConnection(url, { name: 'test', log: silentLogger, credentials });
    t.after(() => redis.close());
    await assert.rejects(
      redis.run((client) => client.ping()),
      { code: 'STORE_UNAVAILABLE', message: /refuses the user or password/ },
    );
  });

  it('is tried again until there is a token', async (t) => {
    const { url } = await startOwnRedis(t);
    const admin = await openAdmin(t, url);
    await admin.sendCommand(['ACL', 'SETUSER', oid, 'on', 'nopass', '~*', '&*', '+@all']);
    const credential = createCredential(60_000);
    let refusals = 2;
    const getToken = async (scope: unknown) => {
      if (refusals-- > 0) throw new Error('the identity is not there yet');
      return credential.getToken(scope);
    };
    const credentials = createEntraCredentials({ getToken }, silentLogger);
    const redis = new RedisConnection(url, { name: 'test', log: silentLogger, credentials });
    t.after(() => redis.close());
    const isWell = () =>
      redis
        .run((client) => client.ping())
        .then(
          () => true,
          () => false,
        );
    assert.equal(await isWell(), false);
    await until('it is well', isWell);
  });

  it('is told as what it is where there is no token, or none that says whose it is', async (t) => {
    const { url } = await startOwnRedis(t);
    const failing = { getToken: () => Promise.reject(new Error('no identity here')) };
    for (const credential of [failing, createCredential(60_000, {})]) {
      const credentials = createEntraCredentials(credential, silentLogger);
      const redis = new RedisConnection(url, { name: 'test', log: silentLogger, credentials });
      t.after(() => redis.close());
      await assert.rejects(
        redis.run((client) => client.ping()),
        { code: 'STORE_UNAVAILABLE' },
      );
    }
  });
});

it('is wanted by an encrypted address without a password alone', () => {
  assert.equal(wantsToken('rediss://parley.swedencentral.redis.azure.net:10000'), true);
  assert.equal(wantsToken('rediss://:secret@parley.example:10000'), false);
  assert.equal(wantsToken('redis://127.0.0.1:6379'), false);
});
