// Whom the media token lets in, and whom not.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SignJWT, UnsecuredJWT } from 'jose';
import type { CallId } from './call/call.ts';
import { type MediaTicket, MediaTokens } from './media-token.ts';

const secret = 'a secret of thirty-two characters';
const tokens = new MediaTokens(secret);
const ticket: MediaTicket = {
  callId: 'call-1' as CallId,
  carrier: 'acs',
  direction: 'inbound',
  agent: 'receptionist',
  model: 'gpt-realtime',
};

/** What somebody with the right or a wrong secret may make up. */
function forge(
  claims: Record<string, unknown>,
  { key = secret, audience = 'parley-media', subject = 'call-1', expires = '1h' } = {},
) {
  const token = new SignJWT({ carrier: 'acs', direction: 'inbound', agent: 'receptionist', ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(subject)
    .setAudience(audience)
    .setIssuedAt();
  if (expires !== '') token.setExpirationTime(expires);
  return token.sign(new TextEncoder().encode(key));
}

it('gives the ticket back as it was signed', async () => {
  const startedAt = Date.now();
  const { issuedAt, ...verified } = await tokens.verify(await tokens.sign(ticket));
  assert.deepEqual(verified, ticket);
  assert.ok(issuedAt > startedAt - 1_000 && issuedAt <= Date.now(), String(issuedAt));
});

it('travels in a URL as it is', async () => {
  assert.match(await tokens.sign(ticket), /^[\w.-]+$/);
});

it('lets a call without a model of its own in', async () => {
  const { model, ...plain } = ticket;
  assert.equal(model, 'gpt-realtime');
  const { issuedAt: _, ...verified } = await tokens.verify(await tokens.sign(plain));
  assert.deepEqual(verified, plain);
});

it('is still good after most of a day, and too old after it', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: 1_700_000_000_000 });
  const token = await tokens.sign(ticket);
  t.mock.timers.setTime(1_700_000_000_000 + 23.9 * 3_600_000);
  assert.equal((await tokens.verify(token)).callId, 'call-1');
  t.mock.timers.setTime(1_700_000_000_000 + 24.1 * 3_600_000);
  await assert.rejects(tokens.verify(token), { code: 'UNAUTHENTICATED', message: 'the media token is too old' });
});

describe('it refuses', () => {
  const refused = { code: 'UNAUTHENTICATED', message: 'the media token is not ours' };

  const made: Record<string, () => string | Promise<string>> = {
    'nothing at all': () => '',
    'what is no token': () => 'a.b.c',
    'a token of another secret': () => forge({}, { key: 'another secret of thirty-two chars' }),
    'a token for another audience': () => forge({}, { audience: 'parley-console' }),
    'a token that never ends': () => forge({}, { expires: '' }),
    'a token of no age': () =>
      new SignJWT({ carrier: 'acs', direction: 'inbound', agent: 'receptionist' })
        .setProtectedHeader({ alg: 'HS256' })
        .setSubject('call-1')
        .setAudience('parley-media')
        .setExpirationTime('1h')
        .sign(new TextEncoder().encode(secret)),
    'a token of no call': () => forge({}, { subject: '../../etc' }),
    'an unknown carrier': () => forge({ carrier: 'pigeon' }),
    'an unknown model': () => forge({ model: 'oracle' }),
    'a token without an agent': () => forge({ agent: undefined }),
    'an unsigned token': () =>
      new UnsecuredJWT({ carrier: 'acs', direction: 'inbound', agent: 'receptionist' })
        .setSubject('call-1')
        .setAudience('parley-media')
        .setExpirationTime('1h')
        .encode(),
    'another call under the signature of this one': async () => {
      const [head, , signature] = (await tokens.sign(ticket)).split('.');
      const [, body] = (await tokens.sign({ ...ticket, callId: 'call-2' as CallId })).split('.');
      return `${head}.${body}.${signature}`;
    },
  };
  for (const [what, make] of Object.entries(made))
    it(what, async () => {
      await assert.rejects(tokens.verify(await make()), refused);
    });
});
