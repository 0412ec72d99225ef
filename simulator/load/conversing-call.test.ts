// Holds a call of the load that talks in turns to what a service would tell of it, and to what it counts.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { ConversingCall } from './conversing-call.ts';
import { Latencies } from './latencies.ts';
import { type FoundFrame, FrameReader, opcodes } from './raw-frames.ts';

const audio = found('x'.repeat(900));
const asked = found('{"type":"response.create"}');

it('asks, waits until the service has heard it, and counts what its caller waited for in a reply', () => {
  const call = new ConversingCall(0, new Latencies());
  const told: string[] = [];
  let pieces = 0;
  const toModel = new FrameReader((frame) => {
    const event = JSON.parse(frame.read().toString()) as { type: string };
    if (event.type === 'response.output_audio.delta') pieces += 1;
    else told.push(event.type);
  });
  let nowMs = 0;
  const pass = (ms: number) => {
    for (const endMs = nowMs + ms; nowMs < endMs; nowMs += 20) {
      call.sendFromCaller(nowMs);
      call.sendFromModel();
    }
  };
  const hearReply = (lateFrame?: number) => {
    for (let i = 0; i < 300; i++) call.hearAtCaller(audio, nowMs + 20 * i + (i === lateFrame ? 30 : 0));
  };
  call.joinCaller(() => {});
  call.joinModel((bytes) => toModel.push(bytes));
  pass(1_500);
  assert.equal(pieces, 24);
  assert.ok(told.includes('response.done'));
  hearReply();

  told.length = 0;
  pass(1_000 + 20 + 2_480);
  assert.deepEqual(told, ['input_audio_buffer.speech_started']);
  pass(20);
  assert.equal(told.at(-1), 'conversation.item.input_audio_transcription.completed');
  call.hearAtModel(asked, nowMs);
  assert.deepEqual([call.toCaller.sent, call.toCaller.received, call.gaps], [300, 300, 0]);

  pass(1_500);
  hearReply(7);
  pass(3_520);
  call.hearAtModel(asked, nowMs);
  assert.deepEqual([call.toCaller.sent, call.toCaller.received, call.gaps], [600, 600, 1]);
  assert.equal(call.toModel.sent, nowMs / 20);
});

function found(payload: string): FoundFrame {
  return { opcode: opcodes.text, bytes: payload.length, read: () => Buffer.from(payload) };
}
