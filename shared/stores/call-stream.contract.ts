// What every store of live calls does, as tests to register against one of them.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { it, type TestContext } from 'node:test';
import type { CallId } from '../call/call.ts';
import type { CallEvent, CallFact, LiveEvent } from '../call/call-event.ts';
import type { CallStream } from './call-stream.ts';

export const newCallId = () => randomUUID() as CallId;

export function makeEvent(callId: CallId, fact: CallFact = { type: 'call-ringing' }, id: string = randomUUID()) {
  return { ...fact, id, callId, at: 1_700_000_000_000 } as CallEvent;
}

/** Resolves once so many events were heard; what was heard stays readable. */
export function listen(stream: CallStream, callId: CallId | 'all', count: number) {
  const heard: LiveEvent[] = [];
  const { promise, resolve } = Promise.withResolvers<readonly LiveEvent[]>();
  const unsubscribe = stream.subscribe(callId, (event) => {
    heard.push(event);
    if (heard.length === count) resolve(heard);
  });
  return { heard, unsubscribe, all: promise };
}

/** `another` is a second process's view of the same store; the same object where a store belongs to one process. */
export function testCallStream(open: (context: TestContext) => { stream: CallStream; another: CallStream }) {
  it('reads back a call in the order of appending', async (t) => {
    const { stream, another } = open(t);
    const callId = newCallId();
    const events = [
      makeEvent(callId, {
        type: 'call-created',
        carrier: 'acs',
        direction: 'inbound',
        remoteParty: '+15550100',
        ourNumber: '+15550199',
        agent: 'receptionist',
        context: { order: 12, note: 'línea "uno"\n' },
      }),
      makeEvent(callId, { type: 'call-connected' }),
      makeEvent(callId, { type: 'turn-finished', role: 'caller', text: 'Grüße 👋', interrupted: false }),
    ];
    for (const event of events) assert.equal(await stream.append(event), true);
    assert.deepEqual(await another.read(callId), events);
  });

  it('keeps the same event once, and says so', async (t) => {
    const { stream, another } = open(t);
    const callId = newCallId();
    const event = makeEvent(callId);
    const added = await Promise.all([stream.append(event), another.append(event), stream.append({ ...event, at: 5 })]);
    assert.equal(added.filter(Boolean).length, 1);
    assert.equal((await stream.read(callId)).length, 1);
  });

  it('takes the same event id in two calls', async (t) => {
    const { stream } = open(t);
    const [one, two] = [newCallId(), newCallId()];
    assert.equal(await stream.append(makeEvent(one, { type: 'call-ringing' }, 'same')), true);
    assert.equal(await stream.append(makeEvent(two, { type: 'call-ringing' }, 'same')), true);
  });

  it('knows nothing of an unknown call', async (t) => {
    assert.deepEqual(await open(t).stream.read(newCallId()), []);
  });

  it('lists recent calls by their last event, newest first, and no more than asked', async (t) => {
    const { stream } = open(t);
    const [one, two, three] = [newCallId(), newCallId(), newCallId()];
    for (const callId of [one, two, three, one]) await stream.append(makeEvent(callId));
    assert.deepEqual(await stream.recentCallIds(2), [one, three]);
  });

  it('tells a listener of one call what happens in that call from now on, in order', async (t) => {
    const { stream, another } = open(t);
    const [mine, other] = [newCallId(), newCallId()];
    await stream.append(makeEvent(mine, { type: 'call-ringing' }, 'before'));
    const { all, heard, unsubscribe } = listen(stream, mine, 3);
    const events = ['1', '2', '3'].map((id) => makeEvent(mine, { type: 'note-taken', text: id }, id));
    await stream.append(events[0]!);
    await stream.append(makeEvent(other));
    await another.append(events[1]!);
    await another.append(events[1]!);
    await another.append(events[2]!);
    await all;
    unsubscribe();
    assert.deepEqual(heard, events);
  });

  it('tells a listener of all calls about each of them', async (t) => {
    const { stream, another } = open(t);
    const { all, unsubscribe } = listen(stream, 'all', 2);
    const [one, two] = [makeEvent(newCallId()), makeEvent(newCallId())];
    await stream.append(one);
    await another.append(two);
    assert.deepEqual(await all, [one, two]);
    unsubscribe();
  });

  it('shows a glimpse to who listens, and keeps nothing of it', async (t) => {
    const { stream } = open(t);
    const callId = newCallId();
    const { all, unsubscribe } = listen(stream, callId, 1);
    const glimpse = { type: 'transcript-updated', callId, at: 7, role: 'agent', text: 'Good mor' } as const;
    stream.announce(glimpse);
    assert.deepEqual(await all, [glimpse]);
    unsubscribe();
    assert.deepEqual(await stream.read(callId), []);
    assert.equal((await stream.recentCallIds(1000)).includes(callId), false);
  });

  it('tells a listener nothing after it left, not even what is on its way', async (t) => {
    const { stream } = open(t);
    const callId = newCallId();
    const leaver = listen(stream, callId, 1);
    const stayer = listen(stream, callId, 1);
    const appended = stream.append(makeEvent(callId));
    leaver.unsubscribe();
    leaver.unsubscribe();
    await appended;
    await stayer.all;
    stayer.unsubscribe();
    assert.deepEqual(leaver.heard, []);
  });

  it('goes on telling the others when one listener throws', async (t) => {
    const { stream } = open(t);
    const callId = newCallId();
    const bad = stream.subscribe(callId, () => {
      throw new Error('a bug of the listener');
    });
    const good = listen(stream, callId, 2);
    await stream.append(makeEvent(callId));
    await stream.append(makeEvent(callId));
    assert.equal((await good.all).length, 2);
    good.unsubscribe();
    bad();
  });

  it('serves a new listener after the last one left', async (t) => {
    const { stream } = open(t);
    const callId = newCallId();
    listen(stream, callId, 1).unsubscribe();
    await stream.append(makeEvent(callId, { type: 'call-ringing' }, 'unheard'));
    // What was appended a moment before may still come to somebody who joins a reader that is at work.
    const { promise: heard, resolve } = Promise.withResolvers<void>();
    const unsubscribe = stream.subscribe(callId, (event) => {
      if ('id' in event && event.id === 'heard') resolve();
    });
    await stream.append(makeEvent(callId, { type: 'call-connected' }, 'heard'));
    await heard;
    unsubscribe();
  });

  it('answers a ping', async (t) => {
    await open(t).stream.ping();
  });
}
