// Tools of MCP servers, over the protocol's own client against the stand-in: which there are, what they are told and give, and servers that fail.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { after, beforeEach, describe, it } from 'node:test';
import { parseAgent } from '../../shared/agents/agent.ts';
import { silentLogger as log } from '../../shared/logger.ts';
import { MemoryLookUps } from '../../shared/stores/memory-look-ups.ts';
import { LookUpCache } from '../../shared/tools/look-up-cache.ts';
import { McpTools } from '../../shared/tools/mcp/mcp-tools.ts';
import { formatToolSchema } from '../../shared/tools/registry.ts';
import { createBoundedFetch } from '../../shared/tools/services/bounded-fetch.ts';
import { type ToolContext, ToolRefusal } from '../../shared/tools/tool.ts';
import { type McpStandInTool, startMcp } from './mcp-service.ts';

const text = (value: unknown) => ({ content: [{ type: 'text', text: JSON.stringify(value) }] });
const slots: McpStandInTool = {
  name: 'find.slots',
  description: 'Finds free\nslots.',
  inputSchema: { type: 'object', properties: { day: { type: 'string' } }, required: ['day'] },
  run: ({ day }) => text({ day, slots: ['9:00', '10:30'] }),
};
const others: McpStandInTool[] = [
  { name: 'wipe', inputSchema: { type: 'object' }, run: () => assert.fail('nobody picked it') },
  {
    name: 'refuse',
    inputSchema: { type: 'object' },
    run: () => ({ isError: true, content: [{ type: 'text', text: 'No such day.' }] }),
  },
  { name: 'typed', inputSchema: { type: 'object' }, run: () => ({ content: [], structuredContent: { ok: 1 } }) },
];
const service = await startMcp({ tools: [slots, ...others], authorization: 'Bearer secret' });
after(() => service.stop());
beforeEach(() => service.faults.clear());

const agent = parseAgent(
  'a.md',
  `---
name: a
mcp_servers:
  calendar:
    url: ${service.url}/mcp
    tools: [find.slots, refuse, typed, gone]
    secret: { setting: AGENT_SECRET_CALENDAR }
---
Be.`,
);

function setUp({ lookUps = new MemoryLookUps(), hosts = [new URL(service.url).host], secret = 'secret' } = {}) {
  const fetch = createBoundedFetch(hosts);
  const tools = new McpTools({
    fetch,
    secrets: { AGENT_SECRET_CALENDAR: secret },
    cache: new LookUpCache(lookUps, log),
    log,
  });
  const use = async (name: string, input: object, signal = new AbortController().signal) => {
    const tool = tools.pick(agent).find((tool) => tool.name === name)!;
    return tool.run(tool.input.parse(input), { signal } as ToolContext);
  };
  return { tools, use };
}

describe('the tools of an MCP server', () => {
  it('are those that the agent picks, told as data of their server', async () => {
    const { tools } = setUp();
    assert.deepEqual(tools.pick(agent), [], 'nothing is known yet');
    await tools.prepare(agent);
    assert.deepEqual(
      tools.pick(agent).map(({ name }) => name),
      ['calendar_find_slots', 'calendar_refuse', 'calendar_typed'],
    );
    const [told] = tools.pick(agent).map(formatToolSchema);
    assert.deepEqual(told, {
      name: 'calendar_find_slots',
      description: 'Of calendar, in its own words: "Finds free slots."',
      parameters: { type: 'object', properties: { day: { type: 'string' } }, required: ['day'] },
    });
  });

  it('answer in a session of each call of their own, and leave none behind', async () => {
    const { tools, use } = setUp();
    await tools.prepare(agent);
    const [one, two] = await Promise.all([
      use('calendar_find_slots', { day: 'Monday' }),
      use('calendar_find_slots', { day: 'Friday' }),
    ]);
    assert.deepEqual(
      [one, two].map((found) => (found as { day: string }).day),
      ['Monday', 'Friday'],
    );
    const sessions = service.calls.slice(-2).map(({ session }) => session);
    assert.notEqual(sessions[0], sessions[1]);
    assert.deepEqual(await use('calendar_typed', {}), { ok: 1 });
    while (service.open.size > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  it('say what was refused, and take no input that does not fit', async () => {
    const { tools, use } = setUp();
    await tools.prepare(agent);
    await assert.rejects(
      use('calendar_refuse', {}),
      (error) => error instanceof ToolRefusal && /No such day/.test(error.message),
    );
    await assert.rejects(use('calendar_find_slots', { day: 7 }));
  });

  it('are known though their server is away now, to a bridge that starts too', async () => {
    const lookUps = new MemoryLookUps();
    const first = setUp({ lookUps });
    await first.tools.prepare(agent);
    service.faults.add({ instead: 'cut', times: Infinity });
    const { tools, use } = setUp({ lookUps });
    await tools.prepare(agent);
    assert.equal(tools.pick(agent).length, 3);
    await assert.rejects(use('calendar_find_slots', { day: 'Monday' }));
  });

  it('do not keep a call waiting that begins while their server hangs', async () => {
    service.faults.add({ instead: 'silence', times: Infinity });
    const { tools } = setUp();
    const startedAt = performance.now();
    await tools.prepare(agent);
    assert.ok(performance.now() - startedAt < 2_000);
    assert.deepEqual(tools.pick(agent), []);
  });

  it('end with the call that asked', async () => {
    const { tools, use } = setUp();
    await tools.prepare(agent);
    service.faults.add({ operation: 'tools/call', instead: 'silence' });
    const abort = new AbortController();
    const asked = use('calendar_find_slots', { day: 'Monday' }, abort.signal);
    setTimeout(() => abort.abort(), 50);
    await assert.rejects(asked);
  });

  it('are not asked for at a host that the operator does not allow, nor without the right secret', async () => {
    for (const wrong of [{ hosts: [] }, { hosts: ['127.0.0.1'] }, { secret: 'wrong' }]) {
      const asked = service.requests.length;
      const { tools } = setUp(wrong);
      await tools.prepare(agent);
      assert.deepEqual(tools.pick(agent), []);
      assert.ok(wrong.secret !== undefined || service.requests.length === asked);
    }
  });
});
