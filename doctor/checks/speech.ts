// Whether Azure Speech lets the cascade listen and speak.
import { absent, type Check } from '../check.ts';
import { tryModel } from '../model-opening.ts';

export const speech: Check = {
  name: 'Speech',
  parts: ['bridge'],
  async examine({ config }, signal) {
    if (config.AZURE_SPEECH_ENDPOINT === undefined) return absent('AZURE_SPEECH_ENDPOINT is not set');
    if (config.AZURE_OPENAI_ENDPOINT === undefined)
      return absent('AZURE_OPENAI_ENDPOINT, which the cascade wants too, is not set');
    const advice = {
      key: 'AZURE_SPEECH_KEY',
      hasKey: config.AZURE_SPEECH_KEY !== undefined,
      role: 'Cognitive Services Speech User',
      model: 'Azure Speech (AZURE_SPEECH_ENDPOINT)',
    };
    return tryModel(config, 'cascade', advice, signal);
  },
};
