// A program of its own for each seed, and what becomes of one that breaks down.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MachineTooBusy, runSeeded } from './seeded-process.ts';

describe('runSeeded', () => {
  const run = (text: string, limits: { cpuSeconds?: number; withinMs?: number } = {}) =>
    runSeeded({ program: '--eval', args: [text], seed: 7, prefix: '{', cpuSeconds: 60, withinMs: 60_000, ...limits });

  it('resolves with what a program prints, which knows its seed', async () => {
    assert.deepEqual(await run('console.log(JSON.stringify({ seed: process.env.SEED }))'), { seed: '7' });
  });

  it('says how a program broke down', async () => {
    await assert.rejects(run('throw new Error("told to")'), /^Error: exit code 1: [\s\S]*told to/);
    await assert.rejects(run('process.kill(process.pid, "SIGKILL")'), /killed by somebody else/);
  });

  it('ends one that works for ever by what it works, and takes one that got nothing done for no defect of its', async () => {
    await assert.rejects(run('for (;;);', { cpuSeconds: 1 }), /it worked for 1 s and was not done/);
    await assert.rejects(run('setInterval(() => {}, 1_000)', { withinMs: 300 }), MachineTooBusy);
  });
});
