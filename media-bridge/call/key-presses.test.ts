// Which keys are one message.
import assert from 'node:assert/strict';
import { it, type TestContext } from 'node:test';
import { KeyPresses } from './key-presses.ts';

function setUp(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const told: string[] = [];
  const keys = new KeyPresses(
    () => ({ pauseMs: 2_000, endKey: '#', maxKeys: 32 }),
    (message) => told.push(message),
  );
  const press = (pressed: string, everyMs = 300) => {
    for (const key of pressed) {
      keys.press(key);
      t.mock.timers.tick(everyMs);
    }
  };
  return { keys, told, press, pass: (ms: number) => t.mock.timers.tick(ms) };
}

it('tells ten keys in three seconds as one message, two seconds after the last', (t) => {
  const { told, press, pass } = setUp(t);
  press('0123456789');
  pass(1_699);
  assert.deepEqual(told, []);
  pass(1);
  assert.deepEqual(told, ['0123456789']);
});

it('waits for nothing after the key that ends a number', (t) => {
  const { told, press, pass } = setUp(t);
  press('12#3');
  assert.deepEqual(told, ['12#']);
  pass(2_000);
  assert.deepEqual(told, ['12#', '3']);
});

it('tells keys further apart one by one', (t) => {
  const { told, press } = setUp(t);
  press('12', 2_000);
  assert.deepEqual(told, ['1', '2']);
});

it('does not collect without end', (t) => {
  const { told, press } = setUp(t);
  press('5'.repeat(70));
  assert.deepEqual(told, ['5'.repeat(32), '5'.repeat(32)]);
});

it('tells nothing after its end', (t) => {
  const { keys, told, press, pass } = setUp(t);
  press('12');
  keys.close();
  keys.close();
  pass(60_000);
  assert.deepEqual(told, []);
});
