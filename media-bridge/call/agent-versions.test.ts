// A call keeps the agent that it began with, whoever serves it and whatever its file says meanwhile.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { parseAgent } from '../../shared/agents/agent.ts';
import { silentLogger as log } from '../../shared/logger.ts';
import { MemoryLookUps } from '../../shared/stores/memory-look-ups.ts';
import { AgentVersions } from './agent-versions.ts';

const read = (words: string) => parseAgent('a.md', `---\nname: a\n---\n${words}`);
const [old, current] = [read('Be kind.'), read('Be brief.')];
const pinned = { name: 'a', hash: old.hash };

/** A bridge that read the files at this time. */
const bridgeOf = (agent: typeof old, lookUps = new MemoryLookUps()) =>
  new AgentVersions({
    agents: {
      get: (name) => (name === 'a' ? agent : undefined),
      findVersion: (_, hash) => (hash === agent.hash ? agent : undefined),
    },
    defaultAgent: 'a',
    lookUps,
    log,
  });

it('gives a new call the agent of now, and the default one where there is none of its name', async () => {
  assert.equal(await bridgeOf(current).choose('a', undefined), current);
  assert.equal(await bridgeOf(current).choose('b', undefined), current);
});

it('gives a call of another bridge the version that it began with there', async () => {
  const lookUps = new MemoryLookUps();
  bridgeOf(old, lookUps).keep(old);
  assert.deepEqual(await bridgeOf(current, lookUps).choose('a', pinned), old);
});

it('goes on with the agent of now where the version is nowhere any more, or the store is away', async () => {
  const away = { find: () => Promise.reject(new Error('away')), keep: () => Promise.reject(new Error('away')) };
  const bridge = bridgeOf(current, away as unknown as MemoryLookUps);
  bridge.keep(current);
  assert.equal(await bridge.choose('a', pinned), current);
  assert.equal(await bridgeOf(current).choose('a', pinned), current);
});
