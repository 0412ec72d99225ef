// Tests when a lost media socket is asked for again, and when it is given up.
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { CallId } from '../../shared/call/call.ts';
import { AppError } from '../../shared/errors.ts';
import { silentLogger as log } from '../../shared/logger.ts';
import { CallLedger } from '../../shared/stores/call-ledger.ts';
import { MemoryCallHistory } from '../../shared/stores/memory-call-history.ts';
import { MemoryCallLeases } from '../../shared/stores/memory-call-leases.ts';
import { MemoryCallStream } from '../../shared/stores/memory-call-stream.ts';
import { FakeCallControl } from '../testing/fake-call-control.ts';
import { AcsMediaRestarts } from './media-restarts.ts';

const callId = 'call-1' as CallId;
const carrierCallId = 'connection-1';

let control: FakeCallControl;
let ledger: CallLedger;
let restarts: AcsMediaRestarts;
beforeEach(() => {
  control = new FakeCallControl();
  ledger = new CallLedger(new MemoryCallStream(), new MemoryCallHistory());
  restarts = new AcsMediaRestarts({ ledger, leases: new MemoryCallLeases(), control });
});

let failures = 0;
const fail = () => restarts.restart({ callId, carrierCallId, eventId: `event-${++failures}` }, log);
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('a media socket that is lost', () => {
  it('is asked for again at once, then after one second, then after three, and then no more', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    for (const [i, delayMs] of [0, 1000, 3000].entries()) {
      const done = fail();
      await settle();
      t.mock.timers.tick(Math.max(0, delayMs - 1));
      await settle();
      assert.equal(control.restarted.length, delayMs === 0 ? i + 1 : i);
      t.mock.timers.tick(1);
      await done;
      assert.equal(control.restarted.length, i + 1);
    }
    assert.deepEqual(control.hungUp, []);
    await fail();
    assert.equal(control.restarted.length, 3);
    assert.deepEqual(control.hungUp, [carrierCallId]);
    assert.equal((await ledger.find(callId))?.askedToEnd, 'media-lost');
  });

  it('is let go with a call that is gone', async () => {
    control.fail('restartMedia', new AppError('CALL_GONE', 'over'));
    await fail();
    assert.deepEqual(control.hungUp, []);
  });
});
