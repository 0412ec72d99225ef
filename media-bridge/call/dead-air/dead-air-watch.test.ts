// The watch over silences where somebody is heard whom nobody answers: a deaf service is found out, one that took notice is not.
import '../../../simulator/virtual-time/install.ts';

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { frameBytes, frameMs, pcm16k } from '../../audio/audio-format.ts';
import { DeadAirWatch } from './dead-air-watch.ts';

/**
 * Speaks for a second on a line where nobody else does, and waits for four. Returns how often the silence was filled.
 * `onBegun`: when the line is connected, a second before that.
 */
async function speak(
  during: (watch: DeadAirWatch) => void,
  { onBegun = (_: DeadAirWatch) => {}, onCallerHeard = () => {}, echoMs = 0 } = {},
): Promise<number> {
  let filled = 0;
  const watch = new DeadAirWatch({
    limits: { fillAfterMs: 1_500, askAgainAfterMs: 60_000, nextModelAfterMs: 90_000 },
    format: pcm16k,
    isHeld: () => false,
    fill: () => {
      filled += 1;
      return 60_000;
    },
    askAgain() {},
    nextModel() {},
    onCallerHeard,
  });
  watch.tell({ type: 'model-opened' });
  // Behind whatever was before the call.
  await sleep(1_000);
  onBegun(watch);
  for (let ms = 0; ms < 6_000; ms += frameMs) {
    const isLoud = (ms >= 1_200 && ms < 2_100) || (ms >= 100 && ms < 100 + echoMs);
    const frame = Buffer.alloc(frameBytes(pcm16k));
    if (isLoud) for (let at = 0; at < frame.length; at += 2) frame.writeInt16LE(at % 64 < 32 ? 3_000 : -3_000, at);
    watch.hear(frame);
    if (ms === 1_400) during(watch);
    await sleep(frameMs);
  }
  watch.close();
  return filled;
}

it('fills the silence after words that the service took no notice of', async () => {
  assert.equal(await speak(() => {}), 1);
});

it('leaves the silence to itself after words that the service noticed, and that were for somebody else', async () => {
  assert.equal(await speak((watch) => watch.notice()), 0);
});

/** Three seconds of the agent, into the midst of which the caller speaks. */
async function speakIntoReply(echoMs: number) {
  let heard = 0;
  let unnoticedMs = 0;
  const onBegun = (watch: DeadAirWatch) => {
    watch.tell({ type: 'reply-started' });
    watch.tell({ type: 'reply-sounded', lengthMs: 3_000 });
    watch.tell({ type: 'reply-finished' });
  };
  const during = (watch: DeadAirWatch) => {
    unnoticedMs = Math.round(watch.unnoticedMs);
  };
  const filled = await speak(during, { onBegun, onCallerHeard: () => void heard++, echoMs });
  return { heard, unnoticedMs, filled };
}

it('hears a caller who speaks into a reply of which nothing comes back, and fills the silence after it', async () => {
  assert.deepEqual(await speakIntoReply(0), { heard: 1, unnoticedMs: 200, filled: 1 });
});

it('takes nobody for the caller who is loud in a reply whose beginning came back', async () => {
  assert.deepEqual(await speakIntoReply(400), { heard: 0, unnoticedMs: 0, filled: 0 });
});
