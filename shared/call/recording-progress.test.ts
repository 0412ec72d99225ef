// How a recording goes from consent to a file, in any order of what is told.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CallId } from './call.ts';
import type { CallEvent, CallFact } from './call-event.ts';
import { applyRecordingEvent, type RecordingEvent, type RecordingProgress } from './recording-progress.ts';

const event = (fact: CallFact) => ({ ...fact, id: 'e', callId: 'call-1' as CallId, at: 5_000 }) as CallEvent;

describe('the recording of a call', () => {
  const play = (...facts: readonly CallFact[]) =>
    facts.reduce<RecordingProgress | undefined>(
      (state, fact) => applyRecordingEvent(state, event(fact) as RecordingEvent),
      undefined,
    );
  const consent = { type: 'recording-consent', given: true, how: 'asked' } as const;
  const started = { type: 'recording-started', recordingId: 'r' } as const;
  const kept = (part: number) =>
    ({ type: 'recording-kept', recordingId: 'r', file: { name: `c/${part}.wav`, part, bytes: 9 }, until: 9 }) as const;

  it('goes from consent over running and paused to awaited, kept and removed', () => {
    const facts = [
      consent,
      started,
      { type: 'recording-paused' },
      { type: 'recording-resumed' },
      { type: 'recording-stopped' },
      kept(0),
      { type: 'recording-removed' },
    ] as const;
    const statuses = facts.map((_, i) => play(...facts.slice(0, i + 1))?.status);
    assert.deepEqual(statuses, ['agreed', 'running', 'paused', 'running', 'awaited', 'kept', 'kept']);
    assert.equal(play(...facts)?.isRemovedAtCarrier, true);
  });

  it('has its parts in their order, each once, whenever they come', () => {
    const state = play(kept(1), started, kept(0), kept(1));
    assert.deepEqual(
      state?.files.map(({ part }) => part),
      [0, 1],
    );
  });

  it('is not called missing or failed once there is something of it', () => {
    assert.equal(play(consent, started, kept(0), { type: 'recording-missing' })?.status, 'kept');
    assert.equal(play(consent, started, { type: 'recording-failed', code: 'X' })?.status, 'running');
    assert.equal(play({ ...consent, given: false })?.status, 'refused');
  });
});
