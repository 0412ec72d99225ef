// Opens the cascade over Azure Speech and a chat deployment of Azure OpenAI.
import type { TokenCredential } from '@azure/identity';
import type { OpenAI } from 'openai';
import type { Logger } from '../../../shared/logger.ts';
import type { VoiceModelOptions } from '../voice-model.ts';
import type { AnswerBudget } from './answer-budget.ts';
import { CascadeModel } from './cascade-model.ts';
import { streamChat } from './chat-stream.ts';
import { SpeechRecognizer } from './speech-recognizer.ts';
import { SpeechSynthesizer } from './speech-synthesizer.ts';

/** Speaks whatever language it is given. */
const defaultVoice = 'en-US-AvaMultilingualNeural';

export interface CascadeDependencies {
  /** https://<resource>.cognitiveservices.azure.com */
  readonly speechEndpoint: string;
  readonly speechKey?: string | undefined;
  /** Used when there is no key. */
  readonly credential?: TokenCredential | undefined;
  /** With the base URL <endpoint>/openai/v1/. */
  readonly chatClient: OpenAI;
  readonly chatDeployment: string;
  /** Of that deployment, for all calls. */
  readonly chatBudget: AnswerBudget;
  readonly log: Logger;
}

/** Resolves when both speech services took our connections. */
export async function openCascade(
  {
    speechEndpoint,
    speechKey,
    credential,
    chatClient,
    chatDeployment,
    chatBudget,
    ...dependencies
  }: CascadeDependencies,
  options: VoiceModelOptions,
): Promise<CascadeModel> {
  const log = dependencies.log.child({ callId: options.callId });
  const access = { endpoint: speechEndpoint, key: speechKey, credential };
  const { agent, tools, signal } = options;
  const model = new CascadeModel(options, log, ({ inputFormat, outputFormat }, onEvent) => ({
    recognizer: new SpeechRecognizer({
      access,
      format: inputFormat,
      languages: [agent.language, ...agent.languages],
      phrases: agent.phrases,
      log,
      onEvent,
    }),
    synthesizer: new SpeechSynthesizer({
      access,
      format: outputFormat,
      language: agent.language,
      voice: agent.voices.cascade ?? defaultVoice,
      signal,
      log,
    }),
    chat: (conversation, signal, nudge) =>
      streamChat({
        client: chatClient,
        deployment: chatDeployment,
        budget: chatBudget,
        messages: conversation.formatMessages(nudge),
        tools,
        signal,
      }),
  }));
  await model.open();
  return model;
}
