// What a tool is: a schema that the model sees and a function that runs for one call.
import type { z } from 'zod';
import type { CallFact } from '../call/call-event.ts';
import type { CallState } from '../call/call-state.ts';

/** What the voice model is told. `parameters` is JSON Schema. */
export interface ToolSchema {
  readonly name: string;
  readonly description: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** What a running tool may see and do of its call. */
export interface ToolContext {
  readonly call: CallState;
  readonly signal: AbortSignal;
  readonly now: Date;
  /** Records a fact of the call. */
  record(fact: CallFact): void;
  /** Ends the call once the agent has said its goodbye; taken back if the caller speaks again. */
  hangUp(): void;
}

export interface Tool {
  readonly name: string;
  readonly description: string;
  readonly input: z.ZodType;
  /** Gets input that fits the schema. What it gives goes to the model as JSON; a throw is told to the model as a failure. */
  run(input: unknown, context: ToolContext): unknown;
}

/** Keeps the tool's own input type where it is written. */
export function defineTool<Input extends z.ZodType>(tool: {
  name: string;
  description: string;
  input: Input;
  run(input: z.output<Input>, context: ToolContext): unknown;
}): Tool {
  return { ...tool, run: (input, context) => tool.run(input as z.output<Input>, context) };
}
