// Which requests count as signed by Twilio.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, it } from 'node:test';
import twilio from 'twilio';
import { isSignedByTwilio, parseTwilioForm, type TwilioSignedRequest } from './twilio-signature.ts';

const authToken = '12345';
const form = {
  CallSid: 'CA1234567890ABCDE',
  Caller: '+14158675309',
  Digits: '1234',
  From: '+14158675309',
  To: '+18005551212',
};
/** The signature that twilio-node's own tests expect for this request. */
const known = {
  authToken,
  publicUrl: 'https://mycompany.com',
  path: '/myapp.php?foo=1&bar=2',
  signature: 'RSOYDt4T1cUTdK1PDd93/VVr8B8=',
  form,
};
const sign = (text: string) => createHmac('sha1', authToken).update(text).digest('base64');

describe('isSignedByTwilio', () => {
  it('accepts the known request', () => {
    assert.equal(isSignedByTwilio(known), true);
  });

  it('refuses it with another token, field, path, scheme, or no signature', () => {
    assert.equal(isSignedByTwilio({ ...known, authToken: '12346' }), false);
    assert.equal(isSignedByTwilio({ ...known, form: { ...form, Digits: '1235' } }), false);
    assert.equal(isSignedByTwilio({ ...known, path: '/myapp.php?bar=2&foo=1' }), false);
    assert.equal(isSignedByTwilio({ ...known, publicUrl: 'http://mycompany.com' }), false);
    assert.equal(isSignedByTwilio({ ...known, signature: undefined }), false);
    assert.equal(isSignedByTwilio({ ...known, signature: '' }), false);
  });

  it('refuses what is no address, and a token that is missing', () => {
    assert.equal(isSignedByTwilio({ ...known, publicUrl: 'nowhere' }), false);
    assert.equal(isSignedByTwilio({ ...known, path: '@elsewhere.example/' }), false);
    assert.equal(isSignedByTwilio({ ...known, authToken: undefined as unknown as string }), false);
  });

  it('accepts the socket of a known signature', () => {
    // base64(HMAC-SHA1('example-auth-token', 'wss://bridge.example/ws/media/tw-01')), made with openssl.
    const signature = 'G40TZ4y12ujRvEsdahqCTfFbj7g=';
    const socket = { authToken: 'example-auth-token', publicUrl: 'wss://bridge.example', path: '/ws/media/tw-01' };
    assert.equal(isSignedByTwilio({ ...socket, signature }), true);
    assert.equal(isSignedByTwilio({ ...socket, signature: `${signature}, ${signature}` }), false);
  });

  it('accepts a socket signed with and without the port, over wss only', () => {
    const socket = { authToken, publicUrl: 'wss://bridge.example', path: '/ws/media/c1' };
    assert.equal(isSignedByTwilio({ ...socket, signature: sign('wss://bridge.example/ws/media/c1') }), true);
    assert.equal(isSignedByTwilio({ ...socket, signature: sign('wss://bridge.example:443/ws/media/c1') }), true);
    assert.equal(isSignedByTwilio({ ...socket, signature: sign('https://bridge.example/ws/media/c1') }), false);
    assert.equal(isSignedByTwilio({ ...socket, signature: sign('wss://bridge.example/ws/media/c2') }), false);
  });

  it('believes what the library of Twilio believes', () => {
    const forms: TwilioSignedRequest['form'][] = [
      {},
      form,
      { b: ['2', '1', '2'], a: '', B: 'upper', é: '€', empty: [] },
    ];
    const origins = ['https://h.example', 'https://H.example:8443', 'wss://h.example/base', 'http://127.0.0.1:7071'];
    for (const [given, publicUrl] of forms.flatMap((given) => origins.map((origin) => [given, origin] as const))) {
      const path = '/twilio/status?callId=call-1';
      const signature = twilio.getExpectedTwilioSignature(authToken, publicUrl + path, { ...given });
      assert.equal(isSignedByTwilio({ authToken, publicUrl, path, signature, form: given }), true, publicUrl);
      assert.equal(isSignedByTwilio({ authToken, publicUrl, path: `${path}2`, signature, form: given }), false);
    }
  });

  it('keeps a port and a path of the public URL', () => {
    const local = { authToken, publicUrl: 'http://127.0.0.1:7071/base', path: '/twilio/voice' };
    assert.equal(isSignedByTwilio({ ...local, signature: sign('http://127.0.0.1:7071/base/twilio/voice') }), true);
  });

  it('hashes fields that are empty, repeated or padded with blanks as they came', () => {
    const parsed = parseTwilioForm('Empty=&Name=+Ann+&Part=b&Part=a&Plus=%2B1');
    assert.deepEqual(parsed, { Empty: '', Name: ' Ann ', Part: ['b', 'a'], Plus: '+1' });
    const signature = sign('https://h.example/pEmptyName Ann PartaPartbPlus+1');
    assert.equal(
      isSignedByTwilio({ authToken, publicUrl: 'https://h.example', path: '/p', signature, form: parsed }),
      true,
    );
  });
});
