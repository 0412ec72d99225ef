// All tools by name, for the phone, the browser and the API: which of them an agent has, and what a model is told of them.
import { z } from 'zod';
import type { AgentProfile } from '../agents/agent.ts';
import { AppError } from '../errors.ts';
import { currentTime } from './current-time.ts';
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

/** Those that need no service. */
const ownTools: Readonly<Record<string, ToolMaker>> = {
  current_time: always(currentTime),
  take_note: always(takeNote),
  hang_up: always(hangUp),
  send_digits: createSendDigits,
  transfer_to_human: createTransferToHuman,
  record_answer: createRecordAnswer,
  schedule_callback: createScheduleCallback,
};

export class ToolRegistry {
  readonly #makers: ReadonlyMap<string, ToolMaker>;

  constructor(others: Readonly<Record<string, ToolMaker>> = {}) {
    this.#makers = new Map(Object.entries({ ...ownTools, ...others }));
  }

  get names(): readonly string[] {
    return [...this.#makers.keys()];
  }

  /** Every tool, as this agent would have it. */
  pickAll(agent: AgentProfile): readonly Tool[] {
    return [...this.#makers.values()].map((make) => make(agent));
  }

  /** Throws UNKNOWN_TOOL, naming it: an agent that names a tool we lack must not start. */
  pick(agent: AgentProfile): readonly Tool[] {
    return agent.tools.map((name) => {
      const make = this.#makers.get(name);
      if (!make) throw new AppError('UNKNOWN_TOOL', { name, known: this.names.join(', ') });
      return make(agent);
    });
  }
}

export function formatToolSchema(tool: Tool): ToolSchema {
  const { $schema: _, ...made } = tool.parameters ?? z.toJSONSchema(tool.input, { io: 'input' });
  return { name: tool.name, description: tool.description, parameters: made };
}
