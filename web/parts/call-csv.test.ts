// Calls in a file for a spreadsheet, which runs nothing of what callers are called.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { formatCsv } from './call-csv.ts';

it('quotes what would break a row, and takes the life out of formulas', () => {
  const rows = formatCsv([
    {
      call_id: 'in-1',
      status: 'ended',
      phone_number: '+15550101',
      agent: '=cmd()',
      summary: 'He said "no",\nand left.',
    },
  ]).split('\r\n');
  assert.equal(rows[0]!.split(',')[0], 'call_id');
  assert.equal(rows[1], `in-1,ended,,'+15550101,,,'=cmd(),,,,,,,,"He said ""no"",\nand left."`);
});
