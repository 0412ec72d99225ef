// Tool: keeps what the caller answered to one of the questions that the agent's file asks, with a score where that is wanted.
import { z } from 'zod';
import type { AgentProfile } from '../agents/agent.ts';
import { defineTool, oneOf, type Tool, ToolRefusal } from './tool.ts';

export function createRecordAnswer({ questions }: AgentProfile): Tool {
  const names = Object.keys(questions);
  const scales = Object.entries(questions).flatMap(([name, { score_by }]) =>
    score_by ? [`${name}: ${score_by}`] : [],
  );
  return defineTool({
    name: 'record_answer',
    description:
      'Keeps the answer to one of your questions, once it is complete. A later answer to the same question takes its place.' +
      (scales.length > 0 ? ` Scores are from 1 (poor) to 5 (excellent). ${scales.join(' ')}` : ''),
    input: z.object({
      question: oneOf(names).describe('The name of the question.'),
      answer: z.string().min(1).max(1_000).describe('What the caller said, in a few words of yours.'),
      score: z.int().min(1).max(5).optional().describe('Only for questions that are scored.'),
    }),
    run({ question, answer, score }, { record }) {
      const isScored = questions[question]!.score_by !== undefined;
      if (isScored && score === undefined) throw new ToolRefusal('This question is scored: give a score from 1 to 5.');
      record({ type: 'answer-recorded', question, answer, ...(isScored && { score }) });
      return { kept: true };
    },
  });
}
