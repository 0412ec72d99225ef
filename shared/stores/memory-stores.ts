// The stores in this process's memory: live calls of a process that is alone, and everything for tests.
import { type Logger, silentLogger } from '../logger.ts';
import { MemoryBridgeLoads } from './memory-bridge-loads.ts';
import { MemoryCallHistory } from './memory-call-history.ts';
import { MemoryCallLeases } from './memory-call-leases.ts';
import { MemoryCallStream } from './memory-call-stream.ts';
import { MemoryCallerMemory } from './memory-caller-memory.ts';
import { MemoryDialCounts } from './memory-dial-counts.ts';
import { MemoryLookUps } from './memory-look-ups.ts';
import type { LiveStores, Stores } from './stores.ts';

interface MemoryOptions {
  readonly log?: Logger;
}

export function createMemoryLiveStores({ log = silentLogger }: MemoryOptions = {}): LiveStores {
  const stream = new MemoryCallStream({ log });
  return {
    stream,
    leases: new MemoryCallLeases(),
    dialCounts: new MemoryDialCounts(),
    bridgeLoads: new MemoryBridgeLoads(),
    lookUps: new MemoryLookUps(),
    close: () => stream.close(),
  };
}

export function createMemoryStores(options?: MemoryOptions): Stores {
  return { ...createMemoryLiveStores(options), history: new MemoryCallHistory(), callers: new MemoryCallerMemory() };
}
