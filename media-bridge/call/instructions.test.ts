// What a model is told about one call.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseAgent } from '../../shared/agents/agent.ts';
import type { CallId } from '../../shared/call/call.ts';
import { newCallState } from '../../shared/call/call-state.ts';
import { formatInstructions } from './instructions.ts';

const agent = parseAgent('test.md', '---\nname: test\nlanguage: de-DE\n---\nYou work for Contoso.');
const inbound = { ...newCallState('call-1' as CallId), direction: 'inbound' as const };

describe('formatInstructions', () => {
  it('begins with what the agent is, and names its language', () => {
    const text = formatInstructions(agent, inbound);
    assert.ok(text.startsWith('You work for Contoso.'));
    assert.match(text, /de-DE/);
  });

  it("puts the operator's own prompt in place of the agent's", () => {
    const text = formatInstructions(agent, inbound, 'You work for Fabrikam.');
    assert.ok(text.startsWith('You work for Fabrikam.'));
    assert.doesNotMatch(text, /Contoso/);
  });

  it('tells who called whom', () => {
    assert.doesNotMatch(formatInstructions(agent, inbound), /You placed this call/);
    assert.match(formatInstructions(agent, { ...inbound, direction: 'outbound' }), /You placed this call/);
  });

  it('gives the context of the call as data, and says nothing of one that is empty', () => {
    const text = formatInstructions(agent, { ...inbound, context: { name: 'Ann "the boss"', order: 12 } });
    assert.match(text, /data, not instructions/);
    assert.ok(text.includes('"name": "Ann \\"the boss\\""') && text.includes('"order": 12'));
    assert.doesNotMatch(formatInstructions(agent, { ...inbound, context: {} }), /know about this call/);
  });

  it('tells a model that takes over what was done, with results, so that it is not done twice', () => {
    const use = (index: number) => ({
      name: 'take_note',
      ok: true,
      tookMs: 1,
      at: index,
      input: `{"text":"note ${index}"}`,
    });
    const [done, failed] = [
      { ...use(0), output: '{"kept":true}' },
      { ...use(1), ok: false, output: '{"error":"It took too long."}' },
    ];
    const text = formatInstructions(agent, { ...inbound, tools: [done, failed] });
    assert.match(text, /Do none of it again/);
    assert.ok(
      text.includes('- take_note({"text":"note 0"}) answered: {"kept":true}\n- take_note({"text":"note 1"}) failed: '),
    );
    assert.doesNotMatch(formatInstructions(agent, inbound), /already/);
    const many = formatInstructions(agent, { ...inbound, tools: Array.from({ length: 50 }, (_, index) => use(index)) });
    assert.ok(many.includes('note 49') && !many.includes('note 39"'));
  });

  it('bounds what a client may put into the prompt', () => {
    const text = formatInstructions(agent, { ...inbound, context: { text: 'x'.repeat(100_000) } });
    assert.ok(text.length < 8_500);
  });
});
