// Events that nobody took are found where Event Grid puts them, and given to those whom they were for: over a real container.
import assert from 'node:assert/strict';
import { after, afterEach, beforeEach, it, mock } from 'node:test';
import { AppError } from '../../shared/errors.ts';
import { silentLogger } from '../../shared/logger.ts';
import { MemoryCallLeases } from '../../shared/stores/memory-call-leases.ts';
import { type BlobStorage, startBlobStorage } from '../../simulator/blob/blob-storage.ts';
import { BlobDeadLetters } from './blob-dead-letters.ts';
import { UndeliveredRecordings } from './undelivered-recordings.ts';

const storage: BlobStorage = await startBlobStorage('dead-letters');
after(() => storage.stop());
const letters = new BlobDeadLetters({ containerUrl: storage.containerUrl, key: storage.key });
let told: unknown[] = [];
let fail: (event: unknown) => Error | undefined = () => undefined;
const leases = new MemoryCallLeases();
const openCollector = () =>
  new UndeliveredRecordings({
    letters,
    leases,
    events: {
      async receiveRaw(event) {
        const error = fail(event);
        if (error) throw error;
        told.push(event);
      },
    },
    log: silentLogger,
  });

const now = Date.parse('2026-03-01T00:30:00Z');
beforeEach(() => {
  mock.timers.enable({ apis: ['Date'], now });
  storage.blobs.clear();
  told = [];
  fail = () => undefined;
});
afterEach(() => mock.timers.reset());
const left = () => [...storage.blobs.keys()];
const away = new AppError('STORE_UNAVAILABLE', { store: 'Blob Storage', problem: 'away' });

it('takes each event of the last day, and removes what was taken', async () => {
  storage.put('RECORDING-FILES/2026/3/1/0/a.json', JSON.stringify([{ id: 1 }, { id: 2 }]));
  storage.put('RECORDING-FILES/2026/2/28/9/b.json', JSON.stringify({ id: 3 }));
  storage.put('RECORDING-FILES/2026/2/26/23/old.json', JSON.stringify([{ id: 4 }]));
  storage.put('INCOMING-CALLS/2026/3/1/0/c.json', JSON.stringify([{ id: 5 }]));
  await openCollector().run();
  assert.deepEqual(told, [{ id: 3 }, { id: 1 }, { id: 2 }]);
  // What is a day old tells of a file that is gone; what others were to take is theirs.
  assert.deepEqual(left(), ['RECORDING-FILES/2026/2/26/23/old.json', 'INCOMING-CALLS/2026/3/1/0/c.json']);
});

it('leaves an event that cannot be taken now for later, and takes the others', async () => {
  storage.put('RECORDING-FILES/2026/3/1/0/a.json', JSON.stringify([{ id: 1 }, { id: 2 }]));
  storage.put('RECORDING-FILES/2026/3/1/0/b.json', JSON.stringify([{ id: 3 }]));
  const collector = openCollector();
  fail = (event) => ((event as { id: number }).id === 1 ? away : undefined);
  await collector.run();
  assert.deepEqual(told, [{ id: 2 }, { id: 3 }]);
  assert.deepEqual(left(), ['RECORDING-FILES/2026/3/1/0/a.json']);
  storage.put('RECORDING-FILES/2026/3/1/0/z.json', JSON.stringify([{ id: 4 }]));
  await collector.run();
  // What failed comes last, so that it keeps nothing else waiting.
  assert.deepEqual(told.slice(2), [{ id: 4 }, { id: 2 }]);
  fail = () => undefined;
  await collector.run();
  assert.deepEqual([told.slice(4), left()], [[{ id: 1 }, { id: 2 }], []]);
});

it('puts away what no repetition makes any better', async () => {
  storage.put('RECORDING-FILES/2026/3/1/0/a.json', 'no JSON');
  storage.put('RECORDING-FILES/2026/3/1/0/b.json', JSON.stringify([{ id: 1 }]));
  storage.put('RECORDING-FILES/2026/3/1/0/c.json', JSON.stringify([{ id: 2 }]));
  fail = (event) => {
    if (typeof event === 'string') return new AppError('BAD_REQUEST', 'no event');
    return (event as { id: number }).id === 1 ? new AppError('CALL_GONE', 'the file is gone') : undefined;
  };
  await openCollector().run();
  assert.deepEqual([told, left()], [[{ id: 2 }], []]);
});

it('is at work once, however many processes look', async () => {
  storage.put('RECORDING-FILES/2026/3/1/0/a.json', JSON.stringify([{ id: 1 }]));
  await Promise.all([openCollector().run(), openCollector().run(), openCollector().run()]);
  assert.deepEqual([told, left()], [[{ id: 1 }], []]);
});

it('waits for a container that refuses, and needs none where nobody puts anything aside', async () => {
  storage.put('RECORDING-FILES/2026/3/1/0/a.json', JSON.stringify([{ id: 1 }]));
  storage.fail = 403;
  await openCollector().run();
  storage.fail = undefined;
  assert.deepEqual([told, left().length], [[], 1]);
  await openCollector().run();
  assert.deepEqual([told, left().length], [[{ id: 1 }], 0]);
  const events = { receiveRaw: () => Promise.reject(away) };
  await new UndeliveredRecordings({ letters: undefined, events, leases, log: silentLogger }).run();
});
