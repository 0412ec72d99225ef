// An agent profile: who answers, how it sounds, what it may do. Read from agents/*.md (front matter + instructions).
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { voiceModelKinds } from '../call/call.ts';
import { AppError } from '../errors.ts';

/** What the English say where the agent's author does not; a word of another language is none. */
const englishWords = {
  filler: 'One moment, please.',
  lines_busy: 'All our lines are busy at the moment. Please call again later. Goodbye.',
};

const seconds = z.number().min(0.5).max(60);

/** How long a caller waits for the agent. */
const deadAirSchema = z
  .strictObject({
    /**
     * Silence after which somebody says "one moment", and again after each such silence: after two seconds people ask whether
     * anybody is there. A model's answer takes one second as a rule.
     */
    filler_after_seconds: seconds.default(1.6),
    /** Without a word of the agent the model is asked once more. A slow answer comes within three seconds. */
    ask_again_after_seconds: seconds.default(4),
    /** Then another model is tried: twice the time, so that what was asked again could come as well. */
    next_model_after_seconds: seconds.default(8),
  })
  .refine(
    (limits) =>
      limits.filler_after_seconds < limits.ask_again_after_seconds &&
      limits.ask_again_after_seconds < limits.next_model_after_seconds,
    'must grow from filler_after_seconds over ask_again_after_seconds to next_model_after_seconds',
  );

const agentSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9-]{1,64}$/),
  description: z.string().optional(),
  /** Spoken word for word as soon as the call connects; without it the model words its own greeting. */
  greeting: z.string().optional(),
  /** BCP 47, for example en-US. */
  language: z.string().default('en-US'),
  /** Other languages that callers may speak. */
  languages: z.array(z.string()).default([]),
  /** Tried in this order; a call's own `model` goes first. */
  models: z.array(z.enum(voiceModelKinds)).nonempty().default(['gpt-realtime']),
  /** A voice per model; each has a default. */
  voices: z.partialRecord(z.enum(voiceModelKinds), z.string()).default({}),
  tools: z.array(z.string()).default([]),
  /** Whom a call may be handed to, by name: the model never sees a number. */
  transfer_targets: z.record(z.string(), z.string()).default({}),
  /** Outbound: what to do when a machine picks up. `leave-message` says `voicemail_message` after the beep. */
  on_machine: z.enum(['hang-up', 'leave-message']).default('hang-up'),
  voicemail_message: z.string().optional(),
  /** In its own language: said while a tool takes long (Voice Live) and while the line is restored (Twilio). English agents have one. */
  filler: z.string().optional(),
  /** Twilio only: spoken by Twilio itself before the agent is on the line, which costs its length. Without it nothing is. */
  please_wait: z.string().optional(),
  /** Spoken by Twilio itself when no bridge has room for the call, which then ends. ACS plays a recording. English agents have one. */
  lines_busy: z.string().optional(),
  /** Words that recognition should favour: names, products. */
  phrases: z.array(z.string()).default([]),
  dead_air: deadAirSchema.prefault({}),
});

export type AgentProfile = Readonly<z.output<typeof agentSchema>> & { readonly instructions: string };
export type AgentProfiles = ReadonlyMap<string, AgentProfile>;

export function parseAgent(file: string, text: string): AgentProfile {
  const match = /^---\r?\n([\s\S]*?)\r?\n---\r?\n([\s\S]*)$/.exec(text);
  if (!match) throw new AppError('BAD_SETTING', `${file}: an agent starts with front matter between two lines of ---`);
  let frontMatter: unknown;
  try {
    frontMatter = parseYaml(match[1]!);
  } catch (cause) {
    throw new AppError('BAD_SETTING', `${file}: the front matter is not YAML`, { cause });
  }
  const parsed = agentSchema.safeParse(frontMatter);
  if (!parsed.success) throw new AppError('BAD_SETTING', `${file}: ${z.prettifyError(parsed.error)}`);
  if (parsed.data.on_machine === 'leave-message' && parsed.data.voicemail_message === undefined)
    throw new AppError('BAD_SETTING', `${file}: on_machine: leave-message needs a voicemail_message`);
  const instructions = match[2]!.trim();
  if (instructions === '')
    throw new AppError('BAD_SETTING', `${file}: there are no instructions below the front matter`);
  const words = /^en\b/i.test(parsed.data.language) ? englishWords : {};
  return Object.freeze({ ...words, ...parsed.data, instructions });
}

export function loadAgents(folder: string): AgentProfiles {
  const agents = new Map<string, AgentProfile>();
  for (const file of listFiles(folder)) {
    const agent = parseAgent(file, readFileSync(join(folder, file), 'utf8'));
    if (agents.has(agent.name)) throw new AppError('BAD_SETTING', `${file}: a second agent is named ${agent.name}`);
    agents.set(agent.name, agent);
  }
  if (agents.size === 0) throw new AppError('BAD_SETTING', `${folder}: there is no agent (*.md)`);
  return agents;
}

function listFiles(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.md'))
      .sort();
  } catch (cause) {
    throw new AppError('BAD_SETTING', `AGENTS_FOLDER (${folder}): there is no such folder`, { cause });
  }
}
