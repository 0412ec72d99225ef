// Whether Azure Voice Live opens a session with our model.
import { absent, type Check } from '../check.ts';
import { tryModel } from '../model-opening.ts';

export const voiceLiveModel: Check = {
  name: 'voice-live',
  parts: ['bridge'],
  async examine({ config }, signal) {
    if (config.AZURE_VOICE_LIVE_ENDPOINT === undefined) return absent('AZURE_VOICE_LIVE_ENDPOINT is not set');
    const advice = {
      key: 'AZURE_VOICE_LIVE_API_KEY',
      hasKey: config.AZURE_VOICE_LIVE_API_KEY !== undefined,
      role: 'Cognitive Services User',
      model: `${config.VOICE_LIVE_MODEL} (VOICE_LIVE_MODEL)`,
    };
    return tryModel(config, 'voice-live', advice, signal);
  },
};
