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

it('tells the settings of its world to programs, and to no page', async (t) => {
  const desk = await startDemoDesk({ settings: { PORT: '8080' } } as unknown as World, 0);
  t.after(() => desk.stop());
  const read = (headers: Record<string, string>) => fetch(`${desk.url}/settings`, { headers });
  assert.deepEqual(await (await read({})).json(), { PORT: '8080' });
  assert.equal((await read({ origin: 'https://pages.example' })).status, 403);
  assert.equal((await read({ 'sec-fetch-site': 'cross-site' })).status, 403);
});
