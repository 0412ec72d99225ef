// What may stand in agents/<name>.scenarios.yaml: the stand-in model's answers, and the caller's steps with what is expected.
import { z } from 'zod';
import { callEndReasons } from '../../shared/call/call.ts';

/** A minute of speech. */
const maxCharacters = 1_000;
const text = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(maxCharacters, `must have at most ${maxCharacters} characters`);
const words = text.regex(/[\p{L}\p{N}]/u, 'must have a word');
/** The voice of callers and agents leaves out whatever else there is. */
const spoken = text.regex(/[a-z0-9]/i, 'must have a word that an English voice can speak');
/** Ten minutes: longer than any step of a call makes sense. */
const milliseconds = z.int().min(0).max(600_000);

export const stepVerbs = [
  'say',
  'interrupt',
  'press',
  'silent_ms',
  'wait',
  'hang_up',
  'agent',
  'tool',
  'note',
  'ends',
] as const;
export type StepVerb = (typeof stepVerbs)[number];

const verbsWithin: readonly StepVerb[] = ['interrupt', 'wait', 'agent', 'ends'];

const step = z
  .strictObject({
    say: spoken,
    interrupt: spoken,
    /** Of `interrupt`: how long the agent has been speaking by then. */
    after_ms: milliseconds,
    press: z.string().regex(/^[0-9*#]+$/, 'must be keys: 0-9, * and #'),
    silent_ms: milliseconds,
    wait: z.enum(['agent-finished', 'agent-speaking', 'line-closed']),
    hang_up: z.literal(true),
    agent: words,
    tool: text,
    note: words,
    ends: z.enum(callEndReasons),
    /** How long the caller waits for it. */
    within_ms: milliseconds,
  })
  .partial()
  .superRefine((step, context) => {
    const verbs = stepVerbs.filter((verb) => step[verb] !== undefined);
    const complain = (message: string, ...path: string[]) => context.addIssue({ code: 'custom', message, path });
    if (verbs.length !== 1) complain(`a step is one of ${stepVerbs.join(', ')}`, ...verbs.slice(1, 2));
    if (step.after_ms !== undefined && step.interrupt === undefined) complain('goes with interrupt only', 'after_ms');
    if (step.within_ms !== undefined && !verbsWithin.includes(verbs[0]!))
      complain(`goes with ${verbsWithin.join(', ')} only`, 'within_ms');
  });

const scenario = z.strictObject({
  name: z.string().regex(/^[a-z0-9-]{1,64}$/, 'must be of lower-case letters, digits and dashes'),
  title: text,
  /** Outbound: the agent rings the person. */
  direction: z.enum(['inbound', 'outbound']).default('inbound'),
  /** Outbound: this machine picks up instead of a person; it says this and beeps. */
  machine: spoken.optional(),
  /** Outbound: what the agent knows of the call, as the API is told. */
  context: z.record(z.string(), z.unknown()).optional(),
  steps: z.array(step).min(1, 'must have a step'),
});

const answer = z
  .strictObject({
    heard: spoken,
    pressed: z.string().regex(/^[0-9*#]+$/, 'must be keys: 0-9, * and #'),
    reply: spoken,
    tool: text,
    arguments: z.record(z.string(), z.unknown()),
    /** Said once the tool has answered; `{output}` is its answer, `{output.field}` one field of it. */
    report: spoken,
  })
  .partial()
  .superRefine((answer, context) => {
    const complain = (message: string, ...path: string[]) => context.addIssue({ code: 'custom', message, path });
    if ((answer.heard === undefined) === (answer.pressed === undefined)) complain('must say either heard or pressed');
    if ((answer.reply === undefined) === (answer.tool === undefined)) complain('must say either reply or tool');
    else if ((answer.tool === undefined) !== (answer.report === undefined)) complain('tool and report go together');
    if (answer.arguments !== undefined && answer.tool === undefined) complain('goes with tool only', 'arguments');
  });

export const scenarioFileSchema = z.strictObject({
  /** Also the scenarios of `npm run call`, and what the stand-in model answers in them. */
  demo: z.boolean().default(false),
  answers: z.array(answer).default([]),
  otherwise: spoken.optional(),
  scenarios: z.array(scenario).min(1, 'must have a scenario'),
});

export type ScenarioStep = z.output<typeof step>;
export type WrittenScenario = z.output<typeof scenario>;
export type WrittenAnswer = z.output<typeof answer>;
