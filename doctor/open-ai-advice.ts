// What to do about a deployment of Azure OpenAI that does not answer.
import type { Config } from '../shared/config.ts';
import type { ModelAdvice } from './model-opening.ts';

type DeploymentSetting =
  | 'AZURE_OPENAI_REALTIME_DEPLOYMENT'
  | 'AZURE_OPENAI_TRANSCRIPTION_DEPLOYMENT'
  | 'AZURE_OPENAI_CHAT_DEPLOYMENT';

export function adviseOpenAi(config: Config, setting: DeploymentSetting): ModelAdvice {
  return {
    key: 'AZURE_OPENAI_API_KEY',
    hasKey: config.AZURE_OPENAI_API_KEY !== undefined,
    role: 'Cognitive Services OpenAI User',
    model: `${config[setting]} (${setting})`,
  };
}
