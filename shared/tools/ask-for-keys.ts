// Tool: says what the caller is about to key in, so that the keys belong together and a secret stays one.
import { z } from 'zod';
import type { AgentProfile } from '../agents/agent.ts';
import { defineTool, oneOf, type Tool } from './tool.ts';

export function createAskForKeys({ keys }: AgentProfile): Tool {
  const { questions, end_key: endKey } = keys;
  const list = Object.entries(questions).map(([name, { description }]) =>
    description ? `${name}: ${description}` : name,
  );
  return defineTool({
    name: 'ask_for_keys',
    description: `To be used before you ask the caller to key in a number on the phone. Possible are: ${list.join(' ')}`,
    input: z.object({ question: oneOf(Object.keys(questions)).describe('What is to be keyed in.') }),
    usesPhone: true,
    run({ question }, { record }) {
      const { sensitive, digits } = questions[question]!;
      record({ type: 'keys-asked', question, sensitive });
      const length = digits === undefined ? '' : ` It has ${digits} digits.`;
      const end = endKey === 'none' || digits !== undefined ? '' : ` They end with the ${endKey} key.`;
      const secret = sensitive ? ' Never repeat the digits, and do not have them said aloud.' : '';
      return { next: `Ask the caller to key it in.${length}${end}${secret}` };
    },
  });
}
