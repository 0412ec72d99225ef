// All tools by name, for the phone, the browser and the API: which of them an agent has, and what a model is told of them.
import { z } from 'zod';
import type { AgentProfile } from '../agents/agent.ts';
import { AppError } from '../errors.ts';
import { answerTransfer } from './answer-transfer.ts';
import { createAskForKeys } from './ask-for-keys.ts';
import { currentTime } from './current-time.ts';
import { cleanText } from './foreign-text.ts';
import { hangUp } from './hang-up.ts';
import { createRecordAnswer } from './record-answer.ts';
import { createScheduleCallback } from './schedule-callback.ts';
import { createSendDigits } from './send-digits.ts';
import { takeNote } from './take-note.ts';
import type { Tool, ToolSchema } from './tool.ts';
import { createTransferToHuman } from './transfer-to-human.ts';

/** What an agent's file says shapes some of them: names of people, of questions. */
export type ToolMaker = (agent: AgentProfile) => Tool;

const always =
  (tool: Tool): ToolMaker =>
  () =>
    tool;

/** A schema is some thousands of bytes: each is made once for all calls of an agent, as it was read from its file. */
export function once<Made>(make: (agent: AgentProfile) => Made): (agent: AgentProfile) => Made {
  const made = new WeakMap<AgentProfile, { readonly it: Made }>();
  return (agent) => {
    const known = made.get(agent) ?? { it: make(agent) };
    made.set(agent, known);
    return known.it;
  };
}

/** Those that need no service. */
const ownTools: Readonly<Record<string, ToolMaker>> = {
  current_time: always(currentTime),
  take_note: always(takeNote),
  hang_up: always(hangUp),
  send_digits: createSendDigits,
  transfer_to_human: createTransferToHuman,
  record_answer: createRecordAnswer,
  schedule_callback: createScheduleCallback,
  ask_for_keys: createAskForKeys,
  answer_transfer: always(answerTransfer),
};
const serviceTools = ['search_jobs', 'look_up_job', 'commute', 'look_up_caller'] as const;
export type ServiceTools = Readonly<Partial<Record<(typeof serviceTools)[number], ToolMaker>>>;

export const toolNames: readonly string[] = [...Object.keys(ownTools), ...serviceTools];

/** Throws UNKNOWN_TOOL, naming it: an agent that names a tool we lack must not start. */
export function checkToolNames({ tools }: Pick<AgentProfile, 'tools'>): void {
  for (const name of tools)
    if (!toolNames.includes(name)) throw new AppError('UNKNOWN_TOOL', { name, known: toolNames.join(', ') });
}

/** Tools that only one agent's file knows of. */
export interface AgentTools {
  /** Before a call: finds out what there is. Never rejects. */
  prepare?(agent: AgentProfile): Promise<void>;
  pick(agent: AgentProfile): readonly Tool[];
}

export class ToolRegistry {
  readonly #makers: ReadonlyMap<string, ToolMaker>;
  readonly #ofAgents: readonly AgentTools[];

  /** With those whose services are set up here. */
  constructor(others: ServiceTools = {}, ofAgents: readonly AgentTools[] = []) {
    const makers = Object.entries({ ...ownTools, ...others });
    this.#makers = new Map(makers.map(([name, make]) => [name, once(make)]));
    this.#ofAgents = ofAgents;
  }

  /** Never rejects, and takes half a second at most. */
  async prepare(agent: AgentProfile): Promise<void> {
    await Promise.all(this.#ofAgents.map((tools) => tools.prepare?.(agent)));
  }

  /** Those it names whose services are not set up here. */
  findMissing({ tools }: Pick<AgentProfile, 'tools'>): readonly string[] {
    return tools.filter((name) => !this.#makers.has(name));
  }

  /** In the order of its file; one that is not set up here is left out. Throws UNKNOWN_TOOL. */
  pick(agent: AgentProfile): readonly Tool[] {
    checkToolNames(agent);
    const own = agent.tools.flatMap((name) => this.#makers.get(name)?.(agent) ?? []);
    const names = new Set(own.map(({ name }) => name));
    // Nobody else's tool takes the place of ours.
    const others = this.#ofAgents.flatMap((tools) => tools.pick(agent));
    return [...own, ...others.filter(({ name }) => !names.has(name) && names.add(name))];
  }

  /** Every tool that is set up here, as this agent would have it. */
  pickAll(agent: AgentProfile): readonly Tool[] {
    return [...this.#makers.values()].map((make) => make(agent));
  }
}

/** Models refuse a longer one, and with it the whole session. */
const maxDescriptionCharacters = 1_024;

const schemas = new WeakMap<Tool, ToolSchema>();

/** The same for all calls that have the tool. */
export function formatToolSchema(tool: Tool): ToolSchema {
  const known = schemas.get(tool);
  if (known) return known;
  const { $schema: _, ...made } = tool.parameters ?? z.toJSONSchema(tool.input, { io: 'input' });
  const { name, description } = tool;
  const schema = { name, description: cleanText(description, maxDescriptionCharacters), parameters: made };
  schemas.set(tool, schema);
  return schema;
}
