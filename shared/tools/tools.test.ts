// The tools: what models are told of them, and what each does.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parseAgent } from '../agents/agent.ts';
import type { CallId } from '../call/call.ts';
import type { CallFact } from '../call/call-event.ts';
import { newCallState } from '../call/call-state.ts';
import { AppError } from '../errors.ts';
import { formatToolSchema, ToolRegistry, toolNames } from './registry.ts';
import { type ToolContext, ToolRefusal } from './tool.ts';

const registry = new ToolRegistry();
const agent = parseAgent(
  'test.md',
  `---
name: test
memory: { enabled: true }
tools: [${toolNames.join(', ')}]
transfer_targets:
  sales: { description: Sells chairs., numbers: ["+15550101"], hours: { open: { sat: 09:00-12:00 } } }
  desk: "+15550100"
questions:
  start: { ask: When could you begin? }
  skills: { ask: What have you built?, score_by: 5 is ten years and more. }
---
Be kind.`,
);
const tools = new Map(registry.pick(agent).map((tool) => [tool.name, tool]));

function prepare(name: string, given: Partial<ToolContext> = {}) {
  const tool = tools.get(name)!;
  const facts: CallFact[] = [];
  const done: unknown[][] = [];
  const context: ToolContext = {
    call: { ...newCallState('call-1' as CallId), remoteParty: '+15550142' },
    agent,
    signal: new AbortController().signal,
    now: new Date('2026-11-20T23:30:00Z'),
    record: (fact) => facts.push(fact),
    phone: {
      hangUp: () => done.push(['hang up']),
      sendDigits: async (...keys) => void done.push(['digits', ...keys]),
      transfer: async (...to) => void done.push(['transfer', ...to]),
    },
    ...given,
  };
  return { facts, done, start: async (input: unknown) => tool.run(tool.input.parse(input), context) };
}

function run(name: string, input: unknown) {
  const { facts, done, start } = prepare(name);
  return start(input).then((output) => ({ output, facts, done }));
}

describe('the tools', () => {
  it('are told to models as JSON Schema of an object, under names that every model takes', () => {
    const ajv = new Ajv2020({ strict: true });
    for (const tool of tools.values()) {
      const { name, description, parameters } = formatToolSchema(tool);
      assert.match(name, /^[a-zA-Z0-9_-]{1,64}$/);
      assert.ok(description.length > 10 && description.length < 1024);
      assert.equal(parameters.type, 'object');
      assert.equal(ajv.validateSchema(parameters), true, `${name}: ${ajv.errorsText()}`);
      ajv.compile(parameters);
    }
  });

  it('are told in no more words than a model takes, however many people an agent names', () => {
    const people = Array.from({ length: 60 }, (_, index) => [
      `person_${index}`,
      { description: 'Knows all about chairs.' },
    ]);
    const transfer_targets = Object.fromEntries(people) as unknown as typeof agent.transfer_targets;
    const [told] = registry.pick({ ...agent, tools: ['transfer_to_human'], transfer_targets }).map(formatToolSchema);
    assert.equal(told!.description.length, 1_024);
    assert.match(JSON.stringify(told!.parameters), /person_59/);
  });

  it('describe each field, and require none that has a default', () => {
    const { parameters } = formatToolSchema(tools.get('current_time')!);
    const properties = parameters.properties as Record<string, { description?: string }>;
    assert.match(properties.time_zone?.description ?? '', /IANA/);
    assert.equal(parameters.required, undefined);
  });

  it('are picked by name, in the order of the agent', () => {
    const pick = (tools: string[]) => registry.pick({ ...agent, tools }).map(({ name }) => name);
    assert.deepEqual(pick(['hang_up', 'take_note']), ['hang_up', 'take_note']);
    assert.throws(
      () => pick(['take_note', 'fly']),
      (error) => error instanceof AppError && error.code === 'UNKNOWN_TOOL' && /fly.*take_note/.test(error.message),
    );
  });
});

describe('current_time', () => {
  it('tells the time in UTC or where it is asked for', async () => {
    const time = async (input: object) => ((await run('current_time', input)).output as { time: string }).time;
    assert.match(await time({}), /Friday, November 20, 2026 at 11:30\sPM/);
    assert.match(await time({ time_zone: 'Europe/Berlin' }), /Saturday, November 21, 2026 at 12:30\sAM/);
  });

  it('knows the zones that people say', async () => {
    const time = async (input: object) =>
      (await run('current_time', input)).output as { time: string; time_zone: string };
    assert.match((await time({ time_zone: 'London' })).time, /Friday, November 20, 2026 at 11:30\sPM/);
    assert.equal((await time({ time_zone: 'EDT' })).time_zone, 'America/New_York');
  });

  it('takes no time zone that there is not, and says what to do', () => {
    const { error } = tools.get('current_time')!.input.safeParse({ time_zone: 'Mars/Olympus' });
    assert.match(error!.message, /name a large city/);
  });
});

describe('take_note', () => {
  it('keeps the note with the call', async () => {
    assert.deepEqual((await run('take_note', { text: 'Call Ann back.' })).facts, [
      { type: 'note-taken', text: 'Call Ann back.' },
    ]);
  });

  it('takes no empty note and none that never ends', () => {
    const { input } = tools.get('take_note')!;
    assert.equal(input.safeParse({ text: '' }).success, false);
    assert.equal(input.safeParse({ text: 'x'.repeat(2_001) }).success, false);
  });
});

