// What machines with wrong clocks wrote down, in the order in which it happened.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallId } from '../../shared/call/call.ts';
import type { CallEvent } from '../../shared/call/call-event.ts';
import { foldCallEvents } from '../../shared/call/call-state.ts';
import { createMemoryStores } from '../../shared/stores/memory-stores.ts';
import { TrueTimes } from './true-times.ts';

const callId = 'call-1' as CallId;

it('an event is told with the time at which it happened, and so is the turn that the history made of it, until it is forgotten', async () => {
  const times = new TrueTimes();
  const stores = createMemoryStores();
  const watched = { one: times.watch(stores, 'one'), other: times.watch(stores, 'other') };
  const truth: number[] = [];
  const write = async (machine: keyof typeof watched, offMs: number) => {
    truth.push(Date.now());
    const [id, text] = [`${truth.length}`, `word ${truth.length}`];
    const event = {
      type: 'turn-finished',
      role: 'agent',
      text,
      interrupted: false,
      id,
      callId,
      at: Date.now() + offMs,
    };
    await sleep(40);
    await watched[machine].stream.append(event as CallEvent);
  };
  await write('one', 0);
  times.noteOff('one', 120_000);
  await write('one', 120_000);
  await write('other', 0);
  times.noteOff('one', -60_000);
  await write('one', -60_000);
  await write('one', 0);

  const written = await stores.stream.read(callId);
  const { events, history } = times.correct(written, foldCallEvents(callId, written));
  assert.deepEqual(
    events.map(({ at }) => at),
    truth,
  );
  assert.deepEqual(history?.turns.map(({ at }) => at).toSorted(), truth);

  times.forget();
  assert.deepEqual(times.correct(written, undefined), { events: written });
});
