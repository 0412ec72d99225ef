// Has Azure OpenAI mint a key for one conversation of a browser, which the page shows in our place.
import { z } from 'zod';
import type { AgentProfile } from '../../shared/agents/agent.ts';
import { fillAgent, formatInstructions } from '../../shared/agents/instructions.ts';
import { AppError } from '../../shared/errors.ts';
import { formatToolSchema } from '../../shared/tools/registry.ts';
import type { Tool } from '../../shared/tools/tool.ts';

/** The page sends its offer at once; Azure would let it wait for two hours. */
const lifetimeSeconds = 60;
const timeoutMs = 10_000;
const defaultVoice = 'marin';
const service = 'Azure OpenAI';

const answerSchema = z.object({ value: z.string().min(1), expires_at: z.number() });

export interface RealtimeSecretsOptions {
  readonly endpoint: string;
  readonly deployment: string;
  readonly transcriptionDeployment: string;
  /** The resource's key, or a token of our identity. */
  readonly authorize: () => Promise<Record<string, string>>;
}

export interface RealtimeSecret {
  readonly value: string;
  readonly expiresAt: Date;
  readonly webrtcUrl: string;
  readonly deployment: string;
  readonly voice: string;
}

export class RealtimeSecrets {
  readonly #options: RealtimeSecretsOptions;

  constructor(options: RealtimeSecretsOptions) {
    this.#options = options;
  }

  /** Throws MODEL_REFUSED, MODEL_THROTTLED and MODEL_UNAVAILABLE. */
  async mint(agent: AgentProfile, tools: readonly Tool[]): Promise<RealtimeSecret> {
    const { endpoint, deployment, authorize } = this.#options;
    const voice = agent.voices['gpt-realtime'] ?? defaultVoice;
    const body = {
      session: this.#formatSession(agent, tools, voice),
      expires_after: { anchor: 'created_at', seconds: lifetimeSeconds },
    };
    const response = await fetch(`${endpoint}/openai/v1/realtime/client_secrets`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(await authorize()) },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(timeoutMs),
    }).catch((cause: unknown) => {
      throw new AppError('MODEL_UNAVAILABLE', { service }, { cause });
    });
    if (response.status === 401 || response.status === 403) throw new AppError('MODEL_REFUSED', { service });
    if (response.status === 429) throw new AppError('MODEL_THROTTLED', { service });
    const answer = answerSchema.safeParse(await response.json().catch(() => undefined));
    if (!response.ok || !answer.success) throw new AppError('MODEL_UNAVAILABLE', { service });
    return {
      value: answer.data.value,
      expiresAt: new Date(answer.data.expires_at * 1000),
      webrtcUrl: `${endpoint}/openai/v1/realtime/calls`,
      deployment,
      voice,
    };
  }

  #formatSession(agent: AgentProfile, tools: readonly Tool[], voice: string): object {
    const now = new Date();
    const words = fillAgent(agent, {}, now).greeting;
    const greeting = words === undefined ? '' : `\n\nBegin the conversation with: "${words}"`;
    const model = this.#options.transcriptionDeployment;
    return {
      type: 'realtime',
      model: this.#options.deployment,
      output_modalities: ['audio'],
      instructions: `${formatInstructions(agent, { direction: 'inbound' }, { now })}${greeting}`,
      audio: {
        input: {
          transcription: { model },
          turn_detection: { type: 'server_vad', create_response: true, interrupt_response: true },
        },
        output: { voice },
      },
      tools: tools.map((tool) => ({ type: 'function', ...formatToolSchema(tool) })),
      tool_choice: 'auto',
    };
  }
}
