// Where recordings are kept, a folder and Blob Storage alike: whole or not at all, by ranges, and gone when they are to go.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { after, describe, it } from 'node:test';
import { startBlobStorage } from '../../simulator/blob/blob-storage.ts';
import type { CallId } from '../call/call.ts';
import { BlobRecordingFiles } from './blob-recording-files.ts';
import { FolderRecordingFiles } from './folder-recording-files.ts';
import { audioName, peaksName, type RecordingFiles } from './recording-files.ts';

const one = 'in-1' as CallId;
const other = 'in-11' as CallId;

function testRecordingFiles(files: RecordingFiles): void {
  it('gives back what it was given, whole and by ranges', async () => {
    // More than one block.
    const content = Buffer.alloc(9_000_000, 'The quick brown fox. ');
    const pieces = Array.from({ length: 90 }, (_, i) => content.subarray(i * 100_000, (i + 1) * 100_000));
    assert.equal(await files.save(audioName(one, 0), Readable.from(pieces)), content.length);
    const whole = await files.open(audioName(one, 0));
    assert.deepEqual([whole?.bytes, (await buffer(whole!.content)).equals(content)], [content.length, true]);
    for (const [start, end] of [
      [0, 3],
      [4_194_300, 4_194_310],
      [8_999_990, 99_999_999],
    ] as const) {
      const part = await files.open(audioName(one, 0), { start, end });
      assert.equal(part?.bytes, content.length);
      assert.ok((await buffer(part!.content)).equals(content.subarray(start, end + 1)));
    }
  });

  it('has nothing of what broke off, and keeps what was there before', async () => {
    await files.save(peaksName(one), Readable.from(['first']));
    const broken = new Readable({
      read() {
        this.push('half of it');
        this.destroy(new Error('the carrier is gone'));
      },
    });
    await assert.rejects(files.save(peaksName(one), broken), { code: 'STORE_UNAVAILABLE' });
    assert.equal((await buffer((await files.open(peaksName(one)))!.content)).toString(), 'first');
  });

  it('finds no file that is not there', async () => {
    assert.equal(await files.open(audioName('in-9' as CallId, 0)), undefined);
  });

  it('removes all files of a call, and of no other', async () => {
    await files.save(audioName(other, 0), Readable.from(['other']));
    assert.equal(await files.remove(one), 2);
    assert.equal(await files.remove(one), 0);
    assert.equal(await files.open(audioName(one, 0)), undefined);
    assert.equal((await buffer((await files.open(audioName(other, 0)))!.content)).toString(), 'other');
  });
}

describe('recordings in a folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-recordings-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  testRecordingFiles(new FolderRecordingFiles(join(folder, 'deep')));

  it('are for nobody else on the machine, and their place is told to nobody', async () => {
    assert.equal(statSync(join(folder, 'deep', other)).mode & 0o077, 0);
    writeFileSync(join(folder, 'file'), '');
    const files = new FolderRecordingFiles(join(folder, 'file'));
    await assert.rejects(files.save(audioName(one, 0), Readable.from(['x'])), {
      code: 'STORE_UNAVAILABLE',
      message: 'the folder of recordings is unavailable: ENOTDIR',
    });
  });
});

describe('recordings in Blob Storage', async () => {
  const storage = await startBlobStorage();
  after(() => storage.stop());
  const { containerUrl, key } = storage;
  testRecordingFiles(new BlobRecordingFiles({ containerUrl, key }));

  it('are refused to who has another key, and the container that is not there is named', async () => {
    const strange = new BlobRecordingFiles({ containerUrl, key: Buffer.from('another').toString('base64') });
    await assert.rejects(strange.save(audioName(one, 0), Readable.from(['x'])), /we may not \(AuthenticationFailed\)/);
    const nowhere = new BlobRecordingFiles({ containerUrl: containerUrl.replace(/recordings$/, 'nowhere'), key });
    await assert.rejects(nowhere.open(audioName(one, 0)), /ContainerNotFound/);
  });

  it('are unavailable while the service is', async () => {
    storage.fail = 503;
    const files = new BlobRecordingFiles({ containerUrl, key });
    await assert.rejects(files.remove(other), { code: 'STORE_UNAVAILABLE', message: /ServerBusy/ });
    storage.fail = undefined;
    assert.equal(await files.remove(other), 1);
  });
});
