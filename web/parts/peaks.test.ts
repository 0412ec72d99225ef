// How the peaks of a recording are read and folded.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { decodePeaks, foldPeaks } from './peaks.ts';

it('reads signed bytes', () => {
  assert.deepEqual(
    [...decodePeaks(Buffer.from(Int8Array.from([-128, 127, -1, 0]).buffer).toString('base64'))],
    [-128, 127, -1, 0],
  );
});

it('keeps the lowest and the highest of each stretch, however many columns there are', () => {
  const peaks = Int8Array.from([-1, 2, -30, 4, -5, 60, -7, 8]);
  assert.deepEqual(foldPeaks(peaks, 2), [
    [-30, 4],
    [-7, 60],
  ]);
  assert.deepEqual(foldPeaks(peaks, 1), [[-30, 60]]);
  assert.equal(foldPeaks(peaks, 9).length, 9);
  assert.deepEqual(foldPeaks(new Int8Array(0), 2), [
    [0, 0],
    [0, 0],
  ]);
});
