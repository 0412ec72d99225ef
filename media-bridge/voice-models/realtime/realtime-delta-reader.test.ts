// Holds the reader of a reply's audio and words by bytes to the parser: what it takes it reads alike, and it takes what the services write.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { RealtimeDeltaReader } from './realtime-delta-reader.ts';
import { parseRealtimeEvent } from './realtime-messages.ts';

const delta = Buffer.from(Int16Array.from({ length: 60 }, (_, i) => i * 500 - 9_000).buffer).toString('base64');
const write = (type: string, audio = delta) =>
  JSON.stringify({
    type,
    event_id: 'event_1',
    response_id: 'resp_1',
    item_id: 'item_1',
    output_index: 0,
    content_index: 1,
    delta: audio,
  });
const frames = [write('response.output_audio.delta'), write('response.audio.delta')];
const words = [
  write('response.output_audio_transcript.delta', ' two words'),
  write('response.audio_transcript.delta', ''),
  write('response.output_audio_transcript.delta', ' word').replace(/}$/, ',"obfuscation":"aX3"}'),
];

it('reads pieces of audio as the parser does, of both names and of any length', () => {
  const reader = new RealtimeDeltaReader();
  for (const text of [...frames, write('response.audio.delta', Buffer.alloc(12_001, 7).toString('base64')), frames[0]!])
    assert.deepEqual(reader.read(Buffer.from(text), 0, text.length), parseRealtimeEvent(text));
});

it('reads words as the parser does, of both names and with what hides their length', () => {
  const reader = new RealtimeDeltaReader();
  for (const text of words) {
    const event = reader.read(Buffer.from(text), 0, text.length);
    assert.equal(event?.type, 'words');
    assert.deepEqual(event, parseRealtimeEvent(text));
  }
});

it('leaves all other events to the parser', () => {
  const reader = new RealtimeDeltaReader();
  const others = [
    write('response.output_text.delta'),
    write('response.output_audio_transcript.delta', ' caf\u00e9'),
    write('response.output_audio_transcript.delta', ' "quoted"'),
    write('response.output_audio_transcript.delta').replace(/}$/, ',"obfuscation":1}'),
    write('response.output_audio_transcript.delta').replace(/}$/, ',"obfuscation":"a","more":"b"}'),
    write('response.output_audio.delta', ''),
    write('response.output_audio.delta').replace('resp_1', ''),
    write('response.output_audio.delta').replace('item_1', 'item\\u0031'),
    `${frames[0]} `,
  ];
  for (const text of others) assert.equal(reader.read(Buffer.from(text), 0, Buffer.byteLength(text)), undefined, text);
});

it('takes nothing that the parser reads otherwise', () => {
  const reader = new RealtimeDeltaReader();
  let taken = 0;
  for (const text of [...frames, ...words]) {
    for (let at = 0; at < text.length; at++) {
      for (const put of ['"', '\\', '=', '-', '0', 'A', ' ', '}', 'é', '\n', '']) {
        const damaged = text.slice(0, at) + put + text.slice(at + 1);
        const bytes = Buffer.from(damaged);
        const event = reader.read(bytes, 0, bytes.length);
        if (!event) continue;
        taken += 1;
        assert.deepEqual(event, parseRealtimeEvent(damaged), damaged);
      }
    }
  }
  assert.ok(taken > 500, `${taken} of the damaged events were still read`);
});
