// While work is done outside the event loop, virtual time stands still.
import './install.ts';

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import dns from 'node:dns/promises';
import fs from 'node:fs';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import zlib from 'node:zlib';
import { createMetronome } from './metronome.ts';

let folder: string;
let file: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-jobs-'));
  file = join(folder, 'file.txt');
  await writeFile(file, 'text');
});
after(() => rm(folder, { recursive: true }));

const bytes = Buffer.alloc(300_000, 'x');
const worker = () =>
  new Worker(
    `require('node:worker_threads').parentPort.on('message', (n) => require('node:worker_threads').parentPort.postMessage(n + 1))`,
    {
      eval: true,
    },
  );

/** Each takes real time, and a clock that ran on meanwhile would be seen. */
const jobs: Record<string, () => Promise<unknown>> = {
  'a file by promise': () => readFile(file),
  'a file by callback': () => promisify(fs.readFile)(file),
  'a file by its handle': async () => {
    const handle = await open(file);
    await handle.readFile();
    await handle.close();
  },
  'a file as a stream': async () => {
    for await (const _ of fs.createReadStream(file));
  },
  'a name': () => dns.lookup('localhost'),
  'compression by callback': () => promisify(zlib.gzip)(bytes),
  'compression as a stream': async () => {
    const gzip = zlib.createGzip();
    gzip.end(bytes);
    for await (const _ of gzip);
  },
  'a key': () => promisify(crypto.scrypt)('password', 'salt', 32),
  'a digest': () => crypto.subtle.digest('SHA-256', bytes),
  'a signature': async () => {
    const key = await crypto.subtle.importKey('raw', bytes.subarray(0, 32), { name: 'HMAC', hash: 'SHA-256' }, false, [
      'sign',
    ]);
    await crypto.subtle.sign('HMAC', key, bytes);
  },
  'a worker': async () => {
    const thread = worker();
    thread.unref();
    const answered = new Promise((resolve) => thread.once('message', resolve));
    thread.postMessage(1);
    assert.equal(await answered, 2);
    await thread.terminate();
  },
  'a module': () => import('../voice/tone.ts'),
};

describe('time stands still for', () => {
  for (const [name, job] of Object.entries(jobs)) {
    it(name, async () => {
      let ticks = 0;
      const startedMs = performance.now();
      const ticking = setInterval(() => ticks++, 1);
      await job();
      clearInterval(ticking);
      assert.deepEqual([performance.now() - startedMs, ticks], [0, 0]);
    });
  }
});

it('jobs end in the order in which they began, whichever was faster', async () => {
  const order: string[] = [];
  await Promise.all([
    promisify(crypto.pbkdf2)('slow', 'salt', 100_000, 32, 'sha256').then(() => order.push('slow')),
    readFile(file).then(() => order.push('fast')),
    crypto.subtle.digest('SHA-256', bytes).then(() => order.push('last')),
  ]);
  assert.deepEqual(order, ['slow', 'fast', 'last']);
});

/** A metronome whose time stands still: `stand` lets so many quarters of the longest wait pass, and tells how often the run was ended. */
function standStill(t: TestContext, why: { readonly isSpinning?: boolean; readonly waitsFor?: string }) {
  const [exit, write] = [t.mock.method(process, 'exit', () => {}), t.mock.method(process.stderr, 'write', () => true)];
  const jobs = { end: true };
  let check = () => {};
  const turns: (() => void)[] = [];
  const wake = createMetronome({
    underway: () => (why.isSpinning ? 1 : 0),
    endNextJob: () => jobs.end,
    outside: () => (why.waitsFor === undefined ? [] : [why.waitsFor]),
    isAlive: () => true,
    fireNext: () => true,
    setImmediate: ((turn: () => void) => void turns.push(turn)) as unknown as typeof setImmediate,
    setInterval: ((looked: () => void) => {
      check = looked;
      return { ref: () => {}, unref: () => ({ ref: () => {} }) };
    }) as unknown as typeof setInterval,
  });
  const stand = (checks: number) => {
    for (let i = 0; i < checks; i++) {
      for (let turn = 0; turn < 4; turn++) {
        wake();
        for (const due of turns.splice(0)) due();
      }
      check();
    }
    return exit.mock.callCount();
  };
  return { stand, jobs, told: () => String(write.mock.calls[0]?.arguments[0]) };
}

it('time that stands still ends the run, later where one job after the other ends', (t) => {
  const { stand, jobs, told } = standStill(t, { waitsFor: 'worker' });
  // The first look has none before it.
  assert.equal(stand(8), 0);
  jobs.end = false;
  assert.equal(stand(3), 0);
  assert.equal(stand(1), 1);
  assert.match(told(), /55 real seconds spent on worker/);
});

it('immediates that never end are no fault of a process that had no processor for them', (t) => {
  let workedMs = 0;
  let worksMs = 100;
  t.mock.method(process, 'cpuUsage', () => ({ user: 1_000 * (workedMs += worksMs), system: 0 }));
  const { stand, told } = standStill(t, { isSpinning: true });
  assert.equal(stand(40), 0);
  worksMs = 4_000;
  assert.equal(stand(3), 0);
  assert.equal(stand(1), 1);
  assert.match(told(), /spent on immediates that never end/);
});
