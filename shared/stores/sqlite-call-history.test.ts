// The history in SQLite: its contract, what a file has to do on top, and that nothing wrong with it holds up this thread.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { DatabaseSync } from 'node:sqlite';
import { after, describe, it, type TestContext } from 'node:test';
import type { CallId } from '../call/call.ts';
import { newCallState } from '../call/call-state.ts';
import { testCallHistory } from './call-history.contract.ts';
import { testCallerMemory } from './caller-memory.contract.ts';
import { SqliteCallHistory } from './sqlite-call-history.ts';
import { SqliteCallerMemory } from './sqlite-caller-memory.ts';
import { SqliteThread } from './sqlite-thread.ts';
import { patientMs } from './testing/patience.ts';

describe('SqliteCallHistory', () => {
  const root = mkdtempSync(join(tmpdir(), 'parley-history-'));
  after(() => rmSync(root, { recursive: true, force: true }));
  let folders = 0;
  const newFolder = () => join(root, String(++folders), 'deep');
  const call = { ...newCallState('a' as CallId), version: 1 };
  const unavailable = (problem: RegExp) => ({ code: 'STORE_UNAVAILABLE', message: problem });

  function open(t: TestContext, folder = newFolder()): SqliteCallHistory {
    const history = new SqliteCallHistory(new SqliteThread(folder, { timeoutMs: patientMs }));
    t.after(() => history.close());
    return history;
  }

  testCallHistory(async (t) => open(t));

  describe('and the callers in it', () => {
    testCallerMemory(async (t) => {
      const memory = new SqliteCallerMemory(new SqliteThread(newFolder(), { timeoutMs: patientMs }));
      t.after(() => memory.close());
      return memory;
    });
  });

  it('goes on in a file of before, whose calls are listed', async (t) => {
    const folder = newFolder();
    mkdirSync(folder, { recursive: true });
    const file = new DatabaseSync(join(folder, 'calls.sqlite'));
    file.exec('CREATE TABLE calls (id TEXT PRIMARY KEY, created_at INTEGER, version INTEGER, call TEXT) STRICT');
    file.prepare('INSERT INTO calls VALUES (?, ?, ?, ?)').run('a', 5, 1, JSON.stringify({ ...call, createdAt: 5 }));
    file.close();
    const history = open(t, folder);
    await history.save({ ...call, callId: 'b' as CallId, createdAt: 6 });
    assert.deepEqual(
      (await history.list({ limit: 5 })).calls.map(({ callId }) => callId),
      ['b', 'a'],
    );
  });

  it('has its calls again after a restart', async (t) => {
    const folder = newFolder();
    const first = open(t, folder);
    await first.save(call);
    await first.close();
    assert.deepEqual(await open(t, folder).find(call.callId), call);
  });

  it('shares the file with another writer', async (t) => {
    const folder = newFolder();
    const [one, two] = [open(t, folder), open(t, folder)];
    await one.save({ ...call, version: 2 });
    await two.save({ ...call, version: 1 });
    assert.equal((await two.find(call.callId))?.version, 2);
  });

  it('keeps what callers said from others on the machine', async (t) => {
    const folder = newFolder();
    await open(t, folder).ping();
    assert.equal(statSync(folder).mode & 0o077, 0);
  });

  it('names DATA_FOLDER when it cannot be used, and uses it once it can', async (t) => {
    const folder = join(root, 'first-a-file');
    writeFileSync(folder, '');
    const history = open(t, folder);
    await assert.rejects(history.save(call), unavailable(/DATA_FOLDER.*EEXIST/));
    await assert.rejects(history.ping(), unavailable(/DATA_FOLDER/));
    rmSync(folder);
    await history.save(call);
    assert.deepEqual(await history.find(call.callId), call);
  });

  it('begins a new file when somebody deletes the one it has open', async (t) => {
    const folder = newFolder();
    const history = open(t, folder);
    await history.save(call);
    rmSync(folder, { recursive: true });
    assert.equal(await history.find(call.callId), undefined);
    await history.save(call);
    assert.deepEqual(await open(t, folder).find(call.callId), call);
  });

  it('fails while another process holds a write lock, reads meanwhile, and never holds up this thread', async (t) => {
    const folder = newFolder();
    const history = open(t, folder);
    await history.save(call);
    const other = new DatabaseSync(join(folder, 'calls.sqlite'));
    t.after(() => other.close());
    other.exec('BEGIN IMMEDIATE');
    let last = performance.now();
    let longestMs = 0;
    const beat = setInterval(() => {
      longestMs = Math.max(longestMs, performance.now() - last);
      last = performance.now();
    }, 10);
    t.after(() => clearInterval(beat));
    assert.deepEqual(await history.find(call.callId), call);
    await assert.rejects(history.save({ ...call, version: 2 }), unavailable(/database is locked/));
    await assert.rejects(history.ping(), unavailable(/database is locked/));
    assert.ok(longestMs < 500, `this thread stood still for ${longestMs} ms`);
    other.exec('ROLLBACK');
    await history.save({ ...call, version: 3 });
    assert.equal((await history.find(call.callId))?.version, 3);
  });

  it('answers those who wait when there are more than it can take', async (t) => {
    const history = open(t);
    await history.ping();
    const saved = await Promise.allSettled(Array.from({ length: 150 }, () => history.save(call)));
    const refused = saved.filter((result) => result.status === 'rejected');
    assert.equal(refused.length, 50);
    assert.match(String(refused[0]!.reason), /too many/);
    await history.ping();
  });

  it('is unavailable once closed', async (t) => {
    const history = open(t);
    await history.ping();
    await history.close();
    await assert.rejects(history.save(call), unavailable(/closed/));
  });
});
