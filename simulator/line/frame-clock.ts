// The carrier's clock: a beat every 20 ms on an absolute time line, so that no delay adds up.
import { phoneFrameMs } from '../caller/phone.ts';

/** A stall longer than this is skipped: the beats of a machine that slept are of no use to anybody. */
const maxCatchUpMs = 1_000;

/** Calls `beat` 50 times a second on average; late beats are made up for. The result stops it. */
export function startFrameClock(beat: () => void): () => void {
  let next = performance.now() + phoneFrameMs;
  let timer = setTimeout(run, phoneFrameMs);
  let stopped = false;
  function run(): void {
    const now = performance.now();
    if (now - next > maxCatchUpMs) next = now;
    while (next <= now && !stopped) {
      next += phoneFrameMs;
      beat();
    }
    if (!stopped) timer = setTimeout(run, Math.max(0, next - performance.now()));
  }
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
