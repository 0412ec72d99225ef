// What `npm run agents` tells of agents that are sound, and of several that are not.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it, type TestContext } from 'node:test';
import { checkAgents } from './agent-check.ts';

function writeAgents(t: TestContext, files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'parley-agents-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

it('finds nothing wrong with the agents that come with Parley', () => {
  const { agents, problems } = checkAgents('agents');
  assert.deepEqual(problems, []);
  assert.deepEqual([...agents.keys()], ['receptionist', 'screening']);
});

it('tells all that is wrong, in each file, by its line and field', (t) => {
  const folder = writeAgents(t, {
    'a.md': '---\nname: a\nlanguage: 7\nmemory: { calls: 0 }\n---\nBe kind.',
    'b.md': '---\nname: b\n---\n',
    'c.md': '---\nname: c\ntools: [oracle]\n---\nBe kind.',
    'd.md': '---\nname: c\n---\nBe kind.',
    'e.md': 'Be kind.',
  });
  const { problems } = checkAgents(folder);
  assert.deepEqual(
    problems.map((problem) => problem.slice(folder.length + 1).replace(/(oracle).*/, '$1 …')),
    [
      'a.md:3:1: language: must be text; put it in quotes',
      'a.md:4:11: memory.calls: must be at least 1',
      'b.md:4: there are no instructions below the front matter',
      'c.md: there is no tool named oracle …',
      `d.md: a second agent is named c`,
      'e.md:1: an agent starts with front matter between two lines of ---',
    ],
  );
});

it('tells of a scenario that an agent cannot play', (t) => {
  const folder = writeAgents(t, {
    'a.md': '---\nname: a\n---\nBe kind.',
    'a.scenarios.yaml':
      'answers: [{ heard: hi, tool: hang_up, report: bye }]\nscenarios: [{ name: x, title: y, steps: [{ say: hi }] }]',
  });
  assert.match(checkAgents(folder).problems.join('\n'), /a\.scenarios\.yaml:1:\d+: answers\[1\]/);
});

it('says that there is no such folder, or no agent in it', (t) => {
  assert.match(checkAgents('/nowhere/at/all').problems.join(), /no such folder/);
  assert.match(checkAgents(writeAgents(t, {})).problems.join(), /there is no agent/);
});
