// What the bridge says by itself while somebody has to be waited for, as it lies in its folder.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeG711 } from '../../voice/g711.ts';
import { resample } from '../../voice/resample.ts';
import { findSounds } from './agent-sounds.ts';
import type { SpokenText } from './agent-voice.ts';

const folder = join(import.meta.dirname, '../../../media-bridge/announcements/en');
let read: readonly SpokenText[] | undefined;

/** Shorter is a click before the words. */
const leastSamples = 640;

/** At 16 kHz, from the first word on. */
export function readAnnouncements(): readonly SpokenText[] {
  read ??= readdirSync(folder).map((file) => {
    const samples = resample(decodeG711(readFileSync(join(folder, file)), 'mulaw'), 8_000, 16_000);
    const first = findSounds(samples, 8_000).find(({ from, to }) => to - from >= leastSamples);
    return { text: file, samples: samples.slice(first?.from) };
  });
  return read;
}
