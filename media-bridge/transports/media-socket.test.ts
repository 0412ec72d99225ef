// Tests of a media socket's life: it is noticed when the other side is gone without a word.
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { it, type TestContext } from 'node:test';
import type { WebSocket } from 'ws';
import { TestClock } from '../audio/testing/test-clock.ts';
import { MediaSocket } from './media-socket.ts';

function openSocket(t: TestContext, options: { mayRest?: () => boolean } = {}) {
  const clock = new TestClock(t);
  const done: string[] = [];
  const socket = Object.assign(new EventEmitter(), {
    ping: () => void done.push('ping'),
    terminate: () => {
      done.push('terminate');
      socket.emit('close', 1006);
    },
  });
  const media = new MediaSocket(socket as unknown as WebSocket, {
    ...options,
    onMessage: (text) => {
      if (text === 'break') throw new Error('broken by the test');
    },
    onBroken: () => void done.push('broken'),
    onClosing: () => {},
    onClosed: (code) => void done.push(`closed ${code}`),
  });
  const tell = (what: 'message' | 'pong') => socket.emit(what, Buffer.from('{}'), false);
  const isGivenUp = () => done.includes('terminate');
  return { clock, media, socket, done, tell, isGivenUp };
}

it('is given up after two seconds without a message, whatever answers its pings', (t) => {
  const { clock, tell, media, done, isGivenUp } = openSocket(t);
  tell('message');
  for (let ms = 0; ms < 1_900; ms += 100) {
    clock.pass(100);
    tell('pong');
  }
  assert.equal(isGivenUp(), false);
  assert.equal(media.quietMs, 1_900);
  clock.pass(350);
  assert.deepEqual(done.slice(-2), ['terminate', 'closed 1006']);
});

it('stays open while messages come, and asks for nothing then', (t) => {
  const { clock, tell, done } = openSocket(t);
  for (let ms = 0; ms < 60_000; ms += 400) {
    clock.pass(400);
    tell('message');
  }
  assert.deepEqual(done, []);
});

it('stays open through a long silence of a caller whose carrier then sends nothing, while pings are answered', (t) => {
  const { clock, tell, isGivenUp } = openSocket(t, { mayRest: () => true });
  for (let ms = 0; ms < 60_000; ms += 500) {
    clock.pass(500);
    tell('pong');
  }
  assert.equal(isGivenUp(), false);
  clock.pass(2_250);
  assert.ok(isGivenUp());
});

it('does not take time in which this process was held up for silence of the carrier', (t) => {
  const { clock, isGivenUp } = openSocket(t);
  clock.stall(30_000);
  assert.equal(isGivenUp(), false);
  clock.pass(1_500);
  assert.equal(isGivenUp(), false);
  clock.pass(750);
  assert.ok(isGivenUp());
});

it('is cut by a message that breaks something, and tells of it once', (t) => {
  const { socket, done } = openSocket(t);
  socket.emit('message', Buffer.from('break'), false);
  socket.emit('message', Buffer.from('break'), false);
  assert.deepEqual(done, ['broken', 'terminate', 'closed 1006']);
});
