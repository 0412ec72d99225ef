// Who may order calls in a running local world: a second terminal, and no web page.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { startDemoDesk } from './demo-desk.ts';
import type { World } from './world.ts';

it('takes no order of a page', async (t) => {
  const desk = await startDemoDesk({} as World, 0);
  t.after(() => desk.stop());
  const order = async (headers: Record<string, string>) =>
    (await fetch(desk.url, { method: 'POST', headers, body: '{"scenario":"none"}' })).status;
  assert.equal(await order({ 'content-type': 'application/json', origin: 'https://pages.example' }), 403);
  assert.equal(await order({ 'content-type': 'text/plain' }), 415);
  // Read, and refused for what it says.
  assert.equal(await order({ 'content-type': 'application/json' }), 400);
});
