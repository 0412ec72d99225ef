// Tests of the speech stand-in below the SDK: who gets in, and what it does not understand.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { WebSocket } from 'ws';
import { parseSpeechFrame } from './speech-frames.ts';
import { type SpeechService, startSpeech } from './speech-service.ts';

const recognition = '/stt/speech/universal/v2?language=en-US';
const synthesis = '/tts/cognitiveservices/websocket/v2';
const requestId = '0123456789ABCDEF0123456789ABCDEF';
const frame = (path: string, body: string, type = 'application/json') =>
  `Path: ${path}\r\nX-RequestId: ${requestId}\r\nX-Timestamp: 2026-01-01T00:00:00.000Z\r\nContent-Type: ${type}\r\n\r\n${body}`;

describe('speech service', () => {
  let speech: SpeechService;
  before(async () => {
    const speak = async (text: string) => new Int16Array(text.length * 1600).fill(1000);
    speech = await startSpeech({ key: 'key', phrases: [], speak, firstAudioMs: 0 });
  });
  after(() => speech.stop());

  const connect = (path: string, headers: Record<string, string> = { 'Ocp-Apim-Subscription-Key': 'key' }) =>
    new WebSocket(speech.url + path, { headers });
  async function statusOf(socket: WebSocket): Promise<number> {
    const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode: number }];
    return response.statusCode;
  }

  it('takes the key from a header, from the query, or as a token', async () => {
    for (const socket of [
      connect(recognition),
      connect(`${recognition}&Ocp-Apim-Subscription-Key=key`, {}),
      connect(synthesis, { Authorization: 'Bearer key' }),
    ]) {
      await once(socket, 'open');
      socket.terminate();
    }
  });

  it('refuses a wrong key with 401 and an unknown path with 404', async () => {
    assert.equal(await statusOf(connect(recognition, { 'Ocp-Apim-Subscription-Key': 'no' })), 401);
    assert.equal(await statusOf(connect('/stt/speech/universal/v3')), 404);
  });

  const context = (outputFormat: string) =>
    frame('synthesis.context', JSON.stringify({ synthesis: { audio: { outputFormat, metadataOptions: {} } } }));
  const ssml = (text: string) =>
    frame(
      'ssml',
      `<speak version="1.0" xmlns="http://www.w3.org/2001/10/synthesis" xml:lang="en-US"><voice name="v">${text}</voice></speak>`,
    );
  const misunderstood: [what: string, path: string, frames: (string | Buffer)[]][] = [
    ['text that is no frame', recognition, ['hello']],
    ['a binary frame shorter than it says', recognition, [Buffer.from([255, 255, 0])]],
    ['an unknown path', recognition, [frame('speech.wow', '{}')]],
    ['a context that is not JSON', recognition, [frame('speech.context', '{')]],
    ['audio without a context', recognition, [frame('audio', 'RIFF', 'audio/x-wav')]],
    ['SSML without a context', synthesis, [ssml('Hello.')]],
    ['SSML that is not well formed', synthesis, [context('raw-16khz-16bit-mono-pcm'), ssml('Tom & Jerry')]],
    ['a format it does not have', synthesis, [context('wow')]],
  ];
  for (const [what, path, frames] of misunderstood) {
    it(`closes with 1007 on ${what}`, async () => {
      const socket = connect(path);
      await once(socket, 'open');
      for (const data of frames) socket.send(data);
      assert.equal((await once(socket, 'close'))[0], 1007);
    });
  }

  it('is mute when told to, and half open when told to: then not even a ping is answered', async () => {
    const config = frame('speech.config', '{}');
    for (const health of ['mute', 'dead'] as const) {
      speech.faults.synthesis = health;
      const socket = connect(synthesis);
      await once(socket, 'open');
      let heard = 0;
      socket.on('message', () => heard++);
      socket.on('pong', () => heard++);
      socket.send(config);
      if (health === 'mute') {
        socket.ping();
        await once(socket, 'pong');
        heard--;
      }
      for (const data of [context('raw-16khz-16bit-mono-pcm'), ssml('Hello.')]) socket.send(data);
      socket.ping();
      await new Promise((resolve) => setTimeout(resolve, 50));
      assert.equal(heard, health === 'mute' ? 1 : 0);
      speech.faults.synthesis = 'well';
      socket.terminate();
    }
  });

  it('lets its voice trickle', async () => {
    speech.faults.trickle = { pieceMs: 100, everyMs: 30 };
    const socket = connect(synthesis);
    await once(socket, 'open');
    const startedMs = performance.now();
    const sizes: number[] = [];
    const ended = new Promise<void>((resolve) => {
      socket.on('message', (data, isBinary) => {
        const { path, body } = parseSpeechFrame(data as Buffer, isBinary);
        if (path === 'audio') sizes.push(body.length);
        if (path === 'turn.end') resolve();
      });
    });
    socket.send(context('raw-16khz-16bit-mono-pcm'));
    socket.send(ssml('Hell'));
    await ended;
    socket.terminate();
    speech.faults.trickle = undefined;
    assert.deepEqual(sizes, [3200, 3200, 3200, 3200]);
    assert.ok(performance.now() - startedMs >= 89);
  });

  it('speaks a stream of text pieces and tells the times of its words', async () => {
    const socket = connect(synthesis);
    await once(socket, 'open');
    const input = { bidirectionalStreamingMode: true, voiceName: 'v' };
    const audio = { outputFormat: 'raw-8khz-8bit-mono-mulaw', metadataOptions: { wordBoundaryEnabled: true } };
    const paths: string[] = [];
    let bytes = 0;
    const ended = new Promise<void>((resolve) => {
      socket.on('message', (data, isBinary) => {
        const { path, body } = parseSpeechFrame(data as Buffer, isBinary);
        if (path === 'audio') bytes += body.length;
        if (path !== paths.at(-1)) paths.push(path);
        if (path === 'turn.end') resolve();
      });
    });
    socket.send(frame('synthesis.context', JSON.stringify({ synthesis: { audio, input } })));
    socket.send(frame('text.piece', 'Hello ', 'text/plain'));
    socket.send(frame('text.piece', 'you', 'text/plain'));
    socket.send(frame('text.end', '', 'text/plain'));
    await ended;
    socket.terminate();
    assert.equal(speech.spoken.at(-1), 'Hello you');
    assert.deepEqual(paths, ['turn.start', 'response', 'audio.metadata', 'audio', 'turn.end']);
    assert.equal(bytes, 'Hello you'.length * 800);
  });
});
