// Agents whose files change while calls are on.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, it, type TestContext } from 'node:test';
import { silentLogger as log } from '../logger.ts';
import { AgentCatalogue } from './agent-catalogue.ts';

let nowMs = 0;
beforeEach((t) => {
  nowMs = 0;
  (t as TestContext).mock.method(performance, 'now', () => nowMs);
});

function setUp(t: TestContext, options: { reloads?: boolean; check?(): void } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'parley-agents-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const write = (name: string, words: string) =>
    writeFileSync(join(folder, `${name}.md`), words && `---\nname: ${name}\n---\n${words}`);
  write('a', 'Be kind.');
  const agents = new AgentCatalogue({ folder, reloads: true, log, ...options });
  const later = () => {
    nowMs += 500;
  };
  return { folder, write, agents, later };
}

describe('the catalogue of agents', () => {
  it('has what a file says now, half a second after it changed, and the version that calls began with', (t) => {
    const { write, agents, later } = setUp(t);
    const before = agents.get('a')!;
    write('a', 'Be brief.');
    assert.equal(agents.get('a'), before);
    later();
    assert.equal(agents.get('a')!.instructions, 'Be brief.');
    assert.equal(agents.findVersion('a', before.hash), before);
    assert.equal(agents.findVersion('a', 'another'), undefined);
  });

  it('has agents that come, and not those that went', (t) => {
    const { folder, write, agents, later } = setUp(t);
    write('b', 'Be there.');
    rmSync(join(folder, 'a.md'));
    later();
    assert.deepEqual([...agents.keys()], ['b']);
  });

  it('goes on with what was right while a file is wrong, half written, or names what there is not', (t) => {
    let refuses = false;
    const check = () => {
      if (refuses) throw new Error('no such tool');
    };
    const { write, agents, later } = setUp(t, { check });
    for (const words of ['', 'Be {{nobody}}.']) {
      write('a', words);
      later();
      assert.equal(agents.get('a')!.instructions, 'Be kind.');
    }
    refuses = true;
    write('a', 'Be someone else.');
    later();
    assert.equal(agents.get('a')!.instructions, 'Be kind.');
    refuses = false;
    write('a', 'Be right again.');
    later();
    assert.equal(agents.get('a')!.instructions, 'Be right again.');
  });

  it('reads nothing again where it is not asked to', (t) => {
    const { write, agents, later } = setUp(t, { reloads: false });
    write('a', 'Be brief.');
    later();
    assert.equal(agents.get('a')!.instructions, 'Be kind.');
  });
});
