// The tools: what models are told of them, and what each does.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { CallId } from '../call/call.ts';
import type { CallFact } from '../call/call-event.ts';
import { newCallState } from '../call/call-state.ts';
import { AppError } from '../errors.ts';
import { createToolRegistry, formatToolSchema, pickTools } from './registry.ts';
import type { ToolContext } from './tool.ts';

const registry = createToolRegistry();

function run(name: string, input: unknown) {
  const tool = registry.get(name)!;
  const facts: CallFact[] = [];
  const done: string[] = [];
  const context: ToolContext = {
    call: newCallState('call-1' as CallId),
    signal: new AbortController().signal,
    now: new Date('2026-11-20T23:30:00Z'),
    record: (fact) => facts.push(fact),
    hangUp: () => done.push('hang up'),
  };
  return { output: tool.run(tool.input.parse(input), context), facts, done };
}

describe('the tools', () => {
  it('are told to models as JSON Schema of an object, under names that every model takes', () => {
    const ajv = new Ajv2020({ strict: true });
    for (const tool of registry.values()) {
      const { name, description, parameters } = formatToolSchema(tool);
      assert.match(name, /^[a-zA-Z0-9_-]{1,64}$/);
      assert.ok(description.length > 10 && description.length < 1024);
      assert.equal(parameters.type, 'object');
      assert.equal(ajv.validateSchema(parameters), true, `${name}: ${ajv.errorsText()}`);
      ajv.compile(parameters);
    }
  });

  it('describe each field, and require none that has a default', () => {
    const { parameters } = formatToolSchema(registry.get('current_time')!);
    const properties = parameters.properties as Record<string, { description?: string }>;
    assert.match(properties.time_zone?.description ?? '', /IANA/);
    assert.equal(parameters.required, undefined);
  });

  it('are picked by name, in the order of the agent', () => {
    assert.deepEqual(
      pickTools(registry, ['hang_up', 'take_note']).map(({ name }) => name),
      ['hang_up', 'take_note'],
    );
    assert.throws(
      () => pickTools(registry, ['take_note', 'fly']),
      (error) => error instanceof AppError && error.code === 'UNKNOWN_TOOL' && /fly.*take_note/.test(error.message),
    );
  });
});

describe('current_time', () => {
  it('tells the time in UTC or where it is asked for', () => {
    const time = (input: object) => (run('current_time', input).output as { time: string }).time;
    assert.match(time({}), /Friday, November 20, 2026 at 11:30\sPM/);
    assert.match(time({ time_zone: 'Europe/Berlin' }), /Saturday, November 21, 2026 at 12:30\sAM/);
  });

  it('knows the zones that people say', () => {
    const time = (input: object) => run('current_time', input).output as { time: string; time_zone: string };
    assert.match(time({ time_zone: 'London' }).time, /Friday, November 20, 2026 at 11:30\sPM/);
    assert.equal(time({ time_zone: 'EDT' }).time_zone, 'America/New_York');
  });

  it('takes no time zone that there is not, and says what to do', () => {
    const { error } = registry.get('current_time')!.input.safeParse({ time_zone: 'Mars/Olympus' });
    assert.match(error!.message, /name a large city/);
  });
});

describe('take_note', () => {
  it('keeps the note with the call', () => {
    assert.deepEqual(run('take_note', { text: 'Call Ann back.' }).facts, [
      { type: 'note-taken', text: 'Call Ann back.' },
    ]);
  });

  it('takes no empty note and none that never ends', () => {
    const { input } = registry.get('take_note')!;
    assert.equal(input.safeParse({ text: '' }).success, false);
    assert.equal(input.safeParse({ text: 'x'.repeat(2_001) }).success, false);
  });
});

describe('hang_up', () => {
  it('asks for the end of the call, and the model for a goodbye', () => {
    const { done, output } = run('hang_up', {});
    assert.deepEqual(done, ['hang up']);
    assert.match(JSON.stringify(output), /goodbye/);
  });
});
