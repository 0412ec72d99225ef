// A playout on a clock of the test's own, and what it sends when.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { type AudioFormat, bytesPerMs, pcm16k } from '../audio-format.ts';
import { MediaCounts } from '../media-counts.ts';
import { Playout } from '../playout.ts';
import { TestClock } from './test-clock.ts';

export function startTestPlayout(t: TestContext, format: AudioFormat = pcm16k, aheadMs?: number) {
  const clock = new TestClock(t);
  const startMs = clock.nowMs;
  const frames: { readonly atMs: number; readonly audio: Buffer }[] = [];
  const playedOutAtMs: number[] = [];
  const counts = new MediaCounts();
  const playout = new Playout({
    format,
    aheadMs,
    counts,
    send: (frame) => frames.push({ atMs: clock.nowMs - startMs, audio: Buffer.from(frame) }),
    onPlayedOut: () => playedOutAtMs.push(clock.nowMs - startMs),
  });
  /** So much audio in which each byte tells where it was. */
  const audio = (ms: number) => Buffer.from(Uint8Array.from({ length: ms * bytesPerMs(format) }, (_, i) => i % 251));
  return { clock, frames, playedOutAtMs, playout, audio, counts };
}

/** Right to a frame is what the port asks for; the clock of these tests is exact. */
export function assertNear(actualMs: number, expectedMs: number): void {
  assert.ok(Math.abs(actualMs - expectedMs) < 0.1, `${actualMs} ms instead of ${expectedMs} ms`);
}
