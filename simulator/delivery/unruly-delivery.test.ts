// Tests of what happens to events before they leave an at-least-once, unordered sender.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createScaledTimers } from './scaled-timers.ts';
import { createDeliveryFaults, createUnrulyDelivery } from './unruly-delivery.ts';

function open(faults: Partial<ReturnType<typeof createDeliveryFaults>>) {
  const sent: string[][] = [];
  const timers = createScaledTimers(0.01);
  const all = { ...createDeliveryFaults(), ...faults };
  const delivery = createUnrulyDelivery<string>({ faults: all, timers, send: (events) => sent.push([...events]) });
  const push = (...events: string[]) => {
    for (const event of events) delivery.push(event, event);
  };
  return { sent, timers, push, release: delivery.release };
}

it('sends each event at once and alone', () => {
  const { sent, push } = open({});
  push('a', 'b');
  assert.deepEqual(sent, [['a'], ['b']]);
});

it('swaps neighbours', () => {
  const { sent, push } = open({ reorder: true });
  push('a', 'b', 'c', 'd');
  assert.deepEqual(sent, [['b'], ['a'], ['d'], ['c']]);
});

it('lets an event go that waited for a neighbour in vain', async () => {
  const { sent, timers, push } = open({ reorder: true });
  push('a');
  assert.deepEqual(sent, []);
  await timers.sleep(500);
  assert.deepEqual(sent, [['a']]);
});

it('gathers what comes close together', async () => {
  const { sent, timers, push } = open({ batch: true, duplicate: true });
  push('a', 'b');
  await timers.sleep(500);
  assert.deepEqual(sent, [
    ['a', 'b'],
    ['a', 'b'],
  ]);
});

it('loses, and delays, by the names of events', async () => {
  const { sent, timers, push } = open({ drop: (name) => name === 'b', delayMs: (name) => (name === 'a' ? 100 : 0) });
  push('a', 'b', 'c');
  assert.deepEqual(sent, [['c']]);
  await timers.sleep(200);
  assert.deepEqual(sent, [['c'], ['a']]);
});

it('lets go of what it holds when nothing comes after it', () => {
  const { sent, push, release } = open({ reorder: true });
  push('a');
  release();
  assert.deepEqual(sent, [['a']]);
});

it('sends nothing more once the timers are stopped', async () => {
  const { sent, timers, push } = open({ delayMs: 100 });
  push('a');
  timers.stop();
  assert.equal(await timers.sleep(200), false);
  assert.deepEqual(sent, []);
});
