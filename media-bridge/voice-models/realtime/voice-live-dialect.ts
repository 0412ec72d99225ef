// Azure Voice Live: its address and the shape of its sessions, which is that of the old preview with additions.
import { z } from 'zod';
import { type AudioFormat, mulaw8k, pcm16k, pcm24k } from '../../audio/audio-format.ts';
import { formatGuidance, formatSay, type RealtimeDialect } from './realtime-dialect.ts';
import { createTranscription, createTurnDetection, createVoice, hearsItself } from './voice-live-models.ts';

export interface VoiceLiveSettings {
  /** https://<resource>.services.ai.azure.com */
  readonly endpoint: string;
  readonly model: string;
}

/** Dated versions are frozen; this is the newest that is generally available. */
const apiVersion = '2026-07-15';

const sessionSchema = z.object({
  input_audio_format: z.string().nullish(),
  input_audio_sampling_rate: z.number().nullish(),
  output_audio_format: z.string().nullish(),
});

export function createVoiceLiveDialect({ endpoint, model }: VoiceLiveSettings): RealtimeDialect {
  const url = new URL('/voice-live/realtime', endpoint.replace(/^http/, 'ws'));
  url.searchParams.set('api-version', apiVersion);
  url.searchParams.set('model', model);
  return {
    kind: 'voice-live',
    service: 'Azure Voice Live',
    url: url.href,
    agentTextType: 'text',
    pickFormats(carrierFormat) {
      // PCM at 8 kHz is the one format that it gives and does not take.
      const isSlowPcm = carrierFormat.encoding === 'pcm16' && carrierFormat.sampleRate === 8000;
      const format = isSlowPcm ? pcm16k : carrierFormat;
      return { input: format, output: format };
    },
    createSession({ callId, agent, instructions, tools }, formats) {
      return {
        modalities: ['text', 'audio'],
        instructions,
        voice: createVoice(model, agent),
        input_audio_format: formats.input.encoding === 'mulaw' ? 'g711_ulaw' : 'pcm16',
        input_audio_sampling_rate: formats.input.sampleRate,
        output_audio_format: outputNameOf(formats.output),
        input_audio_transcription: createTranscription(model, agent),
        input_audio_noise_reduction: { type: 'azure_deep_noise_suppression' },
        // No echo cancellation: the service's takes audio for heard as soon as it is sent, and a call's is paced out behind that.
        turn_detection: createTurnDetection(model, agent),
        tools: tools.map(({ name, description, parameters }) => ({ type: 'function', name, description, parameters })),
        tool_choice: 'auto',
        // Foundry's logs of the session tell whose it was.
        metadata: { call_id: callId },
        // While a tool runs the service itself says that it takes a moment. Models that speak themselves cannot be made to.
        ...(agent.filler && tools.length > 0 && !hearsItself(model)
          ? { interim_response: createInterim(agent.filler) }
          : {}),
      };
    },
    readFormats(session) {
      const { data } = sessionSchema.safeParse(session);
      return { input: readInput(data), output: readOutput(data?.output_audio_format) };
    },
    createResponse(request, options) {
      if (!('say' in request)) return { instructions: formatGuidance(request.instructions, options) };
      // A voice of Azure reads a text out. A voice that is part of the model says what the model says.
      if (createVoice(model, options.agent).type !== 'azure-standard') {
        return { instructions: formatSay(request.say), tool_choice: 'none' };
      }
      const content = [{ type: 'text', text: request.say }];
      return { pre_generated_assistant_message: { type: 'message', role: 'assistant', content } };
    },
  };
}

/** A tool that is quicker than this needs no excuse. */
const interimAfterMs = 1_500;

function createInterim(text: string): object {
  return {
    type: 'static_interim_response',
    texts: [text],
    triggers: ['tool', 'latency'],
    latency_threshold_ms: interimAfterMs,
  };
}

function outputNameOf({ encoding, sampleRate }: AudioFormat): string {
  if (encoding === 'mulaw') return 'g711_ulaw';
  return sampleRate === 16000 ? 'pcm16_16000hz' : 'pcm16';
}

function readInput(session: z.output<typeof sessionSchema> | undefined): AudioFormat | undefined {
  if (session?.input_audio_format === 'g711_ulaw') return mulaw8k;
  if (session?.input_audio_format !== 'pcm16') return undefined;
  const rate = session.input_audio_sampling_rate ?? 24000;
  return [pcm16k, pcm24k].find(({ sampleRate }) => sampleRate === rate);
}

function readOutput(name: string | null | undefined): AudioFormat | undefined {
  if (name === 'g711_ulaw') return mulaw8k;
  if (name === 'pcm16_16000hz') return pcm16k;
  return name === 'pcm16' ? pcm24k : undefined;
}
