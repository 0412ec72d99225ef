// Tests why a call of ACS ended, code by code.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CallEndReason } from '../../shared/call/call.ts';
import { type CallBeforeEnd, readAcsEndReason } from './end-reasons.ts';

const outbound: CallBeforeEnd = { transfer: 'none', direction: 'outbound', connected: false };
const talking: CallBeforeEnd = { transfer: 'none', direction: 'inbound', connected: true };

describe('a call of ACS', () => {
  const cases: [number, number, CallBeforeEnd, CallEndReason][] = [
    [200, 7000, talking, 'agent-hung-up'],
    [200, 5001, talking, 'agent-hung-up'],
    [200, 5002, talking, 'agent-hung-up'],
    [200, 5300, talking, 'agent-hung-up'],
    [200, 540000, talking, 'caller-hung-up'],
    [200, 560000, { ...outbound, connected: true }, 'caller-hung-up'],
    [200, 0, talking, 'caller-hung-up'],
    [200, 0, outbound, 'no-answer'],
    [603, 0, outbound, 'declined'],
    [603, 560603, outbound, 'declined'],
    [487, 10024, outbound, 'declined'],
    [486, 560486, outbound, 'busy'],
    [486, 540486, outbound, 'busy'],
    [480, 560480, outbound, 'no-answer'],
    [408, 560408, outbound, 'no-answer'],
    [408, 500001, outbound, 'no-answer'],
    [487, 10003, outbound, 'no-answer'],
    [497, 560487, outbound, 'no-answer'],
    [487, 10004, outbound, 'ring-timeout'],
    [487, 540487, { ...talking, connected: false }, 'caller-hung-up'],
    [487, 0, { ...talking, connected: false }, 'caller-hung-up'],
    [404, 560404, outbound, 'invalid-number'],
    [404, 511404, outbound, 'invalid-number'],
    [484, 560484, outbound, 'invalid-number'],
    [403, 560403, outbound, 'refused'],
    [403, 510403, outbound, 'refused'],
    [403, 511532, outbound, 'carrier-error'],
    [410, 301005, talking, 'media-lost'],
    [410, 531004, talking, 'media-lost'],
    [500, 560500, outbound, 'carrier-error'],
    [503, 560503, outbound, 'carrier-error'],
    [500, 9999, talking, 'carrier-error'],
    [486, 999999, outbound, 'busy'],
    [0, 0, talking, 'carrier-error'],
  ];
  for (const [code, subCode, before, reason] of cases) {
    const { direction, connected } = before;
    it(`ends as ${reason} by ${code}/${subCode}, ${direction}${connected ? ' and connected' : ''}`, () => {
      assert.equal(readAcsEndReason({ code, subCode }, before), reason);
    });
  }

  it('ends for the reason that our side gave', () => {
    const asked = { ...outbound, askedToEnd: 'voicemail' } as const;
    assert.equal(readAcsEndReason({ code: 200, subCode: 7000 }, asked), 'voicemail');
    assert.equal(readAcsEndReason({ code: 487, subCode: 0 }, { ...asked, askedToEnd: 'ring-timeout' }), 'ring-timeout');
  });

  it('ends as hung up by the person who was faster than us', () => {
    const asked = { ...talking, askedToEnd: 'agent-hung-up' } as const;
    assert.equal(readAcsEndReason({ code: 200, subCode: 540000 }, asked), 'caller-hung-up');
  });

  it('ends as transferred once ACS took the transfer, or while it is about to', () => {
    assert.equal(readAcsEndReason({ code: 200, subCode: 540000 }, { ...talking, transfer: 'accepted' }), 'transferred');
    const asked = { ...talking, transfer: 'asked' } as const;
    assert.equal(readAcsEndReason({ code: 200, subCode: 7000 }, asked), 'transferred');
    assert.equal(readAcsEndReason({ code: 200, subCode: 5300 }, asked), 'transferred');
    assert.equal(readAcsEndReason({ code: 500, subCode: 560500 }, asked), 'carrier-error');
  });

  for (const subCode of [540000, 560000, 0])
    it(`ends as hung up by the caller who left while the other phone rang, by 200/${subCode}`, () => {
      assert.equal(readAcsEndReason({ code: 200, subCode }, { ...talking, transfer: 'asked' }), 'caller-hung-up');
    });
});
