// Which tokens are taken for those of ACS.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, describe, it } from 'node:test';
import { exportJWK, type GenerateKeyPairResult, generateKeyPair, SignJWT } from 'jose';
import { AppError } from '../errors.ts';
import { AcsTokenVerifier, findAcsOpenIdUrl, publicAcsOpenIdUrl } from './acs-token-verifier.ts';

const issuer = 'https://acscallautomation.communication.azure.com';
const resourceId = '00000000-0000-4000-8000-0000000000ac';

const asked: string[] = [];
let fails: 'configuration' | 'keys' | undefined;
let openIdUrl: string;
let keys: GenerateKeyPairResult;
let stop: () => void;

before(async () => {
  keys = await generateKeyPair('RS256', { extractable: true });
  const key = { ...(await exportJWK(keys.publicKey)), kid: 'key-1', alg: 'RS256', use: 'sig' };
  const server = createServer((request, response) => {
    const what = request.url === '/keys' ? 'keys' : 'configuration';
    asked.push(what);
    const body = what === 'keys' ? { keys: [key] } : { issuer, jwks_uri: `${base}/keys` };
    response.writeHead(what === fails ? 503 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  openIdUrl = `${base}/openid`;
  stop = () => {
    server.closeAllConnections();
    server.close();
  };
});
after(() => stop());
beforeEach(() => {
  asked.length = 0;
  fails = undefined;
});

interface Change {
  readonly audience?: string | string[];
  readonly issuer?: string;
  readonly expires?: string | number;
  readonly key?: GenerateKeyPairResult['privateKey'];
}

const sign = async (change: Change = {}) =>
  `Bearer ${await new SignJWT({})
    .setProtectedHeader({ alg: 'RS256', kid: 'key-1' })
    .setIssuer(change.issuer ?? issuer)
    .setAudience(change.audience ?? resourceId)
    .setExpirationTime(change.expires ?? '5m')
    .sign(change.key ?? keys.privateKey)}`;

const rejects = (verifying: Promise<unknown>, code: string) =>
  assert.rejects(verifying, (error) => error instanceof AppError && error.code === code);
const secondsAgo = (seconds: number) => Math.floor(Date.now() / 1000) - seconds;

describe('AcsTokenVerifier', () => {
  it('takes what ACS signed for this resource, and asks for the keys once', async () => {
    const tokens = new AcsTokenVerifier({ openIdUrl, resourceId });
    assert.equal((await tokens.verify(await sign())).iss, issuer);
    await tokens.verify((await sign()).replace('Bearer', 'bearer'));
    assert.deepEqual(asked, ['configuration', 'keys']);
  });

  it('knows its resource in capitals too, and among several', async () => {
    const audience = resourceId.toUpperCase();
    await new AcsTokenVerifier({ openIdUrl, resourceId }).verify(await sign({ audience }));
    await new AcsTokenVerifier({ openIdUrl, resourceId: audience }).verify(await sign());
    await new AcsTokenVerifier({ openIdUrl, resourceId }).verify(await sign({ audience: ['somebody', resourceId] }));
  });

  it('takes no other token', async () => {
    const tokens = new AcsTokenVerifier({ openIdUrl, resourceId });
    const { privateKey } = await generateKeyPair('RS256');
    for (const change of [
      { audience: '00000000-0000-4000-8000-000000000000' },
      { audience: [] },
      { issuer: 'https://example.com' },
      { expires: secondsAgo(330) },
      { key: privateKey },
    ]) {
      await rejects(tokens.verify(await sign(change)), 'UNAUTHENTICATED');
    }
    const [header, payload] = (await sign()).replace('Bearer ', '').split('.');
    const unsigned = Buffer.from('{"alg":"none"}').toString('base64url');
    for (const token of [undefined, null, '', 'Basic abc', 'Bearer ', 'Bearer x.y.z', `Bearer ${header}.${payload}.`]) {
      await rejects(tokens.verify(token), 'UNAUTHENTICATED');
    }
    await rejects(tokens.verify(`Bearer ${unsigned}.${payload}.`), 'UNAUTHENTICATED');
  });

  it('takes no token signed with the public key as a secret', async () => {
    const { n } = await exportJWK(keys.publicKey);
    const token = await new SignJWT({})
      .setProtectedHeader({ alg: 'HS256', kid: 'key-1' })
      .setIssuer(issuer)
      .setAudience(resourceId)
      .setExpirationTime('5m')
      .sign(Buffer.from(n!, 'base64url'));
    await rejects(new AcsTokenVerifier({ openIdUrl, resourceId }).verify(`Bearer ${token}`), 'UNAUTHENTICATED');
  });

  it('forgives clocks that differ by a minute', async () => {
    await new AcsTokenVerifier({ openIdUrl, resourceId }).verify(await sign({ expires: secondsAgo(60) }));
  });

  it('checks the audience only where the resource is known', async () => {
    await new AcsTokenVerifier({ openIdUrl }).verify(await sign({ audience: 'somebody' }));
  });

  it('says that the carrier is away when its keys cannot be had, and tries again with the next token', async () => {
    const tokens = new AcsTokenVerifier({ openIdUrl, resourceId });
    fails = 'configuration';
    await rejects(tokens.verify(await sign()), 'CARRIER_UNAVAILABLE');
    fails = 'keys';
    await rejects(tokens.verify(await sign()), 'CARRIER_UNAVAILABLE');
    fails = undefined;
    await tokens.verify(await sign());
    await rejects(
      new AcsTokenVerifier({ openIdUrl: 'http://127.0.0.1:9/', resourceId }).verify(await sign()),
      'CARRIER_UNAVAILABLE',
    );
  });
});

describe('findAcsOpenIdUrl', () => {
  it('is the public one, unless it is given or ACS is on this machine', () => {
    assert.equal(findAcsOpenIdUrl(undefined, 'https://example.communication.azure.com'), publicAcsOpenIdUrl);
    assert.equal(findAcsOpenIdUrl(undefined, undefined), publicAcsOpenIdUrl);
    assert.equal(
      findAcsOpenIdUrl(undefined, 'http://127.0.0.1:7'),
      'http://127.0.0.1:7/calling/.well-known/acsopenidconfiguration',
    );
    assert.equal(findAcsOpenIdUrl('https://keys.example', 'http://127.0.0.1:7'), 'https://keys.example');
  });
});
