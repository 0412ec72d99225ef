// An agent's file that changes while people talk to it: the next caller gets the new one, and nobody on the line notices.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type InboundCall, ringAs } from './inbound-call.ts';
import { startScenarioWorld } from './scenario-world.ts';

it('serves new calls with what the file says now, and a live one as it began', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-agents-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const write = (words: string) =>
    writeFileSync(join(folder, 'desk.md'), `---\nname: desk\ngreeting: Hello.\ntools: [hang_up]\n---\n${words}`);
  write('You work for Contoso.');
  const world = await startScenarioWorld({ settings: { AGENTS_FOLDER: folder, DEFAULT_AGENT: 'desk' } });
  t.after(() => world.stop());
  const told = ({ session }: InboundCall) => {
    const update = session.log.events.find(({ type }) => type === 'session.update')!.message;
    return /You work for (\w+)\./.exec(JSON.stringify(update))?.[1];
  };
  const versionOf = async ({ callId }: InboundCall) => {
    const response = await world.ask(`/api/calls/${callId}`);
    return ((await response.json()) as { agent_version?: string }).agent_version;
  };

  const script = [
    { wait: 'agent-finished' },
    { pauseMs: 3_000 },
    { say: 'Goodbye.' },
    { wait: 'line-closed' },
  ] as const;
  const first = await ringAs(world, '+15550142', script);
  write('You work for Fabrikam.');
  await pause(600);
  const second = await ringAs(world, '+15550143', script);
  write('You work for {{nobody}}.');
  await pause(600);
  const third = await ringAs(world, '+15550144', script);
  for (const { done } of [first, second, third]) assert.equal((await done).outcome, 'finished');

  assert.deepEqual([first, second, third].map(told), ['Contoso', 'Fabrikam', 'Fabrikam']);
  const [one, two, three] = await Promise.all([first, second, third].map(versionOf));
  assert.match(one!, /^[0-9a-f]{16}$/);
  assert.notDeepEqual(one, two);
  assert.deepEqual(two, three);
});
