// Opens the models that hear and speak themselves: on a deployment of Azure OpenAI, or through Azure Voice Live.
import type { Logger } from '../../../shared/logger.ts';
import type { OpenVoiceModel } from '../voice-model.ts';
import type { ConnectBudget } from './connect-budget.ts';
import { createOpenAiDialect, type OpenAiRealtimeSettings } from './openai-dialect.ts';
import { openRealtimeModel } from './realtime-model.ts';
import { createVoiceLiveDialect, type VoiceLiveSettings } from './voice-live-dialect.ts';

export interface RealtimeCredentials {
  readonly apiKey?: string | undefined;
  /** Entra ID, used when there is no key; asked at each connection. */
  readonly getToken?: (() => Promise<string>) | undefined;
  readonly log: Logger;
}

export function createOpenRealtime(settings: OpenAiRealtimeSettings & RealtimeCredentials): OpenVoiceModel {
  const { apiKey, getToken, log } = settings;
  const dialect = createOpenAiDialect(settings);
  return (options) => openRealtimeModel({ dialect, access: { apiKey, getToken }, log }, options);
}

/** `budget`: shared by all that connect with this resource. */
export function createOpenVoiceLive(
  settings: VoiceLiveSettings & RealtimeCredentials & { readonly budget: ConnectBudget },
): OpenVoiceModel {
  const { apiKey, getToken, log, budget } = settings;
  const dialect = createVoiceLiveDialect(settings);
  return async (options) => {
    await budget.take(options.signal);
    return openRealtimeModel({ dialect, access: { apiKey, getToken }, log }, options);
  };
}
