// The gate of responses: what is asked of the service, and when.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type GateInput, idleGate, stepGate } from './response-gate.ts';

/** Feeds inputs and writes down what the gate does after each: `create …`, `cancel …`. */
function run(...inputs: readonly (GateInput | string)[]): readonly string[] {
  let state = idleGate;
  const done: string[] = [];
  for (const input of inputs) {
    const step = stepGate(state, typeof input === 'string' ? read(input) : input);
    state = step.state;
    for (const action of step.actions) {
      if (action.type === 'cancel') done.push(`cancel ${action.responseId}`);
      else if ('answer' in action.request) done.push('create answer');
      else done.push(`create ${'say' in action.request ? action.request.say : action.request.instructions}`);
    }
  }
  return done;
}

/** `created r1` is short for { type: 'response-created', responseId: 'r1' }, and so on. */
function read(text: string): GateInput {
  const [name, value = ''] = text.split(' ');
  switch (name) {
    case 'ask':
      return { type: 'ask', request: { say: value } };
    case 'again':
      return { type: 'ask-again', request: { say: value } };
    case 'sent':
      return { type: 'item-sent', itemId: value };
    case 'added':
      return { type: 'item-added', itemId: value };
    case 'tool':
      return { type: 'tool-called', toolCallId: value };
    case 'result':
      return { type: 'tool-answered', toolCallId: value };
    case 'created':
      return { type: 'response-created', responseId: value };
    case 'done':
      return { type: 'response-done', responseId: value };
    case 'failing':
      return { type: 'response-done', responseId: value, retry: true };
    default:
      return { type: name } as GateInput;
  }
}

const table: readonly (readonly [title: string, inputs: readonly string[], expected: readonly string[]])[] = [
  ['asks at once when nothing is being said', ['ask hello'], ['create hello']],
  ['asks for one at a time, in order', ['ask a', 'ask b', 'ask c'], ['create a']],
  [
    'asks for the next when the one before is done',
    ['ask a', 'ask b', 'created r1', 'done r1'],
    ['create a', 'create b'],
  ],
  ['waits for a response that the service began itself', ['created r1', 'ask a', 'done r1'], ['create a']],
  ['ignores the end of a response that is not the active one', ['created r1', 'ask a', 'done r0'], []],
  [
    'answers a tool only when its response is done',
    ['created r1', 'tool t', 'sent i', 'result t', 'done r1'],
    ['create answer'],
  ],
  [
    'answers several tools once, when all results are there',
    ['created r1', 'tool t', 'tool u', 'sent i', 'result t', 'done r1', 'sent j', 'result u'],
    ['create answer'],
  ],
  [
    'takes a response that the service began after our item for the answer to it',
    [
      'created r1',
      'tool t',
      'done r1',
      'speech-started',
      'sent i',
      'result t',
      'added i',
      'created r2',
      'speech-stopped',
      'done r2',
    ],
    [],
  ],
  [
    'answers again when the service began its response before our item was there',
    ['created r1', 'tool t', 'done r1', 'created r2', 'sent i', 'result t', 'added i', 'done r2'],
    ['create answer'],
  ],
  ['asks again at once for what may have been lost on its way', ['ask a', 'again b'], ['create a', 'create b']],
  [
    'asks again when what is being made has been given up, and forgets what waited',
    ['ask a', 'ask b', 'created r1', 'again c', 'done r1'],
    ['create a', 'cancel r1', 'create c'],
  ],
  [
    'asks again after a response of which it knows only that it is active',
    ['ask a', 'refused', 'again b', 'created r1', 'done r1'],
    ['create a', 'create b'],
  ],
  ['does not answer into the words of the caller', ['speech-started', 'sent i'], []],
  ['answers when the caller is done', ['speech-started', 'sent i', 'speech-stopped'], ['create answer']],
  ['says what it was told to before it answers', ['created r1', 'sent i', 'ask a', 'done r1'], ['create a']],
  [
    'asks again after a refusal, when the other response is done',
    ['ask a', 'created r1', 'refused', 'done r1', 'created r2', 'done r2'],
    ['create a', 'create a'],
  ],
  [
    'asks again after a refusal that comes first',
    ['ask a', 'refused', 'created r1', 'done r1'],
    ['create a', 'create a'],
  ],
  [
    'does not repeat a refused answer that the other response gave',
    ['sent i', 'added i', 'created r1', 'refused', 'done r1'],
    ['create answer'],
  ],
  [
    'repeats a refused answer that the other response could not give',
    ['sent i', 'created r1', 'added i', 'refused', 'done r1'],
    ['create answer', 'create answer'],
  ],
  [
    'keeps the order after a refusal',
    ['ask a', 'ask b', 'refused', 'created r1', 'done r1', 'created r2', 'done r2'],
    ['create a', 'create a', 'create b'],
  ],
  ['asks again for what failed', ['ask a', 'created r1', 'failing r1'], ['create a', 'create a']],
  ['asks for an answer when the response of the service failed', ['created r1', 'failing r1'], ['create answer']],
  ['asks again for what was refused for its form', ['ask a', 'failed'], ['create a', 'create a']],
  [
    'cancels what was asked for before the caller began to speak',
    ['ask a', 'speech-started', 'created r1', 'done r1'],
    ['create a', 'cancel r1'],
  ],
  [
    'leaves a response alone that was there when the caller began',
    ['ask a', 'created r1', 'speech-started'],
    ['create a'],
  ],
  [
    'does not cancel the answer to what the caller said',
    ['ask a', 'speech-started', 'speech-stopped', 'refused', 'created r1'],
    ['create a'],
  ],
];

