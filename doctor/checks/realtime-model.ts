// Whether Azure OpenAI Realtime opens a session with our deployment.
import { absent, type Check } from '../check.ts';
import { tryModel } from '../model-opening.ts';
import { adviseOpenAi } from '../open-ai-advice.ts';

export const realtimeModel: Check = {
  name: 'gpt-realtime',
  parts: ['bridge'],
  async examine({ config }, signal) {
    if (config.AZURE_OPENAI_ENDPOINT === undefined) return absent('AZURE_OPENAI_ENDPOINT is not set');
    return tryModel(config, 'gpt-realtime', adviseOpenAi(config, 'AZURE_OPENAI_REALTIME_DEPLOYMENT'), signal);
  },
};
