// Tests of the media messages: every spelling that working applications send, and the ones that get lost.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { formatAudioData, formatAudioMetadata, formatDtmfData, parseOutbound } from './acs-media-wire.ts';

const pcm = Buffer.from([1, 0, 255, 127]);

it('reads audio in every spelling and lets only kind decide', () => {
  for (const text of [
    '{"kind":"audioData","audioData":{"data":"AQD/fw==","isSilent":false},"stopAudio":{}}',
    '{"kind":"AudioData","audioData":{"data":"AQD/fw=="}}',
    '{"Kind":"AudioData","AudioData":{"Data":"AQD/fw==","Timestamp":"0001-01-01T00:00:00+00:00","Participant":null},"StopAudio":null}',
    '{"kind":"AudioData","AudioData":{"data":"AQD/fw=="},"StopAudio":null}',
  ])
    assert.deepEqual(parseOutbound(text), { kind: 'audio', pcm }, text);
});

it('reads StopAudio in every spelling', () => {
  for (const text of [
    '{"kind":"stopAudio","stopAudio":{}}',
    '{"kind":"StopAudio","stopAudio":{}}',
    '{"Kind":"StopAudio","AudioData":null,"StopAudio":{}}',
  ])
    assert.deepEqual(parseOutbound(text), { kind: 'stop' }, text);
});

it('tells what it does not know from what it cannot read', () => {
  assert.deepEqual(parseOutbound('{"kind":"Mark","mark":{}}'), { kind: 'unknown' });
  for (const text of [
    'not json',
    'null',
    '[]',
    '{"audioData":{"data":"AQD/fw=="}}',
    '{"kind":"AudioData"}',
    '{"kind":"AudioData","audioData":{"data":"*"}}',
    // Three bytes: one sample and a half.
    '{"kind":"AudioData","audioData":{"data":"AQD/"}}',
  ])
    assert.deepEqual(parseOutbound(text), { kind: 'invalid' }, text);
});

it('writes what the service documents', () => {
  assert.equal(
    formatAudioMetadata({ subscriptionId: 's-1', sampleRate: 24000, frameBytes: 960 }, 'documented'),
    '{"kind":"AudioMetadata","audioMetadata":{"subscriptionId":"s-1","encoding":"PCM","sampleRate":24000,"channels":1,"length":960}}',
  );
  const audio = { timestamp: '2026-11-20T17:00:12.925Z', participantRawID: '4:+15550101', pcm, silent: false };
  assert.equal(
    formatAudioData(audio, 'documented'),
    '{"kind":"AudioData","audioData":{"timestamp":"2026-11-20T17:00:12.925Z","participantRawID":"4:+15550101","data":"AQD/fw==","silent":false}}',
  );
  // A mixed stream has no participant.
  assert.doesNotMatch(formatAudioData({ ...audio, participantRawID: undefined }, 'documented'), /participant/);
  assert.equal(formatDtmfData('3', 'documented'), '{"kind":"DtmfData","dtmfData":{"data":"3"}}');
  assert.equal(formatDtmfData('3', 'pascal'), '{"Kind":"DtmfData","DtmfData":{"Data":"3"}}');
});