it('makes a tool and what a model is told of it once for all calls of an agent', () => {
  const all = { ...agent, tools: [...toolNames] };
  const [first, second] = [registry.pick(all), registry.pick(all)];
  for (const [i, tool] of first.entries()) {
    assert.equal(tool, second[i]);
    assert.equal(formatToolSchema(tool), formatToolSchema(tool));
  }
  // Another version of its file is another agent.
  const newer = { ...all, time_zone: 'Asia/Tokyo' };
  assert.match(JSON.stringify(registry.pick(newer).map(formatToolSchema)), /Tokyo/);
});

describe('hang_up', () => {
  it('asks for the end of the call, and the model for a goodbye', async () => {
    const { done, output } = await run('hang_up', {});
    assert.deepEqual(done, [['hang up']]);
    assert.match(JSON.stringify(output), /goodbye/);
  });
});

describe('send_digits', () => {
  it("presses keys at the agent's pace", async () => {
    assert.deepEqual((await run('send_digits', { digits: '4711#' })).done, [['digits', '4711#', 500]]);
  });

  it('takes no number to dial, and nothing but keys', () => {
    const { input } = tools.get('send_digits')!;
    for (const digits of ['', '+15550100', '1'.repeat(33), '1;2', 'call sales', '１２'])
      assert.equal(input.safeParse({ digits }).success, false, digits);
  });
});

describe('transfer_to_human', () => {
  it('knows people by their names, and tells no number of theirs', () => {
    const told = JSON.stringify(formatToolSchema(tools.get('transfer_to_human')!));
    assert.match(told, /"enum":\["sales","desk"\]/);
    assert.match(told, /Sells chairs/);
    assert.doesNotMatch(told, /555/);
    for (const target of ['+15550101', 'Sales', 'ceo', '__proto__', 'constructor'])
      assert.equal(tools.get('transfer_to_human')!.input.safeParse({ target }).success, false, target);
  });

  it('hands over with what the person should know', async () => {
    const { done } = await run('transfer_to_human', { target: 'desk', brief: 'Ann asks for a chair.' });
    assert.deepEqual(done, [['transfer', 'desk', 'Ann asks for a chair.']]);
  });

  it('does not ring at an hour at which nobody is there', async () => {
    await assert.rejects(run('transfer_to_human', { target: 'sales' }), ToolRefusal);
    const { done, start } = prepare('transfer_to_human', { now: new Date('2026-11-21T10:00:00Z') });
    await start({ target: 'sales' });
    assert.deepEqual(done, [['transfer', 'sales', '']]);
  });

  it('says so where there is no phone', async () => {
    await assert.rejects(prepare('transfer_to_human', { phone: undefined }).start({ target: 'desk' }), /take a note/);
  });
});

describe('record_answer', () => {
  it("keeps the answer to one of the agent's questions", async () => {
    const { facts } = await run('record_answer', { question: 'start', answer: 'In March.', score: 5 });
    assert.deepEqual(facts, [{ type: 'answer-recorded', question: 'start', answer: 'In March.' }]);
  });

  it('wants a score where there is a scale, and knows no other question', async () => {
    await assert.rejects(run('record_answer', { question: 'skills', answer: 'Chairs.' }), /score from 1 to 5/);
    const { facts } = await run('record_answer', { question: 'skills', answer: 'Chairs.', score: 4 });
    assert.deepEqual(facts, [{ type: 'answer-recorded', question: 'skills', answer: 'Chairs.', score: 4 }]);
    const { input, description } = tools.get('record_answer')!;
    assert.match(description, /skills: 5 is ten years/);
    for (const wrong of [{ question: 'age' }, { question: 'skills', score: 6 }, { question: 'skills', score: 2.5 }])
      assert.equal(input.safeParse({ answer: 'x', ...wrong }).success, false);
  });
});

describe('schedule_callback', () => {
  const at = (local_time: string, time_zone?: string) =>
    run('schedule_callback', { local_time, time_zone, about: 'A chair.' });

  it("keeps the moment, from the caller's clock, and says it in words", async () => {
    const { facts, output } = await at('2026-11-23T15:30', 'New York');
    assert.deepEqual(facts, [
      { type: 'callback-scheduled', dueAt: Date.parse('2026-11-23T20:30:00Z'), about: 'A chair.' },
    ]);
    assert.match(JSON.stringify(output), /Monday, November 23, 2026 at 3:30/);
  });

  it('takes no time that is past, too far away or not there at all', async () => {
    await assert.rejects(at('2026-11-20T23:29'), /past: it is Friday/);
    await assert.rejects(at('2026-12-24T12:00'), /within the next 14 days/);
    await assert.rejects(at('2026-11-31T12:00'), /no such time/);
  });

  it('needs a number to call', async () => {
    const { start } = prepare('schedule_callback', { call: newCallState('call-1' as CallId) });
    await assert.rejects(start({ local_time: '2026-11-23T15:30', about: 'x' }), /Take a note/);
  });
});
