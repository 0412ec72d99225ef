// Two thousand connections of strangers beside ten calls: every caller is let in, heard and answered, and nothing is left of the strangers.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { after, before, it } from 'node:test';
import { patientEndOfSpeechMs as endOfSpeechMs } from '../caller/agent-ear.ts';
import type { World } from '../world/world.ts';
import { poll } from './carrier-leg.ts';
import { ringAs } from './inbound-call.ts';
import { startScenarioWorld } from './scenario-world.ts';

const callers = 10;
const strangers = 2_000;
const wave = 200;
/** The bridge holds 256 of them for five seconds at most, and looks once a second. */
const goneWithinMs = 10_000;
const question = 'What are your opening hours?';

const upgrade = (path: string) =>
  `GET ${path} HTTP/1.1\r\nHost: bridge\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n';
/** What they say: nothing, half a request, a request that is refused, one that is answered. */
const openings = [
  '',
  'GET / HTTP/1.1\r\nX-Slow: ',
  upgrade('/media/acs/call-1/x.y.z'),
  'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n',
];

let world: World;
before(async () => {
  world = await startScenarioWorld();
});
after(() => world.stop());

/** Both ends of each connection in this process. */
const countSockets = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;

it('holds ten conversations in the middle of two thousand hostile connections', async (t) => {
  const { port } = new URL(world.product.bridgeUrl);
  const opened: Socket[] = [];
  t.after(() => {
    for (const socket of opened) socket.destroy();
  });
  const intrude = async (text: string): Promise<void> => {
    // Never ends its side, and never reads.
    const socket = connect({ port: Number(port), host: '127.0.0.1', allowHalfOpen: true });
    opened.push(socket);
    socket.on('error', () => {});
    await once(socket, 'connect');
    socket.write(text);
  };
  const intrudeInWave = () =>
    Promise.all(Array.from({ length: wave }, (_, i) => intrude(openings[i % openings.length]!)));

  await intrudeInWave();
  const calls = [];
  for (let caller = 0; caller < callers; caller++) {
    const script = [
      { wait: 'agent-finished' },
      { say: question },
      { wait: 'agent-finished' },
      { hangUp: true },
    ] as const;
    calls.push(await ringAs(world, `+155501${40 + caller}`, script, { endOfSpeechMs }));
    if (opened.length < strangers) await intrudeInWave();
  }
  assert.ok(opened.length >= strangers, String(opened.length));
  for (const { done, session } of calls) {
    const report = await done;
    assert.equal(report.outcome, 'finished', report.reason);
    assert.deepEqual(
      session.log.heard.map(({ phrase }) => phrase),
      [question],
    );
  }
  const left = await poll(
    async () => countSockets(),
    (sockets) => sockets < opened.length + wave / 2,
    goneWithinMs,
  );
  assert.ok(left < opened.length + wave / 2, `${left} sockets for ${opened.length} strangers`);
});
