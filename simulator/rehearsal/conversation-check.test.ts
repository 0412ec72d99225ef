// Tests of what is said of a conversation: what came as expected, when, and what did not.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LiveMessage } from '../../shared/call/live-message.ts';
import { ConversationCheck } from './conversation-check.ts';
import type { Scenario } from './scenario.ts';

const told = { call_id: 'in-1', at: 1 };
const says = (role: 'agent' | 'caller', text: string, interrupted = false): LiveMessage => ({
  ...told,
  type: 'transcript',
  role,
  text,
  final: true,
  interrupted,
});
const does = (event: 'tool-called' | 'note-taken' | 'dtmf-received', details: object): LiveMessage => ({
  ...told,
  type: 'event',
  event,
  details: { ...details },
});
const ends = (reason: string): LiveMessage => ({ ...told, type: 'status', status: 'ended', reason });

const scenario: Scenario = {
  name: 'order',
  title: 'orders bread',
  direction: 'inbound',
  caller: { script: [] },
  expected: [
    { afterLines: 0, expectation: { says: 'good morning' }, line: 4 },
    { afterLines: 1, expectation: { uses: 'take_note' }, line: 6 },
    { afterLines: 1, expectation: { notes: 'two loaves' }, line: 7 },
    { afterLines: 1, expectation: { says: 'anything else' }, line: 8 },
  ],
  ends: { reason: 'agent-hung-up', line: 10 },
  file: 'baker.scenarios.yaml',
  lines: [4, 5, 6, 7, 8, 9, 10],
};

function start(changes: Partial<Scenario> = {}) {
  const verdicts: string[] = [];
  const check = new ConversationCheck({
    scenario: { ...scenario, ...changes },
    known: ['Two loaves, please.', 'Goodbye.'],
    tell: ({ ok, text, line }) => verdicts.push(`${ok ? '✔' : '✖'} ${text}${line === undefined ? '' : ` (${line})`}`),
  });
  const line = (text: string) => check.see({ type: 'started-saying', atMs: 0, text });
  const answer = () => check.see({ type: 'agent-started', atMs: 0 });
  return { check, verdicts, line, answer };
}
const finished = { outcome: 'finished', reason: undefined, failedStep: undefined } as const;

describe('a conversation', () => {
  it('is as expected: each is told as soon as it came', () => {
    const { check, verdicts, line, answer } = start();
    check.hear(says('agent', 'Good Morning! What can I do?'));
    assert.deepEqual(verdicts.splice(0), ['✔ the agent says "good morning" (4)']);
    line('Two loaves, please.');
    check.hear(says('caller', 'Two loaves, please.'));
    check.hear(does('note-taken', { text: 'Wants two loaves.' }));
    assert.deepEqual(verdicts.splice(0), ['✔ the agent notes "two loaves" (7)']);
    check.hear(does('tool-called', { name: 'take_note', ok: true }));
    answer();
    check.hear(says('agent', 'Noted.'));
    assert.deepEqual(verdicts.splice(0), ['✔ the agent uses take_note (6)']);
    check.hear(says('agent', 'Anything'));
    check.hear(says('agent', 'else?'));
    assert.deepEqual(verdicts.splice(0), ['✔ the agent says "anything else" (8)']);
    check.hear(ends('agent-hung-up'));
    check.finish(finished);
    assert.deepEqual(verdicts, ['✔ the call ends with agent-hung-up (10)']);
    assert.equal(check.failures, 0);
  });

  it('is not when something else came, or nothing', () => {
    const { check, verdicts, line } = start();
    check.hear(says('agent', 'Good evening.'));
    line('Two loaves, please.');
    assert.deepEqual(verdicts.splice(0), ['✖ the agent says "good morning": it said "Good evening." (4)']);
    check.hear(does('tool-called', { name: 'take_note', ok: false }));
    check.hear(does('tool-called', { name: 'hang_up', ok: true }));
    // Too late, and cut: neither counts.
    check.hear(says('agent', 'Good morning.'));
    check.hear(says('agent', 'Anything else', true));
    check.hear(ends('model-unavailable'));
    check.finish(finished);
    assert.deepEqual(verdicts, [
      '✖ the agent uses take_note: it used hang_up (6)',
      '✖ the agent notes "two loaves": it noted nothing (7)',
      '✖ the agent says "anything else": it said "Good morning." (8)',
      '✖ the call ends with agent-hung-up: it ended with model-unavailable (10)',
    ]);
    assert.equal(check.failures, 5);
  });

  it('takes whole words only', () => {
    const { check, verdicts } = start({
      expected: [{ afterLines: 0, expectation: { says: 'nine to five' }, line: 1 }],
    });
    check.hear(says('agent', 'Nine to fiveteen.'));
    assert.deepEqual(verdicts, []);
    check.hear(says('agent', 'NINE, to five…'));
    assert.deepEqual(verdicts, ['✔ the agent says "nine to five" (1)']);
  });

  it('says why the caller did not come to the end, and what was left', () => {
    const { check, verdicts } = start();
    check.hear(says('agent', 'Good morning.'));
    check.hear(ends('caller-hung-up'));
    check.finish({
      outcome: 'timed-out',
      reason: 'gave up after 30 s in step 5, waiting for the agent to speak and finish',
      failedStep: 4,
    });
    assert.deepEqual(verdicts.slice(1), [
      '✖ the caller gave up after 30 s in step 5, waiting for the agent to speak and finish (8)',
      '✖ the agent uses take_note: it did not come to that (6)',
      '✖ the agent notes "two loaves": it did not come to that (7)',
      '✖ the agent says "anything else": it did not come to that (8)',
    ]);
  });

  it('is not when the call ends by itself', () => {
    const { check, verdicts } = start({ expected: [], ends: { reason: 'caller-hung-up' } });
    check.finish({
      outcome: 'cut-off',
      reason: 'was cut off in step 1, waiting for the agent to speak',
      failedStep: 0,
    });
    assert.deepEqual(verdicts, [
      '✖ the caller was cut off in step 1, waiting for the agent to speak (4)',
      '✖ the call ends with caller-hung-up: it ended with nothing that was told',
    ]);
  });

  it('is not when the model answers to what it did not understand, though it knows the words', () => {
    const { check, verdicts, line, answer } = start({ expected: [] });
    line('Two loaves, please.');
    check.hear(says('caller', 'Stop, please.'));
    answer();
    line('Something that nobody knows.');
    check.hear(says('caller', ''));
    answer();
    // Nobody answered this: the caller was faster.
    line('Goodbye.');
    check.hear(ends('agent-hung-up'));
    check.finish(finished);
    assert.deepEqual(verdicts, [
      '✖ the model did not understand "Two loaves, please.": it heard "Stop, please."',
      '✔ the call ends with agent-hung-up (10)',
    ]);
  });

  it('is not when a key got lost', () => {
    const { check, verdicts } = start({ expected: [], ends: { reason: 'caller-hung-up' } });
    check.see({ type: 'pressed', atMs: 0, keys: '12' });
    check.see({ type: 'pressed', atMs: 0, keys: '#' });
    check.hear(does('dtmf-received', { digit: '1' }));
    check.hear(does('dtmf-received', { digit: '#' }));
    check.hear(ends('caller-hung-up'));
    check.finish(finished);
    assert.deepEqual(verdicts, ['✖ the caller pressed 12#, and 1# arrived']);
  });
});
