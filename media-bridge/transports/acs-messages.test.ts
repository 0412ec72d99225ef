// The messages of ACS media streaming, in all the spellings seen.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { acsAudio, formatAcsStopAudio, parseAcsMessage } from './acs-messages.ts';

const frame = Buffer.from([1, 0, 2, 0]);

describe('parseAcsMessage', () => {
  it('reads the first message', () => {
    const text =
      '{"kind":"AudioMetadata","audioMetadata":{"subscriptionId":"6d0f2a3e-0000-4000-8000-000000000001","encoding":"PCM","sampleRate":16000,"channels":1,"length":640}}';
    assert.deepEqual(parseAcsMessage(text), { type: 'metadata', encoding: 'PCM', sampleRateHz: 16000, channels: 1 });
  });

  it('takes a stream for mono when it does not say', () => {
    const text = '{"kind":"AudioMetadata","audioMetadata":{"encoding":"PCM","sampleRate":24000}}';
    assert.deepEqual(parseAcsMessage(text), { type: 'metadata', encoding: 'PCM', sampleRateHz: 24000, channels: 1 });
  });

  it('reads audio, with and without a participant', () => {
    assert.deepEqual(
      parseAcsMessage(
        '{"kind":"AudioData","audioData":{"timestamp":"2026-11-20T09:00:00.020Z","participantRawID":"4:+15550100","data":"AQACAA==","silent":false}}',
      ),
      { type: 'audio', audio: frame, silent: false, participant: '4:+15550100' },
    );
    assert.deepEqual(
      parseAcsMessage('{"kind":"AudioData","audioData":{"participantRawID":null,"data":"AQACAA==","silent":true}}'),
      { type: 'audio', audio: frame, silent: true, participant: undefined },
    );
  });

  it('reads every casing of kinds and fields', () => {
    for (const text of [
      '{"Kind":"AudioData","AudioData":{"Timestamp":"2026-11-20T09:00:00.020Z","ParticipantRawID":"4:+15550100","Data":"AQACAA==","Silent":true}}',
      '{"kind":"audioData","audioData":{"participantRawId":"4:+15550100","data":"AQACAA==","silent":true}}',
      '{"KIND":"AUDIODATA","AUDIODATA":{"PARTICIPANTRAWID":"4:+15550100","DATA":"AQACAA==","SILENT":true}}',
    ]) {
      assert.deepEqual(parseAcsMessage(text), {
        type: 'audio',
        audio: frame,
        silent: true,
        participant: '4:+15550100',
      });
    }
  });

  it('decides by the kind, not by what else is in the message', () => {
    const text = '{"kind":"audioData","audioData":{"data":"AQACAA==","isSilent":false},"stopAudio":{}}';
    assert.equal(parseAcsMessage(text).type, 'audio');
  });

  it('reads keys', () => {
    for (const digit of ['0', '9', '*', '#', 'A']) {
      const text = JSON.stringify({ kind: 'DtmfData', dtmfData: { data: digit } });
      assert.deepEqual(parseAcsMessage(text), { type: 'dtmf', digit });
    }
    assert.deepEqual(parseAcsMessage('{"Kind":"DtmfData","DtmfData":{"Data":"3"}}'), { type: 'dtmf', digit: '3' });
  });

  it('names a kind that it does not know', () => {
    const text = '{"kind":"TranscriptionData","transcriptionData":{}}';
    assert.deepEqual(parseAcsMessage(text), { type: 'unknown', kind: 'TranscriptionData' });
  });

  it('tells malformed messages, whatever they hold', () => {
    for (const text of [
      '',
      '{',
      'null',
      '[]',
      '7',
      '{}',
      '{"kind":7}',
      '{"kind":"AudioData"}',
      '{"kind":"AudioData","audioData":null}',
      '{"kind":"AudioData","audioData":{"data":7}}',
      '{"kind":"AudioData","audioData":{"data":"not base64!"}}',
      '{"kind":"AudioData","audioData":{"data":"AQAC"}}',
      '{"kind":"AudioMetadata","audioMetadata":{"encoding":"PCM","sampleRate":"16000"}}',
      '{"kind":"DtmfData","dtmfData":{"data":"33"}}',
      '{"kind":"DtmfData","dtmfData":{"__proto__":{"data":"3"}}}',
    ]) {
      assert.deepEqual(parseAcsMessage(text), { type: 'malformed' }, text);
    }
  });
});

describe('what goes to ACS', () => {
  it('is audio in base64', () => {
    assert.equal(
      `${acsAudio.before}${frame.toString('base64')}${acsAudio.after}`,
      '{"kind":"AudioData","audioData":{"data":"AQACAA=="}}',
    );
  });

  it('is the order to stop', () => {
    assert.equal(formatAcsStopAudio(), '{"kind":"StopAudio","stopAudio":{}}');
  });
});
