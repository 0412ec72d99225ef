// Runs the tools that the model calls: checks their input, bounds their time, and always gives the model an answer, once.
import type { AgentProfile } from '../../shared/agents/agent.ts';
import type { CallFact } from '../../shared/call/call-event.ts';
import type { Logger } from '../../shared/logger.ts';
import { failTool, runTool, type ToolAnswer } from '../../shared/tools/run-tool.ts';
import type { SpeakTime, Tool, ToolContext, ToolPhone } from '../../shared/tools/tool.ts';
import type { CallJournal } from './call-journal.ts';

/** Of one call. A model asks for three or four things at once. */
const maxRunning = 8;
/** Without a word of the caller in between: a model that goes round in circles costs money and time. */
const maxPerTurn = 24;
/** So much of what went in and came out is kept with the call: enough to know what was done. */
const maxKeptCharacters = 1_000;

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

  #refuse({ state }: ToolJournal): ToolAnswer | undefined {
    const turns = state.turns.filter(({ role }) => role === 'caller').length;
    this.#calledInTurn = turns === this.#turns ? this.#calledInTurn + 1 : 1;
    this.#turns = turns;
    if (this.#calledInTurn > maxPerTurn) return failTool('These are too many in a row. Go on with what you know.');
    if (this.#running.size >= maxRunning) return failTool('These are too many at once. Wait for the others.');
    return undefined;
  }

  #start(tool: Tool | undefined, name: string, input: string, context: ToolContext): Promise<ToolAnswer> {
    const earlier = tool?.usesPhone ? [...this.#running] : [];
    const running =
      earlier.length > 0
        ? Promise.all(earlier).then(() => this.#try(tool, name, input, context))
        : this.#try(tool, name, input, context);
    this.#running.add(running);
    return running.finally(() => this.#running.delete(running));
  }

  #try(tool: Tool | undefined, name: string, input: string, context: ToolContext): Promise<ToolAnswer> {
    return runTool(tool, { name, input }, context, this.#options.log);
  }
}
