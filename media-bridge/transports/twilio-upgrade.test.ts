// Which WebSocket upgrades are let in as Twilio's.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { isTwilioUpgradeAllowed } from './twilio-upgrade.ts';

/** base64(HMAC-SHA1('example-auth-token', 'wss://bridge.example/ws/media/tw-01')), made with openssl. */
const upgrade = {
  authToken: 'example-auth-token',
  bridgeUrl: 'wss://bridge.example',
  path: '/ws/media/tw-01',
  signature: 'G40TZ4y12ujRvEsdahqCTfFbj7g=',
};

it('lets in what Twilio signed over the public wss URL, and nothing else', () => {
  assert.equal(isTwilioUpgradeAllowed(upgrade), true);
  assert.equal(isTwilioUpgradeAllowed({ ...upgrade, path: '/ws/media/tw-02' }), false);
  assert.equal(isTwilioUpgradeAllowed({ ...upgrade, bridgeUrl: 'https://bridge.example' }), false);
  assert.equal(isTwilioUpgradeAllowed({ ...upgrade, signature: undefined }), false);
  assert.equal(isTwilioUpgradeAllowed({ ...upgrade, signature: [upgrade.signature, upgrade.signature] }), false);
});
