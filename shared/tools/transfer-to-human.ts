// Tool: hands the caller over to a person whom the agent's file names. The model says a name and never sees a number.
import { z } from 'zod';
import type { AgentProfile } from '../agents/agent.ts';
import { isOpen } from '../agents/opening-hours.ts';
import { defineTool, oneOf, type Tool, ToolRefusal } from './tool.ts';

export function createTransferToHuman({ transfer_targets, time_zone }: AgentProfile): Tool {
  const targets = Object.entries(transfer_targets);
  const list = targets.map(([name, { description }]) => (description ? `${name}: ${description}` : name));
  return defineTool({
    name: 'transfer_to_human',
    description: `Hands the caller over to a person. Say first that you will. Possible are: ${list.join(' ')}`,
    input: z.object({
      target: oneOf(targets.map(([name]) => name)).describe('The name of the person or desk.'),
      brief: z
        .string()
        .max(600)
        .default('')
        .describe('Told to the person before the caller: who calls and what it is about, in one or two sentences.'),
    }),
    usesPhone: true,
    async run({ target, brief }, { phone, now }) {
      const { hours } = transfer_targets[target]!;
      if (hours && !isOpen(hours, now, time_zone))
        throw new ToolRefusal('Nobody is there at this hour. Offer to take a note or to call back.');
      if (!phone?.transfer) throw new ToolRefusal('Nobody can be reached from here. Offer to take a note.');
      await phone.transfer(target, brief);
      return { next: 'Ask the caller to hold the line for a moment.' };
    },
  });
}
