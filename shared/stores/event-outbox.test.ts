// Events on their way to a stream that fails, hangs and comes back.
import assert from 'node:assert/strict';
import { it, mock, type TestContext } from 'node:test';
import type { CallId } from '../call/call.ts';
import type { CallEvent } from '../call/call-event.ts';
import { AppError } from '../errors.ts';
import { silentLogger as log } from '../logger.ts';
import { makeEvent } from './call-stream.contract.ts';
import { EventOutbox } from './event-outbox.ts';
import { createMemoryStores } from './memory-stores.ts';
import { createFaultyStores } from './testing/faulty-stores.ts';

const [one, two] = ['call-1', 'call-2'] as CallId[] as [CallId, CallId];
/** Timers of node:test do not stop setImmediate. */
const settled = () => new Promise((resolve) => setImmediate(resolve));
const note = (callId: CallId, id: string) => makeEvent(callId, { type: 'note-taken', text: id }, id);

function setUp(t: TestContext) {
  mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  t.after(() => mock.timers.reset());
  const kept = createMemoryStores();
  const { stores, live } = createFaultyStores(kept);
  const appended: CallEvent[] = [];
  const stream = {
    append: (event: CallEvent) => {
      appended.push(event);
      return stores.stream.append(event);
    },
  };
  const written: string[] = [];
  const elsewhere = { isWell: true, isTooSmall: false, events: [] as string[] };
  const outbox = new EventOutbox({
    stream,
    log,
    onWritten: (event) => {
      written.push(event.id);
    },
    keepElsewhere: async (_callId, events) => {
      if (elsewhere.isTooSmall) throw new AppError('BODY_TOO_LARGE', { limitBytes: 1 });
      if (elsewhere.isWell) elsewhere.events.push(...events.map(({ id }) => id));
      return elsewhere.isWell;
    },
  });
  const ids = async (callId = one) => (await kept.stream.read(callId)).map(({ id }) => id);
  return { outbox, live, stream, appended, written, elsewhere, ids };
}

it('writes events of a call in the order they came', async (t) => {
  const { outbox, ids, written } = setUp(t);
  for (const id of ['1', '2', '3']) void outbox.add(note(one, id));
  assert.deepEqual(
    outbox.waiting(one).map(({ id }) => id),
    ['1', '2', '3'],
  );
  await outbox.settled(one);
  assert.deepEqual([await ids(), written, outbox.size, outbox.waiting(one)], [['1', '2', '3'], ['1', '2', '3'], 0, []]);
});

it('tells of each event when it stands in the stream, and whether it did before', async (t) => {
  const { outbox } = setUp(t);
  assert.equal(await outbox.add(note(one, '1')), 'added');
  assert.equal(await outbox.add(note(one, '1')), 'known');
});

it('keeps nobody waiting who only wants to see whether it is written now', async (t) => {
  const { outbox, live } = setUp(t);
  assert.equal(await outbox.addAndSee(note(one, '1'), 400), 'added');
  live.become('away');
  assert.equal(await outbox.addAndSee(note(one, '2'), 400), 'later', 'it has failed');
  assert.equal(await outbox.addAndSee(note(one, '3'), 400), 'later', 'it fails still');
  live.become('hanging');
  mock.timers.tick(200);
  const seen = outbox.addAndSee(note(two, '4'), 400);
  mock.timers.tick(400);
  assert.equal(await seen, 'later');
});

it('has one wait for a stream that is slow, and others again once it is quick', async (t) => {
  const { outbox, live } = setUp(t);
  live.become('mute');
  const first = outbox.addAndSee(note(one, '1'), 400);
  await settled();
  mock.timers.tick(400);
  assert.equal(await first, 'later');
  assert.equal(await outbox.addAndSee(note(two, '2'), 400), 'later', 'nobody waits meanwhile');
  live.become('well');
  await outbox.settled(two);
  assert.equal(await outbox.addAndSee(note(two, '3'), 400), 'added');
});

it('tries again while the stream fails, less and less often and at least each second, with one event for all, and loses and doubles nothing', async (t) => {
  const { outbox, live, appended, ids } = setUp(t);
  live.become('away');
  void outbox.add(note(one, '1'));
  void outbox.add(note(two, '2'));
  await settled();
  void outbox.add(note(one, '3'));
  assert.equal(appended.length, 2);
  for (const waitMs of [200, 400, 800, 1000, 1000]) {
    const before: number = appended.length;
    mock.timers.tick(waitMs - 1);
    await settled();
    assert.equal(appended.length, before);
    mock.timers.tick(1);
    await settled();
    assert.equal(appended.length, before + 1);
  }
  live.become('well');
  mock.timers.tick(5000);
  await outbox.settled(one);
  await outbox.settled(two);
  assert.deepEqual([await ids(one), await ids(two)], [['1', '3'], ['2']]);
});

it('writes an event once when the stream failed after taking it', async (t) => {
  const { outbox, live, ids } = setUp(t);
  live.losesAnswers = true;
  const delivered = outbox.add(note(one, '1'));
  await settled();
  live.losesAnswers = false;
  mock.timers.tick(200);
  assert.equal(await delivered, 'known');
  assert.deepEqual(await ids(), ['1']);
});

