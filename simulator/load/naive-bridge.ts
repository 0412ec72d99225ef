// What a first sketch of a bridge looks like, to measure ours beside it: a socket library, JSON and straight lines between samples.
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';

const modelUrl = process.argv[2]!;

/** From sample to sample, and no filter. */
function createLinear(fromHz: number, toHz: number): (pcm: Buffer) => Buffer {
  let last = 0;
  return (pcm) => {
    const input = new Int16Array(pcm.buffer.slice(pcm.byteOffset, pcm.byteOffset + pcm.length));
    const output = new Int16Array((input.length * toHz) / fromHz);
    const step = fromHz / toHz;
    for (let i = 0; i < output.length; i++) {
      const at = i * step;
      const whole = Math.floor(at);
      const before = whole === 0 ? last : input[whole - 1]!;
      output[i] = Math.round(before + (input[whole]! - before) * (at - whole));
    }
    last = input[input.length - 1]!;
    return Buffer.from(output.buffer);
  };
}

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
server.on('connection', (caller) => {
  const model = new WebSocket(modelUrl, { perMessageDeflate: false });
  const toModel = createLinear(16000, 24000);
  const toCaller = createLinear(24000, 16000);
  caller.on('message', (data) => {
    const message = JSON.parse(data.toString());
    if (message.kind !== 'AudioData' || model.readyState !== WebSocket.OPEN) return;
    const audio = toModel(Buffer.from(message.audioData.data, 'base64')).toString('base64');
    model.send(JSON.stringify({ type: 'input_audio_buffer.append', audio }));
  });
  model.on('message', (data) => {
    const event = JSON.parse(data.toString());
    if (event.type === 'session.created') model.send(JSON.stringify({ type: 'session.update', session: {} }));
    if (event.type === 'session.updated') model.send(JSON.stringify({ type: 'response.create' }));
    if (event.type !== 'response.output_audio.delta') return;
    const audio = toCaller(Buffer.from(event.delta, 'base64')).toString('base64');
    caller.send(JSON.stringify({ kind: 'AudioData', audioData: { data: audio } }));
  });
  caller.on('close', () => model.close());
  model.on('close', () => caller.close());
  for (const socket of [caller, model]) socket.on('error', () => {});
});
server.on('listening', () => console.log(`ready http://127.0.0.1:${(server.address() as AddressInfo).port}`));
