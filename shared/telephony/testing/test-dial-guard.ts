// A dial guard over counts in memory, under a clock of the test's own.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mock } from 'node:test';
import { readConfig } from '../../config.ts';
import { type Logger, silentLogger } from '../../logger.ts';
import type { DialCounts } from '../../stores/dial-counts.ts';
import { MemoryDialCounts } from '../../stores/memory-dial-counts.ts';
import { DialGuard } from '../dial-guard.ts';

export function createTestGuard(settings: Record<string, string> = {}, log: Logger = silentLogger) {
  const config = readConfig({ DIAL_ALLOWED_PREFIXES: '+1,+44', DIAL_QUIET_HOURS: 'none', ...settings });
  const counts: DialCounts = new MemoryDialCounts();
  const over = new Set<string>();
  const guard = new DialGuard({ settings: config, counts, log, isOver: async (id) => over.has(id) });
  return {
    guard,
    counts,
    over,
    /** As an order of its own that is dialled at once. */
    async check(to: unknown, orderId: string = randomUUID(), at?: Date): Promise<{ number: string }> {
      const decision = await guard.decide({ to, orderId, at });
      assert.ok(decision.type === 'permitted', decision.type);
      await decision.permit.confirm();
      return { number: decision.permit.number };
    },
    pass(ms: number) {
      mock.timers.tick(ms);
    },
  };
}
