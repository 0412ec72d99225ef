// Table tests of the phases of a call at Call Automation.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { type AcsCallPhase, type AcsCallStep, nextAcsPhase, refuseInPhase } from './acs-call-phase.ts';

const phases = ['ringing', 'dialling', 'connecting', 'connected', 'transferring', 'disconnected'] as const;
const steps = ['answered', 'established', 'transfer-started', 'transfer-failed', 'ended'] as const;

it('moves a call on only along the ways that exist', () => {
  const ways: Record<string, AcsCallPhase> = {
    'ringing answered': 'connecting',
    'dialling answered': 'connecting',
    'connecting established': 'connected',
    'connected transfer-started': 'transferring',
    'transferring transfer-failed': 'connected',
    'ringing ended': 'disconnected',
    'dialling ended': 'disconnected',
    'connecting ended': 'disconnected',
    'connected ended': 'disconnected',
    'transferring ended': 'disconnected',
  };
  for (const phase of phases)
    for (const step of steps satisfies readonly AcsCallStep[])
      assert.equal(nextAcsPhase(phase, step), ways[`${phase} ${step}`], `${phase} ${step}`);
});

it('refuses what a phase cannot serve with the code that the service uses', () => {
  const codes = phases.map((phase) =>
    (['answer', 'read', 'hang-up', 'act'] as const).map((demand) => refuseInPhase(phase, demand)?.code ?? 'ok'),
  );
  assert.deepEqual(codes, [
    ['ok', '8522', '8522', '8522'],
    ['8523', 'ok', 'ok', '8501'],
    ['8523', 'ok', 'ok', '8501'],
    ['8523', 'ok', 'ok', 'ok'],
    ['8523', 'ok', 'ok', '8501'],
    ['8522', '8522', '8522', '8522'],
  ]);
});
