// Opens a voice model as a call would, closes it again, and says what it means when that fails.

import { pcm16k } from '../media-bridge/audio/audio-format.ts';
import { createVoiceModels } from '../media-bridge/voice-model-services.ts';
import { loadAgents } from '../shared/agents/agent.ts';
import type { CallId, VoiceModelKind } from '../shared/call/call.ts';
import type { Config } from '../shared/config.ts';
import { AppError } from '../shared/errors.ts';
import { silentLogger } from '../shared/logger.ts';
import { createMemoryLiveStores } from '../shared/stores/memory-stores.ts';
import { doubt, ok, problem, type Verdict } from './check.ts';
import { judgeFailure } from './failure.ts';

export interface ModelAdvice {
  /** The setting of its key; whether there is one. */
  readonly key: string;
  readonly hasKey: boolean;
  /** Of the identity, where there is no key. */
  readonly role: string;
  /** Which model or deployment is asked for, and by which setting. */
  readonly model: string;
}

/** With the profile of the agent that answers. */
export async function tryModel(
  config: Config,
  kind: VoiceModelKind,
  advice: ModelAdvice,
  signal: AbortSignal,
): Promise<Verdict> {
  const live = createMemoryLiveStores();
  try {
    const models = createVoiceModels({ ...config, VOICE_MODEL: undefined }, { leases: live.leases, log: silentLogger });
    const agent = loadAgents(config.AGENTS_FOLDER).get(config.DEFAULT_AGENT);
    if (!agent) return problem('there is no agent to open it for', 'See to DEFAULT_AGENT and AGENTS_FOLDER first.');
    const startedAt = performance.now();
    const model = await models.get(kind)!({
      callId: 'doctor' as CallId,
      agent,
      instructions: agent.instructions,
      tools: [],
      history: [],
      carrierFormat: pcm16k,
      signal,
    });
    model.close();
    return ok(`opens in ${Math.round(performance.now() - startedAt)} ms`);
  } catch (error) {
    return judgeModel(error, advice);
  } finally {
    await live.close();
  }
}

export function judgeModel(error: unknown, { key, hasKey, role, model }: ModelAdvice): Verdict {
  if (!(error instanceof AppError)) return judgeFailure(error);
  const { code, message } = error;
  if (code === 'MODEL_THROTTLED')
    return doubt(
      message,
      'Ask for more quota, or give the deployment a larger capacity: calls take the next model meanwhile.',
    );
  if (code === 'MODEL_PROTOCOL')
    return problem(
      message,
      `See whether ${model} is a model that this service has, and the agent's voice one that it speaks with.`,
    );
  if (code !== 'MODEL_REFUSED') return judgeFailure(error);
  if (/no such|answers 400/.test(message))
    return problem(
      message,
      `${model} is asked for: deploy it, or set what it is called (and see whether the endpoint is that resource's).`,
    );
  if (/No identity/.test(message)) return judgeFailure(error);
  return hasKey
    ? problem(
        message,
        `Copy ${key} anew from the resource's Keys and Endpoint, or leave it out where the resource takes identities only.`,
      )
    : problem(
        message,
        `Give the identity the role ${role} on the resource; a new assignment takes minutes. The endpoint must have a custom domain.`,
      );
}
