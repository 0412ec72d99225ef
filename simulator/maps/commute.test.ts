// The tool that tells of the way to work, against the stand-in of Azure Maps.
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { parseAgent } from '../../shared/agents/agent.ts';
import { silentLogger as log } from '../../shared/logger.ts';
import { MemoryLookUps } from '../../shared/stores/memory-look-ups.ts';
import { createCommute } from '../../shared/tools/commute.ts';
import { LookUpCache } from '../../shared/tools/look-up-cache.ts';
import { MapsClient } from '../../shared/tools/services/maps-client.ts';
import type { ToolContext } from '../../shared/tools/tool.ts';
import { startMaps } from './maps-service.ts';

const service = await startMaps({ key: 'k' });
after(() => service.stop());

function createTool(key = 'k', settings = '') {
  const agent = parseAgent('a.md', `---\nname: a\n${settings}\n---\nBe.`);
  const maps = new MapsClient({
    endpoint: service.url,
    key,
    clientId: undefined,
    credential: () => assert.fail('a key'),
  });
  const tool = createCommute(agent, { maps, cache: new LookUpCache(new MemoryLookUps(), log) });
  const { signal } = new AbortController();
  return async (from: string, to: string) =>
    (await tool.run(tool.input.parse({ from, to }), { signal } as ToolContext)) as Record<string, unknown>;
}

describe('commute', () => {
  it('tells the way and the time at this hour, and asks for the same once', async () => {
    const commute = createTool();
    const way = await commute('Seattle, Washington', 'Bellevue, Washington');
    assert.deepEqual(way, {
      from: 'Seattle, Washington, United States',
      to: 'Bellevue, Washington, United States',
      kilometres: 12.7,
      miles: 7.9,
      minutes: 18,
      minutes_without_traffic: 14,
    });
    const asked = service.requests.length;
    assert.deepEqual(await commute('seattle, washington', 'Bellevue, Washington'), way);
    assert.equal(service.requests.length, asked);
  });

  it('says that another place may be meant, which place there is not, and walks', async () => {
    const commute = createTool('k', 'tool_settings: { commute: { travel_mode: walking } }');
    assert.match(String((await commute('Springfield', 'Bellevue, WA')).advice), /Read the places back/);
    const nowhere = await commute('Bellevue, WA', 'Xanadu');
    assert.deepEqual([nowhere.found, nowhere.unknown], [false, 'Xanadu']);
    const walked = await commute('Redmond, WA', 'Bellevue, WA');
    assert.equal(walked.minutes, walked.minutes_without_traffic);
  });

  it('looks in the country of the agent where no other is named', async () => {
    await createTool('k', 'tool_settings: { commute: { countries: [US] } }')('Seattle', 'Tacoma');
    const queries = service.requests.slice(-3).map(({ query }) => query.get('query'));
    assert.deepEqual(queries.slice(0, 2).sort(), ['Seattle, US', 'Tacoma, US']);
  });

  it('sends what callers say as a query and nothing else', async () => {
    await createTool()('Seattle/../../admin?x=1&subscription-key=mine#', 'Bellevue, WA');
    const { path, query } = service.requests.findLast(({ path }) => path === '/geocode' && path.length > 0)!;
    assert.equal(path, '/geocode');
    assert.equal(query.get('subscription-key'), null);
    assert.deepEqual(new Set(service.requests.map(({ path }) => path)), new Set(['/geocode', '/route/directions']));
  });

  it('tries once more when the service is busy, and says what is wrong when it is away', async () => {
    service.faults.add({ operation: 'route', instead: { status: 429 } });
    assert.equal((await createTool()('Redmond, WA', 'Tacoma, WA')).to, 'Tacoma, Washington, United States');
    await assert.rejects(createTool('wrong')('Seattle', 'Tacoma'), { code: 'TOOL_FAILED', message: /geocode: 401/ });
    const back = service.faults.add({ instead: 'cut', times: Infinity });
    await assert.rejects(createTool()('Seattle', 'Tacoma'), { code: 'TOOL_FAILED', message: /no connection/ });
    back();
  });
});
