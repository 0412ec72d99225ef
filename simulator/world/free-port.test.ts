// Tests of the search for a free port.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { findFreePort } from './free-port.ts';

it('no port is given twice, though nobody has opened it yet', async () => {
  const ports = await Promise.all(Array.from({ length: 600 }, findFreePort));
  assert.equal(new Set(ports).size, ports.length);
});
