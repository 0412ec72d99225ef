// Whether the callers' words can be written down: a session of Azure OpenAI Realtime is given a moment of silence to transcribe.

import { createRealtimeService } from '../../media-bridge/voice-model-services.ts';
import { RealtimeLink } from '../../media-bridge/voice-models/realtime/realtime-link.ts';
import { formatSessionUpdate, parseRealtimeEvent } from '../../media-bridge/voice-models/realtime/realtime-messages.ts';
import { AzureCredential } from '../../shared/azure-credential.ts';
import { silentLogger } from '../../shared/logger.ts';
import { absent, type Check, doubt, ok, problem, type Verdict } from '../check.ts';

/** The service takes 100 ms at least. */
const silence = Buffer.alloc(24_000 * 2 * 0.5);

export const transcription: Check = {
  name: 'transcription',
  parts: ['bridge'],
  async examine({ config }, signal) {
    const service = createRealtimeService(config, () => new AzureCredential());
    if (!service) return absent('AZURE_OPENAI_ENDPOINT is not set');
    const { dialect, access } = service;
    const model = config.AZURE_OPENAI_TRANSCRIPTION_DEPLOYMENT;
    let link: RealtimeLink;
    try {
      link = await RealtimeLink.open({
        access: { ...access, url: dialect.url, service: dialect.service },
        signal,
        log: silentLogger,
      });
    } catch {
      return doubt('could not be tried: no session of gpt-realtime opens', 'See to that first.');
    }
    try {
      return await transcribe(link, model, signal);
    } finally {
      link.listen(undefined);
      link.close();
    }
  },
};

function transcribe(link: RealtimeLink, model: string, signal: AbortSignal): Promise<Verdict> {
  const { promise, resolve, reject } = Promise.withResolvers<Verdict>();
  signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  link.listen({
    onMessage(text) {
      const event = parseRealtimeEvent(text);
      switch (event.type) {
        case 'session-created':
          // Nobody is to answer.
          return link.send(
            formatSessionUpdate({
              type: 'realtime',
              audio: { input: { transcription: { model }, turn_detection: null } },
            }),
          );
        case 'session-updated':
          link.sendAudio(silence);
          return link.send(JSON.stringify({ type: 'input_audio_buffer.commit' }));
        case 'caller-transcribed':
          return resolve(ok(`${model} writes down what callers say`));
        case 'transcription-failed':
          return resolve(judgeTranscription(event.code, model));
        case 'error':
          return resolve(
            problem(`the session refuses it (${event.code})`, `See whether ${model} is a model for transcription.`),
          );
        default:
          return;
      }
    },
    onClose: (error) => reject(error ?? new Error('closed')),
  });
  return promise;
}

function judgeTranscription(code: string, model: string): Verdict {
  const name = `${model} (AZURE_OPENAI_TRANSCRIPTION_DEPLOYMENT)`;
  return code === 'DeploymentNotFound'
    ? problem(
        `there is no deployment ${model}`,
        `Deploy ${name}, or set what it is called: calls are answered without it, and their turns not written down.`,
      )
    : doubt(`it fails (${code})`, `Look at the deployment ${name} in the portal.`);
}
