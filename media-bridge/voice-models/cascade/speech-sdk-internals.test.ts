// Holds the version of the Speech SDK that is installed to what we take of its private parts.
import '../../../simulator/virtual-time/install.ts';

import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { MessageType } from 'microsoft-cognitiveservices-speech-sdk/distrib/lib/src/common/ConnectionMessage.js';
import { RawWebsocketMessage } from 'microsoft-cognitiveservices-speech-sdk/distrib/lib/src/common/RawWebsocketMessage.js';
import { type WebSocket, WebSocketServer } from 'ws';
import { silentLogger } from '../../../shared/logger.ts';
import { virtualTime } from '../../../simulator/virtual-time/install.ts';
import { pcm16k } from '../../audio/audio-format.ts';
import { type RecognizerEvent, SpeechRecognizer } from './speech-recognizer.ts';

const phrase = '{"Id":"1","RecognitionStatus":"Success","DisplayText":"Hello.","Offset":0,"Duration":10000000}';

/** A recognizer and the service that it is connected to. */
async function connect(t: TestContext, onConnection: (socket: WebSocket) => void) {
  const { server, port } = await startService(t);
  const requested = once(server, 'connection') as Promise<[WebSocket, IncomingMessage]>;
  server.on('connection', onConnection);
  const { promise: heard, resolve } = Promise.withResolvers<RecognizerEvent>();
  const recognizer = createRecognizer(port, resolve);
  t.after(() => recognizer.close());
  await recognizer.open(new AbortController().signal);
  const [, request] = await requested;
  return { recognizer, request, heard };
}

async function startService(t: TestContext) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  t.after(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  return { server, port: (server.address() as AddressInfo).port };
}

function createRecognizer(port: number, onEvent: (event: RecognizerEvent) => void) {
  return new SpeechRecognizer({
    access: { endpoint: `ws://127.0.0.1:${port}`, key: 'the-key' },
    format: pcm16k,
    languages: ['en-US'],
    phrases: [],
    log: silentLogger,
    onEvent,
  });
}

describe('the Speech SDK', () => {
  it('tells its key in a header, and not in the URL', async (t) => {
    const { request } = await connect(t, () => {});
    assert.equal(request.headers['ocp-apim-subscription-key'], 'the-key');
    assert.doesNotMatch(request.url!, /the-key/);
  });

  it('reads on after an empty text frame', async (t) => {
    const { recognizer, heard } = await connect(t, (socket) => {
      socket.on('message', (data) => {
        const requestId = /X-RequestId:\s*(\w+)/i.exec(String(data))?.[1];
        if (!/Path:\s*speech\.context/i.test(String(data))) return;
        const headers = `Path: speech.phrase\r\nX-RequestId: ${requestId}\r\nContent-Type: application/json`;
        socket.send('');
        socket.send(`${headers}\r\n\r\n${phrase}`);
      });
    });
    recognizer.sendAudio(Buffer.alloc(6400));
    assert.deepEqual(await heard, { type: 'final', text: 'Hello.', agoMs: 200 });
  });

  it('is kept by no connection whose end nobody told', async (t) => {
    const { port } = await startService(t);
    const open = async () => {
      const machine = virtualTime.machine('bridge');
      const recognizer = machine.run(() => createRecognizer(port, () => {}));
      await machine.run(() => recognizer.open(new AbortController().signal));
      machine.kill();
      virtualTime.forget('bridge');
      return new WeakRef(recognizer);
    };
    const lost = await open();
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    // What the first collection frees may have held something until then.
    for (let n = 0; n < 2; n++) {
      await sleep(1_000);
      collect();
    }
    assert.equal(lost.deref(), undefined);
  });

  it('would still throw on an empty text frame: when it does not, nothing has to be kept from it', () => {
    assert.throws(() => new RawWebsocketMessage(MessageType.Text, ''));
  });
});
