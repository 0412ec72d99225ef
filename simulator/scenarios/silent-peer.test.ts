// A stranger who connects and says nothing. In real time: Node's server measures this with timers of its own.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, it } from 'node:test';
import type { World } from '../world/world.ts';
import { startScenarioWorld } from './scenario-world.ts';

let world: World;
before(async () => {
  world = await startScenarioWorld();
});
after(() => world.stop());

it('is let go after some seconds, and the bridge goes on', async () => {
  const { bridgeUrl } = world.product;
  const socket = connect(Number(new URL(bridgeUrl).port), '127.0.0.1');
  socket.on('error', () => {});
  socket.resume();
  await once(socket, 'close');
  assert.equal((await fetch(`${bridgeUrl}/readyz`)).status, 200);
});
