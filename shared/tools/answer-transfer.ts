// Tool: of the call to a person who is asked to take over a caller: yes or no.
import { z } from 'zod';
import { defineTool } from './tool.ts';

export const answerTransfer = defineTool({
  name: 'answer_transfer',
  description:
    'Tells whether the colleague on the phone takes the caller who is waiting. Only after a clear yes or no.',
  input: z.object({ accepted: z.boolean() }),
  usesPhone: true,
  run({ accepted }, { call, phone, record }) {
    if (!call.consults) return { error: 'Nobody is waiting.' };
    record({ type: 'consultation-decided', accepted });
    if (accepted) return { next: 'Say in a few words that you are connecting them.' };
    phone?.hangUp();
    return { next: 'Say goodbye in a few words. The line closes when you have finished.' };
  },
});
