// Tool: ends the call after the agent's last words.
import { z } from 'zod';
import { defineTool } from './tool.ts';

export const hangUp = defineTool({
  name: 'hang_up',
  description: 'Ends the call. Use it when the caller has said goodbye or has nothing more to ask.',
  input: z.object({}),
  usesPhone: true,
  run(_input, { phone }) {
    phone!.hangUp();
    return { next: 'Say goodbye in one short sentence. The line closes when you have finished.' };
  },
});
