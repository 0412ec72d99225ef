// How often those who watch are shown what is being said.
import assert from 'node:assert/strict';
import { it, mock, type TestContext } from 'node:test';
import { PartialTranscripts } from './partial-transcripts.ts';

function setUp(t: TestContext) {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.after(() => mock.timers.reset());
  const shown: string[] = [];
  return { shown, partials: new PartialTranscripts((role, text) => shown.push(`${role}: ${text}`)) };
}

it('shows the first words at once, and later ones at most every 150 ms, the newest of them', (t) => {
  const { shown, partials } = setUp(t);
  for (const text of ['I', 'I would', 'I would like']) partials.update('caller', text);
  assert.deepEqual(shown, ['caller: I']);
  mock.timers.tick(149);
  assert.equal(shown.length, 1);
  mock.timers.tick(1);
  assert.deepEqual(shown, ['caller: I', 'caller: I would like']);
  partials.update('caller', 'I would like tea');
  mock.timers.tick(150);
  assert.equal(shown.at(-1), 'caller: I would like tea');
  mock.timers.tick(1000);
  assert.equal(shown.length, 3);
});

it('does not let one speaker wait for the other', (t) => {
  const { shown, partials } = setUp(t);
  partials.update('caller', 'Hello');
  partials.update('agent', 'Good morning');
  assert.deepEqual(shown, ['caller: Hello', 'agent: Good morning']);
});

it('shows nothing of a turn that is finished, and the next turn at once', (t) => {
  const { shown, partials } = setUp(t);
  partials.update('caller', 'One');
  partials.update('caller', 'One two');
  partials.finish('caller');
  mock.timers.tick(1000);
  partials.update('caller', 'Three');
  assert.deepEqual(shown, ['caller: One', 'caller: Three']);
});

it('shows nothing more once it is closed', (t) => {
  const { shown, partials } = setUp(t);
  partials.update('agent', 'One');
  partials.update('agent', 'One two');
  partials.close();
  mock.timers.tick(1000);
  assert.deepEqual(shown, ['agent: One']);
});
