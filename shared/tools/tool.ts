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
  /** Records a fact of the call. */
  record(fact: CallFact): void;
}

export interface Tool<Input extends z.ZodType = z.ZodType> {
  readonly name: string;
  readonly description: string;
  readonly input: Input;
  /** What it resolves to is given to the model as JSON. A throw is told to the model as a failure, never to the caller as silence. */
  run(input: z.output<Input>, context: ToolContext): Promise<unknown>;
}