it('lets no call wait for another that floods it', async (t) => {
  const { outbox, appended } = setUp(t);
  for (let i = 0; i < 2000; i++) void outbox.add(note(one, String(i)));
  await outbox.add(note(two, 'other'));
  const before = appended.findIndex(({ id }) => id === 'other');
  assert.ok(before < 5, `${before} events went before it`);
  await outbox.settled(one);
});

it('drops an event that no stream could ever hold, and goes on', async (t) => {
  const { outbox, stream, ids } = setUp(t);
  const { append } = stream;
  stream.append = async (event) => {
    if (event.id === 'bad') throw new TypeError('a bug');
    return append(event);
  };
  const [bad, good] = await Promise.all([outbox.add(note(one, 'bad')), outbox.add(note(one, 'good'))]);
  assert.deepEqual([bad, good, await ids()], ['lost', 'added', ['good']]);
});

it('gives an event up that the stream refuses time and again while it takes others, and keeps it elsewhere', async (t) => {
  const { outbox, stream, appended, elsewhere, ids } = setUp(t);
  const { append } = stream;
  stream.append = async (event) => {
    const taken = append(event);
    if (event.id !== 'bad') return taken;
    await taken;
    throw new AppError('STORE_UNAVAILABLE', { store: 'Redis', problem: 'WRONGTYPE' });
  };
  let outcome: string | undefined;
  void outbox.add(note(one, 'bad')).then((delivery) => {
    outcome = delivery;
  });
  void outbox.add(note(one, 'good'));
  for (let seconds = 0; outcome === undefined && seconds < 300; seconds++) {
    void outbox.add(note(two, `other-${seconds}`));
    await settled();
    mock.timers.tick(1_000);
    await settled();
  }
  await outbox.settled(one);
  assert.deepEqual([outcome, elsewhere.events, (await ids()).includes('good')], ['added', ['bad'], true]);
  const tries = appended.filter(({ id }) => id === 'bad').length;
  assert.ok(tries > 10 && tries < 30, `${tries} tries`);
});

it('loses what no store can ever hold, and goes on', async (t) => {
  const { outbox, live, elsewhere, ids } = setUp(t);
  live.become('away');
  elsewhere.isTooSmall = true;
  const delivered = outbox.add(note(one, 'too large'));
  for (let ms = 0; ms < 620_000; ms += 5_000) {
    mock.timers.tick(5_000);
    await settled();
  }
  assert.deepEqual([await delivered, outbox.size], ['lost', 0]);
  live.become('well');
  void outbox.add(note(one, 'next'));
  mock.timers.tick(5_000);
  await outbox.settled(one);
  assert.deepEqual(await ids(), ['next']);
});

it('keeps a bounded number of events, of each call and of all', async (t) => {
  const { outbox, live } = setUp(t);
  live.become('away');
  for (let i = 0; i < 5000; i++) void outbox.add(note(one, String(i)));
  assert.equal(await outbox.add(note(one, 'one too many')), 'lost');
  for (let call = 0; outbox.size < 50_000; call++)
    for (let i = 0; i < 5000; i++) void outbox.add(note(`c-${call}` as CallId, String(i)));
  assert.equal(await outbox.add(note(two, 'one too many')), 'lost');
});

it('keeps elsewhere what the stream has not taken for ten minutes', async (t) => {
  const { outbox, live, elsewhere, ids } = setUp(t);
  live.become('away');
  const delivered = outbox.add(note(one, '1'));
  mock.timers.tick(1);
  await settled();
  for (let ms = 0; ms < 590_000; ms += 5000) {
    mock.timers.tick(5000);
    await settled();
  }
  void outbox.add(note(two, '2'));
  assert.deepEqual(elsewhere.events, []);
  for (let ms = 0; ms < 15_000; ms += 5000) {
    mock.timers.tick(5000);
    await settled();
  }
  assert.equal(await delivered, 'added');
  assert.deepEqual([elsewhere.events, outbox.size], [['1'], 1]);
  live.become('well');
  mock.timers.tick(5000);
  await outbox.settled(two);
  assert.deepEqual([await ids(one), await ids(two)], [[], ['2']]);
});

it('waits at its end for what is being written, but not for ever, and keeps the rest elsewhere', async (t) => {
  const { outbox, live, elsewhere } = setUp(t);
  live.become('hanging');
  void outbox.add(note(one, '1'));
  void outbox.add(note(one, '2'));
  let isClosed = false;
  const closing = outbox.close(5000).then(() => {
    isClosed = true;
  });
  mock.timers.tick(4999);
  await settled();
  assert.equal(isClosed, false);
  mock.timers.tick(1);
  await closing;
  assert.deepEqual([elsewhere.events, outbox.size], [['1', '2'], 0]);
});

it('tries once more at its end, however long it would have waited', async (t) => {
  const { outbox, live, ids } = setUp(t);
  live.become('away');
  void outbox.add(note(one, '1'));
  await settled();
  live.become('well');
  await outbox.close(5000);
  assert.deepEqual(await ids(), ['1']);
});

it('tries no more after its end, when nothing takes what is left', async (t) => {
  const { outbox, live, appended, elsewhere } = setUp(t);
  live.become('away');
  elsewhere.isWell = false;
  void outbox.add(note(one, '1'));
  const closing = outbox.close(100);
  mock.timers.tick(100);
  await closing;
  const before = appended.length;
  mock.timers.tick(60_000);
  await settled();
  assert.deepEqual([appended.length, outbox.size], [before, 1]);
});