describe('the gate', () => {
  for (const [title, inputs, expected] of table) it(title, () => assert.deepEqual(run(...inputs), expected));

  it('keeps the newest of too many requests', () => {
    const asks = Array.from({ length: 12 }, (_, i) => `ask ${i}`);
    const ends = Array.from({ length: 12 }, (_, i) => [`created r${i}`, `done r${i}`]).flat();
    assert.deepEqual(
      run('created x', ...asks, 'done x', ...ends),
      [4, 5, 6, 7, 8, 9, 10, 11].map((i) => `create ${i}`),
    );
  });

  it('holds nothing back while idle, and asks for one thing at a time, whatever comes', () => {
    const inputs = [...new Set(table.flatMap(([, inputs]) => inputs))].map(read);
    let states = [idleGate];
    for (let depth = 0; depth < 3; depth++) {
      states = states.flatMap((before) =>
        inputs.map((input) => {
          const { state, actions } = stepGate(before, input);
          const creates = actions.filter(({ type }) => type === 'create');
          assert.ok(creates.length === 0 || (creates.length === 1 && state.phase === 'asked'));
          assert.ok(state.phase !== 'idle' || state.waiting.length === 0);
          return state;
        }),
      );
    }
  });
});

describe('the gate, where the bridge decides whose turn it is,', () => {
  it('asks for an answer at the end of a turn, and once', () => {
    assert.deepEqual(run('word-taken', 'turn-over', 'created r1', 'done r1'), ['create answer']);
  });

  it('gives up an answer that was asked for before the turn went on, and asks again at its end', () => {
    assert.deepEqual(run('turn-over', 'word-taken', 'created r1', 'turn-over', 'done r1', 'created r2', 'done r2'), [
      'create answer',
      'cancel r1',
      'create answer',
    ]);
  });

  it('answers a turn that was said into a reply when that is made', () => {
    assert.deepEqual(run('ask hello', 'created r1', 'turn-over', 'done r1'), ['create hello', 'create answer']);
  });

  it('answers a turn while a tool is at work, and the tool when it is done', () => {
    assert.deepEqual(
      run('created r1', 'tool a', 'done r1', 'word-taken', 'turn-over', 'created r2', 'done r2', 'sent i', 'result a'),
      ['create answer', 'create answer'],
    );
    assert.deepEqual(run('tool a', 'turn-over', 'failed'), ['create answer', 'create answer']);
  });

  it('answers tools, and nothing else, behind a sound that was no turn', () => {
    assert.deepEqual(run('word-taken', 'turn-dropped'), []);
    assert.deepEqual(run('tool a', 'word-taken', 'sent i', 'result a', 'added i', 'turn-dropped'), ['create answer']);
  });
});
