// Runs the tools that the model calls: checks their input, bounds their time, and always gives the model an answer.
import { z } from 'zod';
import type { Logger } from '../../shared/logger.ts';
import type { Tool, ToolContext } from '../../shared/tools/tool.ts';
import { within } from '../../shared/within.ts';

/** A caller waits through it. Longer work must answer early and go on by itself. */
const toolTimeoutMs = 10_000;
/** A model can make use of a few pages, and each of its tokens costs the caller time. */
const maxOutputCharacters = 16_000;

export interface ToolOutcome {
  readonly ok: boolean;
  /** JSON, as the model gets it. */
  readonly output: string;
  readonly tookMs: number;
}

export class ToolRunner {
  readonly #tools: ReadonlyMap<string, Tool>;
  readonly #log: Logger;

  constructor(tools: readonly Tool[], log: Logger) {
    this.#tools = new Map(tools.map((tool) => [tool.name, tool]));
    this.#log = log;
  }

  /** Never rejects: what went wrong is told to the model, which can tell the caller. */
  async run(name: string, input: string, context: ToolContext): Promise<ToolOutcome> {
    const startedAt = performance.now();
    const finish = (ok: boolean, output: unknown): ToolOutcome => ({
      ok,
      output: (JSON.stringify(output) ?? 'null').slice(0, maxOutputCharacters),
      tookMs: Math.round(performance.now() - startedAt),
    });
    const tool = this.#tools.get(name);
    if (!tool) return finish(false, { error: `There is no tool named ${name}.` });
    const parsed = tool.input.safeParse(parseJson(input));
    if (!parsed.success) return finish(false, { error: `Wrong input: ${z.prettifyError(parsed.error)}` });
    const work = async (signal: AbortSignal) => finish(true, await tool.run(parsed.data, { ...context, signal }));
    const giveUp = () => {
      this.#log.warn({ tool: name, limitMs: toolTimeoutMs }, 'a tool took too long');
      return finish(false, { error: 'It took too long.' });
    };
    try {
      return await within(toolTimeoutMs, work, giveUp, context.signal);
    } catch (error) {
      this.#log.warn({ tool: name, error }, 'a tool failed');
      return finish(false, { error: 'It did not work.' });
    }
  }
}

/** Models leave the input empty for tools without any. Undefined, which fits no schema, if it is not JSON. */
function parseJson(text: string): unknown {
  try {
    return text.trim() === '' ? {} : JSON.parse(text);
  } catch {
    return undefined;
  }
}
