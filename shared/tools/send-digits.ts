// Tool: presses keys for the machine on the other side, at a pace that machines can follow.
import { z } from 'zod';
import type { AgentProfile } from '../agents/agent.ts';
import { defineTool, type Tool } from './tool.ts';

/** Longer than any extension or customer number. */
const maxDigits = 32;
/** Of the carrier, beside the pauses. */
const requestMs = 10_000;

export function createSendDigits({ tool_settings }: AgentProfile): Tool {
  const { pause_ms: pauseMs } = tool_settings.send_digits;
  return defineTool({
    name: 'send_digits',
    description: 'Presses keys of the phone, for a menu or an extension on the other side. Not to be used with people.',
    input: z.object({
      digits: z
        .string()
        .regex(/^[0-9*#]+$/, 'must be keys: 0-9, * and #')
        .max(maxDigits)
        .describe('The keys in order, for example 2 or 4711#.'),
    }),
    usesPhone: true,
    // A menu answers by itself: the agent listens.
    speak: 'silent',
    limitMs: requestMs + maxDigits * pauseMs,
    async run({ digits }, { phone }) {
      await phone!.sendDigits(digits, pauseMs);
      return { pressed: digits.length, next: 'Listen to what the other side says.' };
    },
  });
}
