// Tests that our TwiML is what Twilio's own library would write.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import twilio from 'twilio';
import type { CallId } from '../call/call.ts';
import { createDigitsTwiml, createHangUpTwiml, createStreamTwiml, createTransferTwiml } from './twilio-twiml.ts';

const { VoiceResponse } = twilio.twiml;
const publicUrl = 'https://agent.example/base?a=1&b="2"';
const again = '#ct=2000&rt=4500&rc=2&rp=ct,rt,5xx';
const callId = 'call-1' as CallId;
const say = { text: `<Fish & "Chips">\r it's 5 € 😀 ]]>`, language: 'en-GB' } as const;

describe('the TwiML', () => {
  it('of a stream names the hook that follows, and holds the token', () => {
    const theirs = new VoiceResponse();
    theirs.say({ language: say.language }, say.text);
    theirs
      .connect({ action: `${publicUrl}/twilio/stream-ended?callId=call-1${again}`, method: 'POST' })
      .stream({ url: 'wss://bridge.example/ws/media/call-1' })
      .parameter({ name: 'token', value: 'a.b-c_d' });
    const ours = createStreamTwiml({ callId, bridgeUrl: 'wss://bridge.example', publicUrl, token: 'a.b-c_d', say });
    assert.equal(ours, theirs.toString());
  });

  it('refuses a token that Twilio would drop', () => {
    const options = { callId, bridgeUrl: 'wss://bridge.example', publicUrl };
    assert.throws(() => createStreamTwiml({ ...options, token: 't'.repeat(495) }), { code: 'BAD_SETTING' });
    assert.match(createStreamTwiml({ ...options, token: 't'.repeat(494) }), /value="t{494}"/);
  });

  it('of a hang-up may say something first', () => {
    const theirs = new VoiceResponse();
    theirs.hangup();
    assert.equal(createHangUpTwiml(), theirs.toString());
    const spoken = new VoiceResponse();
    spoken.say({ language: say.language }, say.text);
    spoken.hangup();
    assert.equal(createHangUpTwiml(say), spoken.toString());
  });

  it('of a transfer rings the target and follows what becomes of it', () => {
    const theirs = new VoiceResponse();
    const dial = { timeout: 25, callerId: '+15550199', answerOnBridge: true };
    theirs
      .dial({ action: `${publicUrl}/twilio/transfer-ended?callId=${callId}${again}`, method: 'POST', ...dial })
      .number(
        {
          statusCallback: `${publicUrl}/twilio/transfer-status?callId=${callId}${again}`,
          statusCallbackMethod: 'POST',
          statusCallbackEvent: ['initiated', 'answered'],
        },
        '+15550111',
      );
    const { callerId, timeout: ringTimeoutSeconds } = dial;
    assert.equal(
      createTransferTwiml({ publicUrl, callId, target: '+15550111', callerId, ringTimeoutSeconds }),
      theirs.toString(),
    );
  });

  it('of digits plays them and goes back to the agent', () => {
    const theirs = new VoiceResponse();
    theirs.play({ digits: '12W#' });
    theirs.redirect({ method: 'POST' }, `${publicUrl}/twilio/twiml?callId=${callId}${again}`);
    assert.equal(createDigitsTwiml({ publicUrl, callId, digits: '12W#' }), theirs.toString());
  });
});
