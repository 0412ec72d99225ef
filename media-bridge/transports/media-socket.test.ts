// Tests of a media socket's life: it is noticed when the other side is gone without a word.
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { it } from 'node:test';
import type { WebSocket } from 'ws';
import { MediaSocket } from './media-socket.ts';

function openSocket() {
  const done: string[] = [];
  const socket = Object.assign(new EventEmitter(), {
    ping: () => void done.push('ping'),
    terminate: () => {
      done.push('terminate');
      socket.emit('close', 1006);
    },
  });
  new MediaSocket(socket as unknown as WebSocket, {
    onMessage: (text) => {
      if (text === 'break') throw new Error('broken by the test');
    },
    onBroken: () => void done.push('broken'),
    onClosing: () => {},
    onClosed: (code) => void done.push(`closed ${code}`),
  });
  return { socket, done };
}

it('is given up after a minute without a sign of life', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const { done } = openSocket();
  t.mock.timers.tick(59_000);
  assert.deepEqual(done, ['ping', 'ping']);
  t.mock.timers.tick(1_000);
  assert.deepEqual(done.slice(2), ['terminate', 'closed 1006']);
});

it('stays open while messages or pongs come', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const { socket, done } = openSocket();
  for (const sign of ['message', 'pong', 'message', 'pong', 'pong']) {
    t.mock.timers.tick(20_000);
    socket.emit(sign, Buffer.from('{}'), false);
  }
  assert.ok(!done.includes('terminate'));
  socket.emit('close', 1000);
});

it('is cut by a message that breaks something, and tells of it once', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const { socket, done } = openSocket();
  socket.emit('message', Buffer.from('break'), false);
  socket.emit('message', Buffer.from('break'), false);
  assert.deepEqual(done, ['broken', 'terminate', 'closed 1006']);
});
