// How long whoever asks for the app's health waits for it.
import '../../simulator/virtual-time/install.ts';

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { CallLedger } from '../../shared/stores/call-ledger.ts';
import { createMemoryStores } from '../../shared/stores/memory-stores.ts';
import { StoreHealth } from '../../shared/stores/store-health.ts';
import { createFaultyStores } from '../../shared/stores/testing/faulty-stores.ts';
import { createHealthHandler } from './health-handler.ts';

it('a store that hangs is told within the second that probes wait, and no host is taken for gone', async () => {
  const { stores, history } = createFaultyStores(createMemoryStores());
  history.become('hanging');
  const handle = createHealthHandler(new StoreHealth(stores, new CallLedger(stores.stream, stores.history)));
  const askedAtMs = performance.now();
  const { status, jsonBody } = await handle({} as never);
  assert.ok(performance.now() - askedAtMs < 1_000);
  assert.deepEqual(
    [status, (jsonBody as { checks: object }).checks],
    [503, { stream: 'ok', leases: 'ok', history: 'down' }],
  );
  history.become('well');
});
