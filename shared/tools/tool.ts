// What a tool is: a schema that the model sees and a function that runs for one call.
import { z } from 'zod';
import type { AgentProfile } from '../agents/agent.ts';
import type { CallFact } from '../call/call-event.ts';
import type { CallState } from '../call/call-state.ts';

/** What the voice model is told. `parameters` is JSON Schema. */
export interface ToolSchema {
  readonly name: string;
  readonly description: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/**
 * When the model may speak about what a tool gave. `when-idle`: after what it is saying. `interrupt`: at once. `silent`: not because
 * of this, unless it has said nothing at all to the caller.
 */
export type SpeakTime = 'when-idle' | 'interrupt' | 'silent';

/** The telephone of a call, as far as a tool may use it. A browser has none. */
export interface ToolPhone {
  /** Ends the call once the agent has said its goodbye; taken back if the caller speaks again. */
  hangUp(): void;
  /** Keys for a machine on the other side, so many ms apart. */
  sendDigits(digits: string, pauseMs: number): Promise<void>;
  /** Begins to hand the caller over to one of the agent's targets; rejects where that cannot begin. */
  transfer?(target: string, brief: string): Promise<void>;
}

/** What a running tool may see and do of its call. */
export interface ToolContext {
  readonly call: CallState;
  readonly agent: AgentProfile;
  /** Aborts when nobody waits for the tool any more: its time is over, or the call is. */
  readonly signal: AbortSignal;
  readonly now: Date;
  readonly phone: ToolPhone | undefined;
  /** Records a fact of the call. */
  record(fact: CallFact): void;
}

export interface Tool {
  readonly name: string;
  readonly description: string;
  readonly input: z.ZodType;
  /** JSON Schema for the model, where it was not made from `input`. */
  readonly parameters?: ToolSchema['parameters'];
  readonly speak: SpeakTime;
  readonly limitMs: number;
  /** Acts on the line: one after the other, and after what was asked for before it. Not for browsers. */
  readonly usesPhone: boolean;
  /** Gets input that fits the schema. What it gives goes to the model as JSON; a throw is told to the model as a failure. */
  run(input: unknown, context: ToolContext): unknown;
}

/** One of the names in an agent's file. A list in a schema must not be empty; whoever names the tool in a file has some. */
export function oneOf(names: readonly string[]): z.ZodType<string> {
  return names.length > 0 ? z.enum(names) : z.string();
}

/** For the model, of a tool after which it is not asked to speak. */
export function describeSpeak(speak: SpeakTime): string {
  return speak === 'silent'
    ? ' Say something to the caller in the same turn: you will not be asked to speak when it is done.'
    : '';
}

/** Told to the model word for word, when a tool throws it. */
export class ToolRefusal extends Error {}

/** A caller waits through it. Longer work must answer early and go on by itself. */
const usualLimitMs = 10_000;

interface ToolDefinition<Input extends z.ZodType>
  extends Partial<Pick<Tool, 'speak' | 'limitMs' | 'usesPhone' | 'parameters'>> {
  readonly name: string;
  readonly description: string;
  readonly input: Input;
  run(input: z.output<Input>, context: ToolContext): unknown;
}

/** Keeps the tool's own input type where it is written. */
export function defineTool<Input extends z.ZodType>(tool: ToolDefinition<Input>): Tool {
  return {
    speak: 'when-idle',
    limitMs: usualLimitMs,
    usesPhone: false,
    ...tool,
    run: (input, context) => tool.run(input as z.output<Input>, context),
  };
}
