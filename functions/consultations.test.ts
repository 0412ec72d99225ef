// That neither call of a transfer is left alone when the other one is over, whoever tells it.
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { CallId } from '../shared/call/call.ts';
import type { CallFact } from '../shared/call/call-event.ts';
import { AppError } from '../shared/errors.ts';
import { silentLogger } from '../shared/logger.ts';
import { CallLedger } from '../shared/stores/call-ledger.ts';
import { MemoryCallHistory } from '../shared/stores/memory-call-history.ts';
import { MemoryCallStream } from '../shared/stores/memory-call-stream.ts';
import { Consultations } from './consultations.ts';
import { FakeCallControl } from './testing/fake-call-control.ts';

const caller = 'in-1' as CallId;
const leg = 'out-for-1' as CallId;
const created = { carrier: 'acs', remoteParty: '+15550100', ourNumber: '+15550199', agent: 'a' } as const;

let ledger: CallLedger;
let control: FakeCallControl;
let consultations: Consultations;

beforeEach(async () => {
  ledger = new CallLedger(new MemoryCallStream(), new MemoryCallHistory());
  control = new FakeCallControl();
  consultations = new Consultations({ ledger, controls: new Map([['acs', control]]), log: silentLogger });
  await tell(caller, { type: 'call-created', direction: 'inbound', ...created });
  await tell(leg, { type: 'call-created', direction: 'outbound', ...created });
  await tell(leg, { type: 'carrier-accepted', carrierCallId: 'leg-connection' });
  await tell(caller, { type: 'consultation-started', leg, target: 'desk' });
});

const tell = (callId: CallId, fact: CallFact) => ledger.record(callId, fact);
const stateOf = async (callId: CallId) => (await ledger.find(callId))!;

describe('when the caller is gone', () => {
  it('whoever was asked is hung up on', async () => {
    await consultations.callerLeft(caller);
    assert.deepEqual(control.hungUp, ['leg-connection']);
    assert.equal((await stateOf(leg)).askedToEnd, 'agent-hung-up');
  });

  it('nobody is hung up on twice, or after the end', async () => {
    await tell(leg, { type: 'call-ended', reason: 'busy' });
    await consultations.callerLeft(caller);
    assert.deepEqual(control.hungUp, []);
  });

  it('a carrier that refuses changes nothing for whoever told us', async () => {
    control.fail('hangUp', new AppError('CARRIER_REFUSED', 'no'));
    await consultations.callerLeft(caller);
    assert.equal((await stateOf(leg)).askedToEnd, 'agent-hung-up');
  });
});

describe('a caller who is alone where the person should be', () => {
  it('waits while the person may still come', async () => {
    assert.equal(await consultations.isDeserted(await stateOf(caller)), false);
  });

  it('is given back once the person is gone, and again until that has been done', async () => {
    await tell(leg, { type: 'call-ended', reason: 'caller-hung-up' });
    assert.equal(await consultations.isDeserted(await stateOf(caller)), true);
    await tell(caller, { type: 'transfer-failed', code: 'LEFT_ALONE', outcome: 'hung-up' });
    assert.equal(await consultations.isDeserted(await stateOf(caller)), true);
  });
});
