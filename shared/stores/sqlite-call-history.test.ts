// The history in SQLite: its contract, and what a file has to do on top.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { CallId } from '../call/call.ts';
import { newCallState } from '../call/call-state.ts';
import { testCallHistory } from './call-history.contract.ts';
import { SqliteCallHistory } from './sqlite-call-history.ts';

describe('SqliteCallHistory', () => {
  const root = mkdtempSync(join(tmpdir(), 'parley-history-'));
  after(() => rmSync(root, { recursive: true, force: true }));
  let folders = 0;
  const newFolder = () => join(root, String(++folders), 'deep');
  const call = { ...newCallState('a' as CallId), version: 1 };

  testCallHistory(async (t) => {
    const history = SqliteCallHistory.open(newFolder());
    t.after(() => history.close());
    return history;
  });

  it('has its calls again after a restart', async () => {
    const folder = newFolder();
    const first = SqliteCallHistory.open(folder);
    await first.save(call);
    await first.close();
    const second = SqliteCallHistory.open(folder);
    assert.deepEqual(await second.find(call.callId), call);
    await second.close();
  });

  it('shares the file with another writer', async () => {
    const folder = newFolder();
    const [one, two] = [SqliteCallHistory.open(folder), SqliteCallHistory.open(folder)];
    await one.save({ ...call, version: 2 });
    await two.save({ ...call, version: 1 });
    assert.equal((await two.find(call.callId))?.version, 2);
    await one.close();
    await two.close();
  });

  it('keeps what callers said from others on the machine', async () => {
    const folder = newFolder();
    await SqliteCallHistory.open(folder).close();
    assert.equal(statSync(folder).mode & 0o077, 0);
  });

  it('names DATA_FOLDER when it cannot be used', () => {
    const file = join(root, 'a-file');
    writeFileSync(file, '');
    assert.throws(() => SqliteCallHistory.open(file), { code: 'BAD_SETTING', message: /DATA_FOLDER/ });
  });

  it('is unavailable once closed', async () => {
    const history = SqliteCallHistory.open(newFolder());
    await history.close();
    await assert.rejects(history.save(call), { code: 'STORE_UNAVAILABLE' });
  });
});
