// Whether the chat deployment answers, which speaks in the cascade and says after a call what came of it.

import { createChatService } from '../../media-bridge/voice-model-services.ts';
import { streamChat } from '../../media-bridge/voice-models/cascade/chat-stream.ts';
import { AzureCredential } from '../../shared/azure-credential.ts';
import { absent, type Check, doubt, ok } from '../check.ts';
import { judgeModel } from '../model-opening.ts';
import { adviseOpenAi } from '../open-ai-advice.ts';

export const chatModel: Check = {
  name: 'chat',
  parts: ['functions', 'bridge'],
  async examine({ config }, signal) {
    const service = createChatService(config, () => new AzureCredential());
    if (!service) return absent('AZURE_OPENAI_ENDPOINT is not set');
    const { chatClient: client, chatDeployment: deployment, chatBudget: budget } = service;
    const messages = [{ role: 'user' as const, content: 'Say: ok' }];
    const askedAt = performance.now();
    try {
      for await (const piece of streamChat({ client, deployment, budget, messages, tools: [], signal }))
        if (piece.type === 'ended' && piece.ending !== 'stop')
          return doubt(
            `its answer ends by ${piece.ending}`,
            'A model that thinks long: set AZURE_OPENAI_CHAT_REASONING_EFFORT to none or minimal.',
          );
      return ok(`answers in ${Math.round(performance.now() - askedAt)} ms`);
    } catch (error) {
      return judgeModel(error, adviseOpenAi(config, 'AZURE_OPENAI_CHAT_DEPLOYMENT'));
    }
  },
};
