// Which of the things that a process holds have grown since its first hour. Pure.
import type { Holdings } from './long-life.ts';

/** Connections and their timers that are kept for the next request come and go. */
const few = 12;

const limits = {
  heapBytes: { name: 'the heap', times: 1.05, more: 0 },
  codeBytes: { name: 'compiled code', times: 1.5, more: 0 },
  timers: { name: 'timers', times: 1.05, more: few },
  sockets: { name: 'sockets', times: 1.05, more: few },
  keys: { name: 'keys in the stores', times: 1.05, more: few },
} as const satisfies Record<keyof Holdings, { name: string; times: number; more: number }>;

export function findGrowth(first: Holdings, later: Holdings): string[] {
  return (Object.keys(limits) as (keyof Holdings)[]).flatMap((kind) => {
    const { name, times, more } = limits[kind];
    return later[kind] > first[kind] * times + more ? [`${name}: ${later[kind]} after ${first[kind]}`] : [];
  });
}

export function formatHoldings({ heapBytes, codeBytes, timers, sockets, keys }: Holdings): string {
  const [heap, code] = [heapBytes, codeBytes].map((bytes) => `${(bytes / 1e6).toFixed(1)} MB`);
  return `heap ${heap} and ${code} of code, ${timers} timers, ${sockets} sockets, ${keys} keys`;
}
