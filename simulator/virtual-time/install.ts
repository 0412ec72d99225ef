// Imported before anything else, or preloaded, it puts the whole process into virtual time.
import { installVirtualTime, type VirtualTime } from './virtual-time.ts';

/** `SEED=7 node --test …` plays everything with another seed. */
const defaultSeed = 1;

const given = process.env.SEED;
const seed = given === undefined ? defaultSeed : Number(given);
if (!Number.isSafeInteger(seed) || seed < 0) throw new Error(`SEED must be a whole number, not ${given}`);

export const virtualTime: VirtualTime = installVirtualTime(seed);

process.on('exit', (code) => {
  const { nowMs, realMs } = virtualTime;
  // Where no time passed nothing was played.
  if (code !== 0 && nowMs > 0)
    process.stderr.write(`In virtual time with SEED=${seed}; the same seed plays the same again.\n`);
  if (process.env.VIRTUAL_TIME_STATS) {
    const { user, system } = process.cpuUsage();
    const cpuSeconds = (user + system) / 1e6;
    process.stderr.write(
      `virtual ${(nowMs / 1000).toFixed(1)} s in real ${(realMs / 1000).toFixed(1)} s, CPU ${cpuSeconds.toFixed(1)} s\n`,
    );
  }
});
