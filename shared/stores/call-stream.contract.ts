// What every store of live calls does, as tests to register against one of them.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { it, type TestContext } from 'node:test';
import type { CallId } from '../call/call.ts';
import type { CallEvent, CallFact, PartialTranscript } from '../call/call-event.ts';
import type { CallStream } from './call-stream.ts';

export const newCallId = () => randomUUID() as CallId;

export function makeEvent(callId: CallId, fact: CallFact = { type: 'call-ringing' }, id: string = randomUUID()) {
  return { ...fact, id, callId, at: 1_700_000_000_000 } as CallEvent;
}

/** Resolves once so many events were heard; what was heard stays readable. */
export function listen(stream: CallStream, callId: CallId | 'all', count: number) {
  const heard: CallEvent[] = [];
  const { promise, resolve } = Promise.withResolvers<readonly CallEvent[]>();
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

  it('reads on where it was', async (t) => {
    const { stream, another } = open(t);
    const callId = newCallId();
    const events = ['1', '2', '3'].map((id) => makeEvent(callId, { type: 'note-taken', text: id }, id));
    assert.deepEqual(await stream.readOn(callId, undefined), { events: [], cursor: undefined });
    await stream.append(events[0]!);
    const first = await stream.readOn(callId, undefined);
    assert.deepEqual(first.events, [events[0]]);
    assert.deepEqual(await another.readOn(callId, first.cursor), { events: [], cursor: first.cursor });
    await another.append(events[1]!);
    await stream.append(events[2]!);
    const second = await stream.readOn(callId, first.cursor);
    assert.deepEqual(second.events, events.slice(1));
    assert.deepEqual(await stream.readOn(callId, second.cursor), { events: [], cursor: second.cursor });
  });

  it('knows which calls the history does not have yet, until it is told that it has all of them', async (t) => {
    const { stream, another } = open(t);
    const [one, two] = [newCallId(), newCallId()];
    const unsaved = async (olderThanMs = 0) =>
      (await another.unsavedCallIds({ olderThanMs, limit: 10_000 })).filter((id) => id === one || id === two);
    await stream.append(makeEvent(one));
    await new Promise((resolve) => setTimeout(resolve, 2));
    await stream.append(makeEvent(two));
    await stream.append(makeEvent(one));
    assert.deepEqual(await unsaved(), [one, two]);
    assert.deepEqual(await unsaved(60_000), []);
    const { cursor } = await stream.readOn(one, undefined);
    await another.append(makeEvent(one));
    await stream.markSaved(one, cursor);
    assert.deepEqual((await unsaved()).sort(), [one, two].sort(), 'an event came after what was saved');
    await stream.markSaved(one, (await stream.readOn(one, cursor)).cursor);
    assert.deepEqual(await unsaved(), [two]);
    await stream.markSaved(one, cursor);
    assert.deepEqual(await unsaved(), [two], 'somebody was slower');
    await stream.append(makeEvent(one));
    assert.equal((await unsaved()).includes(one), true);
    assert.equal((await another.unsavedCallIds({ olderThanMs: 0, limit: 1 })).length, 1);
    await stream.markSaved(newCallId(), undefined);
  });

  it('lists recent calls by their last event, newest first, and no more than asked', async (t) => {
    const { stream } = open(t);
    const [one, two, three] = [newCallId(), newCallId(), newCallId()];
    for (const callId of [one, two, three, one]) await stream.append(makeEvent(callId));
    assert.deepEqual(await stream.recentCallIds(2), [one, three]);
  });

  it('lists live calls, those without an event for the longest time first, and none that has ended', async (t) => {
    const { stream } = open(t);
    const [one, two, three] = [newCallId(), newCallId(), newCallId()];
    for (const callId of [one, two, three, one]) await stream.append(makeEvent(callId));
    const mine = async () => (await stream.liveCallIds(1000)).filter((id) => [one, two, three].includes(id));
    assert.deepEqual(await mine(), [two, three, one]);
    await stream.append({ type: 'call-ended', reason: 'caller-hung-up', id: 'end', callId: two, at: 1 });
    assert.deepEqual(await mine(), [three, one]);
    await stream.append(makeEvent(two));
    assert.deepEqual(await mine(), [three, one], 'an event that comes late makes no ended call live');
    assert.equal((await stream.liveCallIds(1)).length, 1);
  });

  it('lists connected calls that no bridge has had, the oldest first, and none that has ended', async (t) => {
    const { stream, another } = open(t);
    const [one, two, three] = [newCallId(), newCallId(), newCallId()];
    const unserved = async (olderThanMs = 0) =>
      (await another.unservedCallIds({ olderThanMs, limit: 1_000 })).filter((id) => [one, two, three].includes(id));
    for (const callId of [one, two, three]) await stream.append(makeEvent(callId, { type: 'call-ringing' }));
    assert.deepEqual(await unserved(), []);
    for (const callId of [two, one, three]) await stream.append(makeEvent(callId, { type: 'call-connected' }));
    assert.equal((await unserved()).length, 3);
    assert.equal((await unserved())[0], two);
    assert.deepEqual(await unserved(60_000), [], 'the carrier has its time');
    await stream.append(makeEvent(two, { type: 'media-started', replica: 'b1' }));
    await stream.append({ type: 'call-ended', reason: 'caller-hung-up', id: 'end', callId: three, at: 1 });
    assert.deepEqual(await unserved(), [one]);
    for (const callId of [two, three]) await stream.append(makeEvent(callId, { type: 'call-connected' }, 'again'));
    assert.deepEqual(await unserved(), [one], 'an event that comes late takes nothing back');
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

  it('shows what is being said to those who watch it, and keeps nothing of it', async (t) => {
    const { stream, another } = open(t);
    const [mine, other] = [newCallId(), newCallId()];
    let at = 0;
    const say = (callId: CallId, text: string): PartialTranscript => ({ callId, at, role: 'agent', text });
    const toListener = listen(stream, mine, 1);
    for (const [watcher, said] of [
      [stream, mine],
      [another, 'all'],
    ] as const) {
      const seen: string[] = [];
      const { promise, resolve } = Promise.withResolvers<void>();
      const leave = watcher.subscribePartials(said, ({ text, callId }) => {
        if (callId !== mine) return;
        seen.push(text);
        if (text === 'Goodbye') resolve();
      });
      // A channel of the network is joined some time after it was asked for, and a turn is told whole every two seconds.
      for (; seen.length === 0; at += 2000) {
        stream.publishPartial(say(mine, 'Good mor'));
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      stream.publishPartial(say(other, 'Nobody hears'));
      for (const text of ['Good morning 👋', 'Goodbye']) stream.publishPartial(say(mine, text));
      await promise;
      leave();
      leave();
      assert.deepEqual([...new Set(seen)], ['Good mor', 'Good morning 👋', 'Goodbye']);
    }
    assert.deepEqual(await stream.read(mine), []);
    assert.equal((await stream.recentCallIds(1000)).includes(mine), false);
    await stream.append(makeEvent(mine));
    await toListener.all;
    assert.equal(toListener.heard.length, 1);
    toListener.unsubscribe();
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
      if (event.id === 'heard') resolve();
    });
    await stream.append(makeEvent(callId, { type: 'call-connected' }, 'heard'));
    await heard;
    unsubscribe();
  });

  it('answers a ping', async (t) => {
    await open(t).stream.ping();
  });

  it('forgets a call, and no other', async (t) => {
    const { stream } = open(t);
    const [gone, kept] = [newCallId(), newCallId()];
    for (const callId of [gone, kept]) await stream.append(makeEvent(callId, { type: 'call-connected' }));
    await stream.forget(gone);
    await stream.forget(gone);
    assert.deepEqual(await stream.read(gone), []);
    assert.equal((await stream.read(kept)).length, 1);
    for (const list of [
      await stream.recentCallIds(1_000),
      await stream.liveCallIds(1_000),
      await stream.unservedCallIds({ olderThanMs: 0, limit: 1_000 }),
      await stream.unsavedCallIds({ olderThanMs: 0, limit: 1_000 }),
    ])
      assert.deepEqual([list.includes(gone), list.includes(kept)], [false, true]);
  });
}
