// Keys as numbers: what the model is told, what is written down, and what nobody may read.
import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import { parseAgent } from '../../shared/agents/agent.ts';
import type { CallId } from '../../shared/call/call.ts';
import type { CallFact } from '../../shared/call/call-event.ts';
import { applyCallEvent, newCallState } from '../../shared/call/call-state.ts';
import { KeyEntry } from './key-entry.ts';
import { SecretDigits } from './secret-digits.ts';

const { keys } = parseAgent(
  'test.md',
  `---
name: test
keys:
  pause_seconds: 3
  questions:
    card: { description: The card number., sensitive: true }
    pin: { digits: 4, sensitive: true }
    order: { digits: 6 }
---
Be kind.`,
);

function setUp(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const callId = 'in-1' as CallId;
  const told: string[] = [];
  const facts: CallFact[] = [];
  const hidden: string[] = [];
  const journal = {
    state: newCallState(callId),
    record(fact: CallFact) {
      facts.push(fact);
      journal.state = applyCallEvent(journal.state, { ...fact, callId, id: String(facts.length), at: 0 });
    },
    hide: (digits: string) => void hidden.push(digits),
  };
  const entry = new KeyEntry({ keys, journal, tell: (text) => told.push(text) });
  const press = (pressed: string) => {
    for (const key of pressed) entry.press(key);
  };
  return { entry, journal, told, facts, hidden, press, pass: (ms: number) => t.mock.timers.tick(ms) };
}

it('are one message after the pause that the agent wants', (t) => {
  const { told, press, pass, facts, entry } = setUp(t);
  press('12');
  pass(2_900);
  press('3');
  assert.ok(entry.isPending);
  pass(3_000);
  assert.deepEqual(told, ['The caller pressed the keys 123.']);
  assert.deepEqual(
    facts.map((fact) => fact.type === 'dtmf-received' && fact.digit),
    ['1', '2', '3'],
  );
});

it('answer a question: complete with its digits, or with the end key, which is no part of them', (t) => {
  const { told, press, journal } = setUp(t);
  journal.record({ type: 'keys-asked', question: 'order', sensitive: false });
  press('123456');
  assert.deepEqual(told, ['The caller keyed in 123456 (order).']);
  journal.record({ type: 'keys-asked', question: 'order', sensitive: false });
  press('12#');
  assert.equal(told[1], 'The caller keyed in 12 (order).');
  assert.equal(journal.state.keysAsked, undefined);
});

it('are written down as dots where the question is sensitive, and the model alone is told', (t) => {
  const { told, press, journal, facts, hidden } = setUp(t);
  journal.record({ type: 'keys-asked', question: 'pin', sensitive: true });
  press('4711');
  assert.match(told[0]!, /keyed in 4711 \(pin\).*never say any of these digits/);
  assert.deepEqual(hidden, ['4711']);
  assert.doesNotMatch(JSON.stringify(facts), /[4711]{2}/);
  assert.deepEqual(facts.at(-1), { type: 'keys-entered', question: 'pin', count: 4 });
  press('5');
  assert.deepEqual(facts.at(-1), { type: 'dtmf-received', digit: '5' });
});

it('secrets are taken out of texts, however their digits are set apart', () => {
  const secrets = new SecretDigits();
  secrets.add('4711 0815#');
  secrets.add('12');
  assert.equal(
    secrets.hide('It is 4711-0815, or 4 7 1 1, 0 8 1 5. Not 4711 or 12.'),
    'It is •••, or •••. Not 4711 or 12.',
  );
});
