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
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
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

const isContext = (data: RawData) => /Path:\s*speech\.context/i.test(String(data));

/** In answer to a message of the SDK. */
function formatMessage(asked: RawData, path: string, body: string): string {
  const requestId = /X-RequestId:\s*(\w+)/i.exec(String(asked))?.[1];
  return `Path: ${path}\r\nX-RequestId: ${requestId}\r\nContent-Type: application/json\r\n\r\n${body}`;
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
        if (!isContext(data)) return;
        socket.send('');
        socket.send(formatMessage(data, 'speech.phrase', phrase));
      });
    });
    recognizer.sendAudio(Buffer.alloc(6400));
    assert.deepEqual(await heard, { type: 'final', text: 'Hello.', agoMs: 200 });
  });

  it('goes on sending where the clock of its machine is set back', async (t) => {
    const { server, port } = await startService(t);
    let sentBytes = 0;
    server.on('connection', (socket) =>
      socket.on('message', (data: Buffer, isBinary) => {
        if (isBinary) sentBytes += data.length;
        else if (isContext(data)) socket.send(formatMessage(data, 'turn.start', '{}'));
      }),
    );
    const machine = virtualTime.machine('bridge');
    t.after(() => virtualTime.forget('bridge'));
    const recognizer = machine.run(() => createRecognizer(port, () => {}));
    t.after(() => recognizer.close());
    await machine.run(() => recognizer.open(new AbortController().signal));
    const speak = async (ms: number) => {
      for (let at = 0; at < ms; at += 20) {
        machine.run(() => recognizer.sendAudio(Buffer.alloc(640)));
        await sleep(20);
      }
    };
    machine.setClockOff(60_000);
    // What it sends first it does not pace.
    await speak(6_000);
    machine.setClockOff(0);
    const before = sentBytes;
    await speak(2_000);
    assert.ok(sentBytes - before > 0.9 * 2_000 * 32, `${sentBytes - before} bytes`);
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
