// Tools of other houses in whole calls: an MCP server and a service of the house, there, away, hanging, and back again.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { callDetailSchema } from '../../shared/api.ts';
import type { BrainRules } from '../chat/brain.ts';
import { startMcp } from '../mcp/mcp-service.ts';
import { startJsonService } from '../rest/json-service.ts';
import { poll } from './carrier-leg.ts';
import { ringAs } from './inbound-call.ts';
import { startScenarioWorld } from './scenario-world.ts';

const slots = 'What time is it?';
const order = 'What are your opening hours?';
const rules: BrainRules = {
  phrases: [
    {
      heard: slots,
      tool: { name: 'calendar_slots', arguments: { day: 'Monday' }, report: 'There is one at {output.at}.' },
    },
    {
      heard: order,
      tool: { name: 'find_order', arguments: { order: '4711' }, report: 'Your order is {output.state}.' },
    },
    { heard: 'Goodbye.', tool: { name: 'hang_up', arguments: {}, report: 'Goodbye.' } },
  ],
  otherwise: 'Sorry, I did not understand.',
};

it('uses what is there, and goes on without what is not', async (t) => {
  const mcp = await startMcp({
    tools: [
      {
        name: 'slots',
        inputSchema: { type: 'object', properties: { day: { type: 'string' } }, required: ['day'] },
        run: ({ day }) => ({ content: [{ type: 'text', text: JSON.stringify({ day, at: 'nine' }) }] }),
      },
    ],
    authorization: 'Bearer of-the-calendar',
  });
  const house = await startJsonService({
    nameOf: () => 'order',
    answer: ({ path, query, headers }) =>
      headers['x-api-key'] === 'of-the-house' && path === '/orders/4711' && query.get('phone')?.startsWith('+1555014')
        ? { status: 200, body: { state: 'on its way' } }
        : { status: 403 },
    fail: (status) => ({ status }),
  });
  t.after(() => Promise.all([mcp.stop(), house.stop()]));
  const folder = mkdtempSync(join(tmpdir(), 'parley-agents-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(
    join(folder, 'desk.md'),
    `---
name: desk
greeting: Hello.
tools: [hang_up]
http_tools:
  find_order:
    description: Finds an order of the caller.
    url: ${house.url}/orders/{order}?phone={{caller_number}}
    input: { type: object, properties: { order: { type: string } }, required: [order] }
    secret: { setting: AGENT_SECRET_HOUSE, header: x-api-key, prefix: "" }
    timeout_seconds: 4
mcp_servers:
  calendar:
    url: ${mcp.url}/mcp
    tools: [slots]
    secret: { setting: AGENT_SECRET_CALENDAR }
    timeout_seconds: 4
---
Be kind.`,
  );
  const world = await startScenarioWorld({
    rules,
    settings: {
      AGENTS_FOLDER: folder,
      DEFAULT_AGENT: 'desk',
      AGENT_ALLOWED_HOSTS: [mcp.url, house.url].map((url) => new URL(url).host).join(','),
      AGENT_SECRET_HOUSE: 'of-the-house',
      AGENT_SECRET_CALENDAR: 'of-the-calendar',
    },
  });
  t.after(() => world.stop());

  let calls = 0;
  const hold = async () => {
    const { callId, done } = await ringAs(world, `+155501420${calls++}`, [
      { wait: 'agent-finished' },
      { say: slots },
      { wait: 'agent-finished' },
      { pauseMs: 5_000 },
      { say: order },
      { wait: 'agent-finished' },
      { pauseMs: 5_000 },
      { say: 'Goodbye.' },
      { wait: 'line-closed' },
    ]);
    const report = await done;
    assert.equal(report.outcome, 'finished', report.reason);
    const detail = await poll(
      async () => callDetailSchema.parse(await (await world.ask(`/api/calls/${callId}`)).json()),
      ({ status }) => status === 'ended',
    );
    assert.equal(detail.end_reason, 'agent-hung-up');
    const said = detail.turns.filter(({ role }) => role === 'agent').map(({ text }) => text);
    return { tools: detail.tools.map(({ name, ok }) => `${name} ${ok}`), said: said.join(' ') };
  };
  const well = ['calendar_slots true', 'find_order true', 'hang_up true'];
  const badly = ['calendar_slots false', 'find_order false', 'hang_up true'];

  const first = await hold();
  assert.deepEqual(first.tools, well);
  assert.match(first.said, /There is one at nine\. .*Your order is on its way\./);

  for (const instead of [{ status: 500 }, 'cut', 'silence'] as const) {
    for (const { faults } of [mcp, house]) faults.add({ instead, times: Infinity });
    assert.deepEqual((await hold()).tools, badly, JSON.stringify(instead));
    for (const { faults } of [mcp, house]) faults.clear();
  }
  assert.deepEqual((await hold()).tools, well);
});
