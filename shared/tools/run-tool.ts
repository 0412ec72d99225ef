// Runs one tool for a model: checks its input, bounds its time, and always has an answer.
import { z } from 'zod';
import { formatBoundedJson } from '../bounded-json.ts';
import type { Logger } from '../logger.ts';
import { within } from '../within.ts';
import { type Tool, type ToolContext, ToolRefusal } from './tool.ts';

/** A model can make use of a few pages, and each of its tokens costs the caller time. */
const maxOutputCharacters = 16_000;

export interface ToolAnswer {
  readonly ok: boolean;
  /** JSON, as the model gets it. */
  readonly output: string;
}

/** `input`: JSON text as the model wrote it, possibly malformed. Never rejects: what went wrong is told to the model. */
export async function runTool(
  tool: Tool | undefined,
  { name, input }: { name: string; input: string },
  context: ToolContext,
  log: Logger,
): Promise<ToolAnswer> {
  if (!tool) return failTool(`There is no tool named ${name.slice(0, 64)}.`);
  const parsed = tool.input.safeParse(parseJson(input));
  if (!parsed.success) return failTool(`Wrong input: ${z.prettifyError(parsed.error)}`);
  const { limitMs } = tool;
  const giveUp = () => {
    log.warn({ tool: name, limitMs }, 'a tool took too long');
    return failTool('It took too long.');
  };
  // Also what cannot be written as JSON is a failure of the tool.
  const work = async (signal: AbortSignal) => ({
    ok: true,
    output: formatBoundedJson(await tool.run(parsed.data, { ...context, signal }), maxOutputCharacters),
  });
  try {
    return await within(limitMs, work, giveUp, context.signal);
  } catch (error) {
    if (error instanceof ToolRefusal) return failTool(error.message);
    if (!context.signal.aborted) log.warn({ tool: name, error }, 'a tool failed');
    return failTool('It did not work.');
  }
}

export function failTool(error: string): ToolAnswer {
  return { ok: false, output: formatBoundedJson({ error }, maxOutputCharacters) };
}

/** Models leave the input empty for tools without any. Undefined, which fits no schema, if it is not JSON. */
function parseJson(text: string): unknown {
  try {
    return text.trim() === '' ? {} : JSON.parse(text);
  } catch {
    return undefined;
  }
}
