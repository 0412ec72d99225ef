// Runs the tools that the model calls: checks their input, bounds their time, and always gives the model an answer, once.
import { z } from 'zod';
import type { AgentProfile } from '../../shared/agents/agent.ts';
import { formatBoundedJson } from '../../shared/bounded-json.ts';
import type { CallFact } from '../../shared/call/call-event.ts';
import type { Logger } from '../../shared/logger.ts';
import { type SpeakTime, type Tool, type ToolContext, type ToolPhone, ToolRefusal } from '../../shared/tools/tool.ts';
import { within } from '../../shared/within.ts';
import type { CallJournal } from './call-journal.ts';

/** Of one call. A model asks for three or four things at once. */
const maxRunning = 8;
/** Without a word of the caller in between: a model that goes round in circles costs money and time. */
const maxPerTurn = 24;
/** So much of what went in and came out is kept with the call: enough to know what was done. */
const maxKeptCharacters = 1_000;
/** A model can make use of a few pages, and each of its tokens costs the caller time. */
const maxOutputCharacters = 16_000;

export interface ToolOutcome {
  /** JSON, as the model gets it. */
  readonly output: string;
  /** When the model may speak about it. */
  readonly speak: SpeakTime;
  /** The agent decided to end the call. */
  readonly endsCall: boolean;
}

type ToolJournal = Pick<CallJournal, 'state' | 'record'>;

export interface ToolRunnerOptions {
  readonly agent: AgentProfile;
  readonly tools: readonly Tool[];
  readonly phone: Omit<ToolPhone, 'hangUp'>;
  readonly log: Logger;
}

export class ToolRunner {
  readonly #options: ToolRunnerOptions;
  readonly #tools: ReadonlyMap<string, Tool>;
  readonly #running = new Set<Promise<unknown>>();
  #turns = 0;
  #calledInTurn = 0;

  constructor(options: ToolRunnerOptions) {
    this.#options = options;
    this.#tools = new Map(options.tools.map((tool) => [tool.name, tool]));
  }

  /** Never rejects: what went wrong is told to the model, which can tell the caller. Writes down that the tool was called. */
  async run(name: string, input: string, journal: ToolJournal, signal: AbortSignal): Promise<ToolOutcome> {
    const startedAt = performance.now();
    const tool = this.#tools.get(name);
    let endsCall = false;
    const phone: ToolPhone = {
      ...this.#options.phone,
      hangUp: () => {
        endsCall = true;
      },
    };
    const record = (fact: CallFact) => {
      // What a tool finds out too late is nothing of the call any more.
      if (!signal.aborted) journal.record(fact);
    };
    const { agent } = this.#options;
    const context = { call: journal.state, agent, signal, now: new Date(), phone, record };
    const { ok, output } = this.#refuse(journal) ?? (await this.#start(tool, name, input, context));
    record({
      type: 'tool-called',
      name: tool ? name : 'unknown',
      ok,
      tookMs: Math.round(performance.now() - startedAt),
      input: input.slice(0, maxKeptCharacters),
      output: output.slice(0, maxKeptCharacters),
    });
    return { output, speak: ok && tool ? tool.speak : 'when-idle', endsCall: endsCall && ok };
  }

  #refuse({ state }: ToolJournal): Answer | undefined {
    const turns = state.turns.filter(({ role }) => role === 'caller').length;
    this.#calledInTurn = turns === this.#turns ? this.#calledInTurn + 1 : 1;
    this.#turns = turns;
    if (this.#calledInTurn > maxPerTurn) return failure('These are too many in a row. Go on with what you know.');
    if (this.#running.size >= maxRunning) return failure('These are too many at once. Wait for the others.');
    return undefined;
  }

  #start(tool: Tool | undefined, name: string, input: string, context: ToolContext): Promise<Answer> {
    const earlier = tool?.usesPhone ? [...this.#running] : [];
    const running =
      earlier.length > 0
        ? Promise.all(earlier).then(() => this.#try(tool, name, input, context))
        : this.#try(tool, name, input, context);
    this.#running.add(running);
    return running.finally(() => this.#running.delete(running));
  }

  async #try(tool: Tool | undefined, name: string, input: string, context: ToolContext): Promise<Answer> {
    const { log } = this.#options;
    if (!tool) return failure(`There is no tool named ${name.slice(0, 64)}.`);
    const parsed = tool.input.safeParse(parseJson(input));
    if (!parsed.success) return failure(`Wrong input: ${z.prettifyError(parsed.error)}`);
    const { limitMs } = tool;
    const giveUp = () => {
      log.warn({ tool: name, limitMs }, 'a tool took too long');
      return failure('It took too long.');
    };
    // Also what cannot be written as JSON is a failure of the tool.
    const work = async (signal: AbortSignal) => ({
      ok: true,
      output: formatBoundedJson(await tool.run(parsed.data, { ...context, signal }), maxOutputCharacters),
    });
    try {
      return await within(limitMs, work, giveUp, context.signal);
    } catch (error) {
      if (error instanceof ToolRefusal) return failure(error.message);
      if (!context.signal.aborted) log.warn({ tool: name, error }, 'a tool failed');
      return failure('It did not work.');
    }
  }
}

interface Answer {
  readonly ok: boolean;
  readonly output: string;
}

const failure = (error: string): Answer => ({ ok: false, output: formatBoundedJson({ error }, maxOutputCharacters) });

/** Models leave the input empty for tools without any. Undefined, which fits no schema, if it is not JSON. */
function parseJson(text: string): unknown {
  try {
    return text.trim() === '' ? {} : JSON.parse(text);
  } catch {
    return undefined;
  }
}
