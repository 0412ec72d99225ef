// Which of the things that a process holds have grown since its first hour. Pure.
import type { Holdings } from './long-life.ts';

/** Of the first hour's. */
const maxGrowth = 1.05;
/** Connections and their timers that are kept for the next request come and go. */
const few = 12;

const names = { heapBytes: 'the heap', timers: 'timers', sockets: 'sockets', keys: 'keys in the stores' } as const;

export function findGrowth(first: Holdings, later: Holdings): string[] {
  return (Object.keys(names) as (keyof Holdings)[]).flatMap((kind) => {
    const most = first[kind] * maxGrowth + (kind === 'heapBytes' ? 0 : few);
    return later[kind] > most ? [`${names[kind]}: ${later[kind]} after ${first[kind]}`] : [];
  });
}

export function formatHoldings({ heapBytes, timers, sockets, keys }: Holdings): string {
  return `heap ${(heapBytes / 1e6).toFixed(1)} MB, ${timers} timers, ${sockets} sockets, ${keys} keys`;
}
