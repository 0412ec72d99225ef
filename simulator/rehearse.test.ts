// Tests `npm run rehearse` as a process of its own: what it prints and how it ends.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, it, type TestContext } from 'node:test';
import { parseWav } from './voice/wav.ts';

async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, ['simulator/rehearse.ts', ...args], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: code as number, out, errors, lines: out.trimEnd().split('\n') };
}

function makeAgents(t: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'parley-rehearse-'));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

describe('npm run rehearse', () => {
  it('plays one scenario of one agent, prints it, keeps its sound and sums it up', async (t) => {
    const { code, out, errors, lines } = await run(['receptionist', 'impatient', '--wav', '--seed', '3']);
    assert.deepEqual([code, errors], [0, '']);
    assert.equal(lines[0], 'receptionist impatient  The caller interrupts the greeting, presses a key and leaves.');
    assert.match(out, /^ +2\.\d s {2}agent {4}Thank you for calling ✂ interrupted$/m);
    assert.match(out, /^ +7\.\d s {2}agent {4}No, the office is closed at the weekend\.$/m);
    assert.match(out, /^ {10}✔ the agent says "closed at the weekend"$/m);
    assert.match(out, /^ {10}✔ the call ends with caller-hung-up$/m);
    assert.match(lines.at(-2)!, /^✔ receptionist impatient +\d+\.\d s$/);
    assert.match(lines.at(-1)!, /^1 call, all as expected: \d+\.\d s of conversation in \d+\.\d s$/);

    const path = /^ {10}Sound: (.*)$/m.exec(out)![1]!;
    t.after(() => rmSync(path));
    const { samples, sampleRate } = parseWav(readFileSync(path));
    assert.ok(samples.length > 12 * sampleRate);
  });

  it('fails when a conversation was not as expected', async (t) => {
    const folder = makeAgents(t, {
      'baker.md': '---\nname: baker\ngreeting: Good morning.\n---\nSell bread.',
      'baker.scenarios.yaml': 'scenarios:\n  - { name: early, title: calls, steps: [agent: Good evening] }\n',
    });
    const { code, out, errors, lines } = await run([], { AGENTS_FOLDER: folder });
    assert.equal(code, 1);
    const place = `${folder}/baker.scenarios.yaml:2`;
    assert.ok(out.includes(`✖ the agent says "Good evening": it said "Good morning." (${place})\n`), out);
    assert.match(lines.at(-2)!, /^✖ baker early .* 1 not as expected$/);
    assert.match(lines.at(-1)!, /^1 call, 1 not as expected: /);
    assert.equal(errors, 'In virtual time with SEED=1; the same seed plays the same again.\n');
  });

  it('says what there is when it is asked for something else, or for help', async (t) => {
    const folder = makeAgents(t, {
      'baker.md': '---\nname: baker\n---\nSell bread.',
      'baker.scenarios.yaml': 'scenarios:\n  - { name: order, title: orders bread, steps: [say: Bread.] }\n',
    });
    const fails = async (...args: string[]) => {
      const { code, out, errors } = await run(args, { AGENTS_FOLDER: folder });
      assert.deepEqual([code, out], [1, '']);
      return errors;
    };
    assert.equal(await fails('butcher'), 'There is no agent "butcher". There are: baker.\n');
    assert.equal(await fails('baker', 'tour'), 'baker has no scenario "tour". It has: order.\n');
    assert.equal(await fails('--carrier', 'pigeon'), '--carrier must be acs or twilio.\n');
    assert.match(await fails('--seed', 'x'), /^--seed must be a whole number, not x\.\n\nPlays an agent's/);
    const { code, out } = await run(['--help'], { AGENTS_FOLDER: folder });
    assert.equal(code, 0);
    assert.match(out, /\n\nbaker\n {2}order {13}the caller orders bread\n$/);
  });

  it('names the place of what is wrong with a file', async (t) => {
    const folder = makeAgents(t, {
      'baker.md': '---\nname: baker\n---\nSell bread.',
      'baker.scenarios.yaml': 'scenarios:\n  - name: order\n    title: orders bread\n    steps:\n      - say: 2\n',
    });
    const { code, errors } = await run([], { AGENTS_FOLDER: folder });
    assert.equal(code, 1);
    const place = `${folder}/baker.scenarios.yaml:5:9`;
    assert.equal(errors, `${place}: scenarios[1].steps[1].say: must be text; put it in quotes\n`);
  });
});
