// The hold of a call that no other replica is after.
import type { TestContext } from 'node:test';
import type { CallId } from '../../../shared/call/call.ts';
import { silentLogger } from '../../../shared/logger.ts';
import { seizeHold } from '../../../shared/stores/call-hold.ts';
import type { CallLeases } from '../../../shared/stores/call-leases.ts';
import { MemoryCallLeases } from '../../../shared/stores/memory-call-leases.ts';
import { CallHold } from '../call-hold.ts';

/** Given back at the end of the test. */
export async function createTestHold(
  t: Pick<TestContext, 'after'>,
  callId: CallId,
  { leases = new MemoryCallLeases(), replica = 'r1' }: { leases?: CallLeases; replica?: string } = {},
): Promise<CallHold> {
  const lease = await seizeHold(leases, callId, replica);
  const hold = new CallHold({ leases, callId, replica, lease, log: silentLogger });
  t.after(() => hold.close());
  return hold;
}
