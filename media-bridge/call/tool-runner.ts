// Runs the tools that the model calls: checks their input, bounds their time, and always gives the model an answer.
import { z } from 'zod';
import type { CallFact } from '../../shared/call/call-event.ts';
import type { Logger } from '../../shared/logger.ts';
import type { Tool, ToolContext } from '../../shared/tools/tool.ts';
import { within } from '../../shared/within.ts';
import type { CallJournal } from './call-journal.ts';

/** A caller waits through it. Longer work must answer early and go on by itself. */
const toolTimeoutMs = 10_000;
/** A model can make use of a few pages, and each of its tokens costs the caller time. */
const maxOutputCharacters = 16_000;

export interface ToolOutcome {
  /** JSON, as the model gets it. */
  readonly output: string;
  /** The agent decided to end the call. */
  readonly endsCall: boolean;
}

type ToolJournal = Pick<CallJournal, 'state' | 'record'>;

export class ToolRunner {
  readonly #tools: ReadonlyMap<string, Tool>;
  readonly #log: Logger;

  constructor(tools: readonly Tool[], log: Logger) {
    this.#tools = new Map(tools.map((tool) => [tool.name, tool]));
    this.#log = log;
  }

  /** Never rejects: what went wrong is told to the model, which can tell the caller. Writes down that the tool was called. */
  async run(name: string, input: string, journal: ToolJournal, signal: AbortSignal): Promise<ToolOutcome> {
    const startedAt = performance.now();
    let endsCall = false;
    const hangUp = () => {
      endsCall = true;
    };
    const record = (fact: CallFact) => journal.record(fact);
    const context = { call: journal.state, signal, now: new Date(), record, hangUp };
    const { ok, output } = await this.#try(name, input, context);
    const tookMs = Math.round(performance.now() - startedAt);
    if (!signal.aborted) journal.record({ type: 'tool-called', name, ok, tookMs });
    return { output, endsCall };
  }

  async #try(name: string, input: string, context: ToolContext): Promise<{ ok: boolean; output: string }> {
    const tool = this.#tools.get(name);
    if (!tool) return failure(`There is no tool named ${name}.`);
    const parsed = tool.input.safeParse(parseJson(input));
    if (!parsed.success) return failure(`Wrong input: ${z.prettifyError(parsed.error)}`);
    const work = async (signal: AbortSignal) => {
      const output: unknown = await tool.run(parsed.data, { ...context, signal });
      return { ok: true, output: formatOutput(output) };
    };
    const giveUp = () => {
      this.#log.warn({ tool: name, limitMs: toolTimeoutMs }, 'a tool took too long');
      return failure('It took too long.');
    };
    try {
      return await within(toolTimeoutMs, work, giveUp, context.signal);
    } catch (error) {
      if (!context.signal.aborted) this.#log.warn({ tool: name, error }, 'a tool failed');
      return failure('It did not work.');
    }
  }
}

const failure = (error: string) => ({ ok: false, output: formatOutput({ error }) });

function formatOutput(output: unknown): string {
  return (JSON.stringify(output) ?? 'null').slice(0, maxOutputCharacters);
}

/** Models leave the input empty for tools without any. Undefined, which fits no schema, if it is not JSON. */
function parseJson(text: string): unknown {
  try {
    return text.trim() === '' ? {} : JSON.parse(text);
  } catch {
    return undefined;
  }
}
