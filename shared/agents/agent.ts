// An agent profile: who answers, how it sounds, what it may do. Read from agents/*.md (front matter + instructions).
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { voiceModelKinds } from '../call/call.ts';
import { AppError } from '../errors.ts';
import { parseLocatedYaml } from '../located-yaml.ts';
import { deadAirLimits } from './dead-air-limits.ts';
import { splitFrontMatter } from './front-matter.ts';
import { findCallPlaceholders, httpTools } from './http-tools.ts';
import { keyEntry } from './key-entry.ts';
import { mcpServers } from './mcp-servers.ts';
import { memoryRules } from './memory-rules.ts';
import { timeZoneName } from './opening-hours.ts';
import { outcomeRules } from './outcome-fields.ts';
import { checkPlaceholders } from './placeholder-check.ts';
import { recordingRules } from './recording-rules.ts';
import { screeningQuestions } from './screening-questions.ts';
import { longestCall, silenceLadder } from './silence-ladder.ts';
import { explanation, fieldName, spokenWords } from './spoken-words.ts';
import { toolSettings } from './tool-settings.ts';
import { transferTargets } from './transfer-targets.ts';
import { turnRules } from './turn-rules.ts';
import { webhook } from './webhook.ts';

/** What the English say where the agent's author does not; a word of another language is none. */
const englishWords = {
  filler: 'One moment, please.',
  lines_busy: 'All our lines are busy at the moment. Please call again later. Goodbye.',
};

const languageTag = z.string().refine(isLanguage, 'must be a language of BCP 47, for example en-US');

/** docs/agents.md tells what each is for. */
const agentSchema = z
  .strictObject({
    name: z.string().regex(/^[a-z0-9-]{1,64}$/, 'must be of lower-case letters, digits and dashes'),
    description: z.string().optional(),
    language: languageTag.default('en-US'),
    languages: z.array(languageTag).default([]),
    time_zone: timeZoneName.default('UTC'),

    models: z.array(z.enum(voiceModelKinds)).nonempty('must name a model').default(['gpt-realtime']),
    voices: z.partialRecord(z.enum(voiceModelKinds), z.string()).default({}),
    phrases: z.array(z.string()).default([]),

    greeting: spokenWords.optional(),
    on_machine: z.enum(['hang-up', 'leave-message']).default('hang-up'),
    voicemail_message: spokenWords.optional(),
    filler: spokenWords.optional(),
    please_wait: spokenWords.optional(),
    lines_busy: spokenWords.optional(),

    context: z.record(fieldName, explanation).default({}),
    questions: screeningQuestions,

    tools: z.array(z.string()).default([]),
    tool_settings: toolSettings.prefault({}),
    http_tools: httpTools,
    mcp_servers: mcpServers,

    transfer_targets: transferTargets,
    keys: keyEntry.prefault({}),
    turn_taking: turnRules.prefault({}),
    dead_air: deadAirLimits.prefault({}),
    silence: silenceLadder.prefault({}),
    longest_call: longestCall.prefault({}),

    recording: recordingRules.prefault({}),
    memory: memoryRules.prefault({}),
    outcome: outcomeRules.prefault({}),
    webhook: webhook.optional(),
  })
  .refine((agent) => agent.on_machine !== 'leave-message' || agent.voicemail_message !== undefined, {
    error: 'leave-message needs a voicemail_message',
    path: ['on_machine'],
  })
  .superRefine(({ tools, transfer_targets, questions, memory, http_tools, context: known }, context) => {
    for (const [tool, field, entries] of [
      ['transfer_to_human', 'transfer_targets', transfer_targets],
      ['record_answer', 'questions', questions],
    ] as const)
      if (tools.includes(tool) && Object.keys(entries).length === 0)
        context.addIssue({ code: 'custom', path: ['tools', tools.indexOf(tool)], message: `${tool} needs ${field}` });
    for (const [name, { url }] of Object.entries(http_tools))
      for (const fact of findCallPlaceholders(url))
        if (!['caller_number', 'call_id', ...Object.keys(known)].includes(fact))
          context.addIssue({
            code: 'custom',
            path: ['http_tools', name, 'url'],
            message: `{{${fact}}} is not in context`,
          });
    if (tools.includes('look_up_caller') && !memory.enabled)
      context.addIssue({
        code: 'custom',
        path: ['tools', tools.indexOf('look_up_caller')],
        message: 'look_up_caller needs memory: { enabled: true }',
      });
  });

export type AgentProfile = Readonly<z.output<typeof agentSchema>> & {
  readonly instructions: string;
  /** Of the file's content: which version of the agent this is. */
  readonly hash: string;
  /** The file's text. */
  readonly source: string;
  /** How the agent begins where it has no greeting and does not simply offer help. In no file. */
  readonly opening?: string;
};
/** By name, as they are now. */
export type AgentProfiles = Pick<ReadonlyMap<string, AgentProfile>, 'get' | 'has' | 'keys' | 'values'>;

/** Every field there is. */
export const agentFields: readonly string[] = Object.keys(agentSchema.shape);

/** Throws BAD_SETTING, a line for each thing that is wrong: file, line, column, field. */
export function parseAgent(file: string, text: string): AgentProfile {
  const { yaml, yamlLine, body, bodyLine } = splitFrontMatter(file, text);
  const { data, complain } = parseLocatedYaml(file, yaml, agentSchema, yamlLine);
  const instructions = body.trim();
  if (instructions === '')
    throw new AppError('BAD_SETTING', `${file}:${bodyLine}: there are no instructions below the front matter`);
  const faults = [
    ...(['greeting', 'voicemail_message'] as const).flatMap((field) =>
      checkPlaceholders(data[field] ?? '', data.context, { isSpoken: true }).map(
        ({ problem }) => complain([field], problem).message,
      ),
    ),
    ...checkPlaceholders(body, data.context, { isSpoken: false }).map(
      ({ offset, problem }) => `${file}:${bodyLine + body.slice(0, offset).split('\n').length - 1}: ${problem}`,
    ),
  ];
  if (faults.length > 0) throw new AppError('BAD_SETTING', faults.join('\n'));
  const words = /^en\b/i.test(data.language) ? englishWords : {};
  return Object.freeze({ ...words, ...data, instructions, hash: hashOf(text), source: text });
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** Throws BAD_SETTING for the first file that is wrong. */
export function loadAgents(folder: string): ReadonlyMap<string, AgentProfile> {
  const agents = new Map<string, AgentProfile>();
  for (const file of listAgentFiles(folder)) {
    const agent = parseAgent(file, readFileSync(file, 'utf8'));
    if (agents.has(agent.name)) throw new AppError('BAD_SETTING', `${file}: a second agent is named ${agent.name}`);
    agents.set(agent.name, agent);
  }
  if (agents.size === 0) throw new AppError('BAD_SETTING', `${folder}: there is no agent (*.md)`);
  return agents;
}

/** Their paths, in the order of their names. */
export function listAgentFiles(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.md'))
      .sort()
      .map((name) => join(folder, name));
  } catch (cause) {
    throw new AppError('BAD_SETTING', `AGENTS_FOLDER (${folder}): there is no such folder`, { cause });
  }
}

function isLanguage(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}
