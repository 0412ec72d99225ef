// The tools that the model of one call asks for: runs them, and gives each result back when it may be spoken about.
import type { AskedTool } from '../../shared/call/call-state.ts';
import type { VoiceModel } from '../voice-models/voice-model.ts';
import type { CallJournal } from './call-journal.ts';
import type { DeadAirWatch } from './dead-air/dead-air-watch.ts';
import type { Farewell } from './farewell.ts';
import type { ModelLeg, ModelLegEvent } from './model-leg.ts';
import type { SpokenTurns } from './spoken-turns.ts';
import type { ToolOutcome, ToolRunner } from './tool-runner.ts';

export interface ToolCallsOptions {
  readonly runner: Pick<ToolRunner, 'run'>;
  readonly journal: CallJournal;
  readonly model: Pick<ModelLeg, 'model' | 'isDirect'>;
  readonly turns: Pick<SpokenTurns, 'oweReply' | 'cut'>;
  readonly watch: Pick<DeadAirWatch, 'floor' | 'tell'>;
  readonly farewell: Pick<Farewell, 'begin'>;
  /** Aborts with the call; nothing else ends a tool that runs, a caller who speaks meanwhile neither. */
  readonly signal: AbortSignal;
}

/** Of what is asked for: whoever takes over a longer one tells the model that it could not be read. */
const maxKeptCharacters = 8_000;

/** Of a model that may have been lost since. */
interface Asked {
  readonly model: VoiceModel | undefined;
  /** How often the caller had had the word by then. */
  readonly turns: number;
  readonly outcome: Promise<ToolOutcome>;
}

export class ToolCalls {
  readonly #options: ToolCallsOptions;
  /** By name and input: what no model was told yet. */
  readonly #untold = new Map<string, Asked>();
  /** By the model of a replica that is gone, which may be here again. */
  readonly #leftOver: readonly AskedTool[];
  #running = 0;
  /** Of those that ran at the same time one at least: a reply comes when all have answered. */
  #wantReply = false;

  constructor(options: ToolCallsOptions) {
    this.#options = options;
    this.#leftOver = options.journal.state.toolsAsked ?? [];
  }

  /** A model that outlived its replica waits for answers: of what that one did they are known, and the rest is done now. */
  async takeOver(): Promise<void> {
    if (!this.#options.model.isDirect) return;
    await Promise.all(this.#leftOver.map((asked) => this.#takeOver(asked)));
  }

  async run({ toolCallId, name, input, replyId }: Extract<ModelLegEvent, { type: 'tool-call' }>): Promise<void> {
    const { turns, watch, farewell, signal } = this.#options;
    const { model, isDirect } = this.#options.model;
    if (isDirect) this.#recordAsked(toolCallId, name, input);
    turns.oweReply();
    watch.tell({ type: 'tool-started' });
    this.#running += 1;
    const key = JSON.stringify([name, input]);
    const { output, speak, endsCall } = await this.#ask(key, name, input);
    this.#running -= 1;
    watch.tell({ type: 'tool-finished' });
    if (signal.aborted) return;
    const isSilent = speak === 'silent';
    this.#wantReply ||= !isSilent;
    const isToBeSilent = this.#running === 0 && !this.#wantReply;
    if (this.#running === 0) this.#wantReply = false;
    const goOn = () => {
      // A model that came in its place knows nothing of what this one asked.
      if (model !== this.#options.model.model) return;
      this.#untold.delete(key);
      this.#tell(toolCallId, output, !isSilent);
    };
    if (endsCall) farewell.begin(replyId === undefined ? undefined : { replyId, goOn });
    // A goodbye that was not said yet is owed like any other reply.
    if (isToBeSilent || (endsCall && replyId !== undefined)) watch.tell({ type: 'settled' });
    // While the caller speaks there is nothing to cut.
    if (speak === 'interrupt' && watch.floor !== 'caller') turns.cut();
    if (!endsCall || replyId === undefined) goOn();
  }

  async #takeOver({ toolCallId, name, input, at }: AskedTool): Promise<void> {
    const { journal, turns } = this.#options;
    const done = journal.state.tools?.find(
      (use) => use.name === name && use.at >= at && use.input !== undefined && input.startsWith(use.input),
    );
    if (done?.output === undefined) return this.run({ type: 'tool-call', toolCallId, name, input });
    turns.oweReply();
    this.#tell(toolCallId, done.output, true);
  }

  #recordAsked(toolCallId: string, name: string, input: string): void {
    const asked = { type: 'tool-asked', toolCallId, name, input: input.slice(0, maxKeptCharacters) } as const;
    this.#options.journal.record(asked, `asked-${toolCallId}`);
  }

  #tell(toolCallId: string, output: string, wantsReply: boolean): void {
    const { journal, model } = this.#options;
    model.model?.sendToolResult(toolCallId, output, { wantsReply });
    if (model.isDirect) journal.record({ type: 'tool-answered', toolCallId }, `answered-${toolCallId}`);
  }

  /** A model that came in another's place asks for what that one was not told: it gets the same answer, and nothing is done twice. */
  #ask(key: string, name: string, input: string): Promise<ToolOutcome> {
    const { runner, journal, signal } = this.#options;
    const { model } = this.#options.model;
    const turns = journal.state.turns.filter(({ role }) => role === 'caller').length;
    const asked = this.#untold.get(key);
    if (asked && asked.model !== model && asked.turns === turns) return asked.outcome;
    const outcome = runner.run(name, input, journal, signal);
    this.#untold.set(key, { model, turns, outcome });
    return outcome;
  }
}
