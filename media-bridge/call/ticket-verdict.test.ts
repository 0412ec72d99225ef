// Every age of a media token against everything that the stores may say of its call.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judgeTicket, type StoreAnswer, type TicketVerdict } from './ticket-verdict.ts';

type Row = readonly [stream: StoreAnswer, history: StoreAnswer | undefined, fresh: TicketVerdict, old: TicketVerdict];
const table: readonly Row[] = [
  ['active', undefined, 'admitted', 'admitted'],
  ['transferring', undefined, 'admitted', 'admitted'],
  ['ended', undefined, 'ended', 'ended'],
  ['dialling', undefined, 'admitted', 'too-late'],
  ['ringing', undefined, 'admitted', 'too-late'],
  ['unknown', 'active', 'admitted', 'admitted'],
  ['unknown', 'ended', 'ended', 'ended'],
  ['unknown', 'ringing', 'admitted', 'too-late'],
  ['unknown', 'unknown', 'admitted', 'too-late'],
  ['unknown', 'away', 'admitted', 'too-late'],
  ['away', 'active', 'admitted', 'admitted'],
  ['away', 'ended', 'ended', 'ended'],
  ['away', 'ringing', 'in-doubt', 'too-late'],
  ['away', 'unknown', 'in-doubt', 'in-doubt'],
  ['away', 'away', 'in-doubt', 'in-doubt'],
];

describe('a media token', () => {
  for (const [stream, history, fresh, old] of table)
    it(`of a call that is ${stream} in the stream and ${history ?? 'not asked for'} in the history`, () => {
      const facts = { stream, history, isHere: false };
      assert.equal(judgeTicket({ ...facts, isFresh: true }), fresh);
      assert.equal(judgeTicket({ ...facts, isFresh: false }), old);
      const here = fresh === 'ended' ? 'ended' : 'admitted';
      assert.equal(judgeTicket({ ...facts, isFresh: false, isHere: true }), here);
    });
});
