// Tool: keeps a note with the call, for the people who read its history.
import { z } from 'zod';
import { defineTool } from './tool.ts';

export const takeNote = defineTool({
  name: 'take_note',
  description: 'Keeps a note of what the caller wants, for a colleague to read later.',
  input: z.object({ text: z.string().min(1).max(2_000).describe('The note, complete enough to act on.') }),
  run({ text }, { record }) {
    record({ type: 'note-taken', text });
    return { kept: true };
  },
});
