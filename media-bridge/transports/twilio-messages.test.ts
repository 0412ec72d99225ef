// How messages of a Twilio media stream are read and written.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatTwilioClear, formatTwilioMark, parseTwilioMessage, twilioMedia } from './twilio-messages.ts';

describe('parseTwilioMessage', () => {
  it('reads the start of a stream with its parameters', () => {
    const text =
      '{"event":"start","sequenceNumber":"1","start":{"accountSid":"AC01","streamSid":"MZ01","callSid":"CA01","tracks":["inbound"],"mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1},"customParameters":{"token":"abc"}},"streamSid":"MZ01"}';
    assert.deepEqual(parseTwilioMessage(text), {
      type: 'start',
      streamSid: 'MZ01',
      accountSid: 'AC01',
      callSid: 'CA01',
      mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 },
      parameters: { token: 'abc' },
    });
  });

  it('reads audio whose numbers are strings', () => {
    const text =
      '{"event":"media","sequenceNumber":"2","media":{"track":"inbound","chunk":"1","timestamp":"60","payload":"//8="},"streamSid":"MZ01"}';
    assert.deepEqual(parseTwilioMessage(text), {
      type: 'media',
      track: 'inbound',
      timestampMs: 60,
      audio: Buffer.from([0xff, 0xff]),
    });
  });

  it('reads marks, keys, the stop and the first greeting', () => {
    assert.deepEqual(
      parseTwilioMessage('{"event":"mark","sequenceNumber":"4","streamSid":"MZ01","mark":{"name":"g1:800"}}'),
      { type: 'mark', name: 'g1:800' },
    );
    assert.deepEqual(
      parseTwilioMessage(
        '{"event":"dtmf","streamSid":"MZ01","sequenceNumber":"5","dtmf":{"track":"inbound_track","digit":"#"}}',
      ),
      { type: 'dtmf', digit: '#' },
    );
    assert.deepEqual(
      parseTwilioMessage('{"event":"stop","sequenceNumber":"9","stop":{"callSid":"CA01"},"streamSid":"MZ01"}'),
      { type: 'stop' },
    );
    assert.deepEqual(parseTwilioMessage('{"event":"connected","protocol":"Call","version":"1.0.0"}'), {
      type: 'connected',
    });
  });

  it('calls foreign what names another stream, whatever it is', () => {
    for (const event of ['media', 'mark', 'dtmf', 'stop', 'start', 'weather']) {
      const text = JSON.stringify({ event, streamSid: 'MZ02' });
      assert.deepEqual(parseTwilioMessage(text, 'MZ01'), { type: 'foreign' }, event);
    }
    assert.deepEqual(parseTwilioMessage('{"event":"stop","streamSid":"MZ01"}', 'MZ01'), { type: 'stop' });
    assert.deepEqual(parseTwilioMessage('{"event":"stop"}', 'MZ01'), { type: 'stop' });
  });

  it('tolerates an event that it does not know', () => {
    assert.deepEqual(parseTwilioMessage('{"event":"weather","rain":true}'), { type: 'unknown', event: 'weather' });
  });

  for (const text of [
    '',
    'not json',
    'null',
    '[]',
    '{"event":7}',
    '{"event":"media"}',
    '{"event":"media","media":{"timestamp":"soon","payload":"//8="}}',
    '{"event":"media","media":{"timestamp":"60","payload":"%%%"}}',
    '{"event":"mark"}',
    '{"event":"dtmf","dtmf":{"digit":"12"}}',
    '{"event":"start","start":{}}',
    '{"event":"start","streamSid":"Robin Doe","start":{"accountSid":"AC01","callSid":"CA01","mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1}}}',
    '{"event":"start","streamSid":"MZ01","start":{"streamSid":"MZ02","accountSid":"AC01","callSid":"CA01","mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1}}}',
  ]) {
    it(`calls ${text || 'an empty text'} malformed`, () => {
      assert.deepEqual(parseTwilioMessage(text), { type: 'malformed' });
    });
  }
});

describe('the messages to Twilio', () => {
  it('hold the stream, and nothing that Twilio would warn about', () => {
    assert.equal(
      `${twilioMedia('MZ01').before}AP8=${twilioMedia('MZ01').after}`,
      '{"event":"media","streamSid":"MZ01","media":{"payload":"AP8="}}',
    );
    assert.equal(formatTwilioMark('MZ01', 'g1:160'), '{"event":"mark","streamSid":"MZ01","mark":{"name":"g1:160"}}');
    assert.equal(formatTwilioClear('MZ01'), '{"event":"clear","streamSid":"MZ01"}');
  });
});
