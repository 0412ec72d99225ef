// What the Speech SDK makes of frames that no service should send.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { WebSocketServer } from 'ws';
import { silentLogger } from '../../../shared/logger.ts';
import { pcm16k } from '../../audio/audio-format.ts';
import { type RecognizerEvent, SpeechRecognizer } from './speech-recognizer.ts';

const phrase = '{"Id":"1","RecognitionStatus":"Success","DisplayText":"Hello.","Offset":0,"Duration":10000000}';

describe('SpeechRecognizer', () => {
  it('reads on after an empty text frame', async (t) => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(server, 'listening');
    server.on('connection', (socket) => {
      socket.on('message', (data) => {
        const requestId = /X-RequestId:\s*(\w+)/i.exec(String(data))?.[1];
        if (!/Path:\s*speech\.context/i.test(String(data))) return;
        socket.send('');
        socket.send(
          `Path: speech.phrase\r\nX-RequestId: ${requestId}\r\nContent-Type: application/json\r\n\r\n${phrase}`,
        );
      });
    });
    const { promise: heard, resolve } = Promise.withResolvers<RecognizerEvent>();
    const { port } = server.address() as AddressInfo;
    const recognizer = new SpeechRecognizer({
      access: { endpoint: `ws://127.0.0.1:${port}`, key: 'key' },
      format: pcm16k,
      languages: ['en-US'],
      phrases: [],
      log: silentLogger,
      onEvent: resolve,
    });
    t.after(() => {
      recognizer.close();
      for (const client of server.clients) client.terminate();
      server.close();
    });
    await recognizer.open(new AbortController().signal);
    recognizer.sendAudio(Buffer.alloc(6400));
    assert.deepEqual(await heard, { type: 'final', text: 'Hello.' });
  });
});
