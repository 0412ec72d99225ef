// The GA realtime API of Azure OpenAI: its address and the shape of its sessions.
import type { RealtimeSessionCreateRequest } from 'openai/resources/realtime/realtime';
import { z } from 'zod';
import { type AudioFormat, mulaw8k, pcm24k } from '../../audio/audio-format.ts';
import type { VoiceModelOptions } from '../voice-model.ts';
import { formatGuidance, formatSay, languageOf, type RealtimeDialect } from './realtime-dialect.ts';

export interface OpenAiRealtimeSettings {
  /** https://<resource>.openai.azure.com */
  readonly endpoint: string;
  readonly deployment: string;
  /** A deployment too. Without one the turns of callers are not written down. */
  readonly transcriptionDeployment: string;
}

const defaultVoice = 'marin';

const formatSchema = z.object({ type: z.string(), rate: z.number().optional() });
const sessionSchema = z.object({
  audio: z.object({
    input: z.object({ format: formatSchema.nullish() }),
    output: z.object({ format: formatSchema.nullish() }),
  }),
});

export function createOpenAiDialect(settings: OpenAiRealtimeSettings): RealtimeDialect {
  const url = new URL('/openai/v1/realtime', settings.endpoint.replace(/^http/, 'ws'));
  url.searchParams.set('model', settings.deployment);
  return {
    kind: 'gpt-realtime',
    service: 'Azure OpenAI Realtime',
    url: url.href,
    agentTextType: 'output_text',
    pickFormats(carrierFormat) {
      const format = carrierFormat.encoding === 'mulaw' ? mulaw8k : pcm24k;
      return { input: format, output: format };
    },
    createSession(options, formats) {
      const session = describeSession(settings, options);
      const { agent } = options;
      return {
        ...session,
        audio: {
          input: { ...session.audio.input, format: formatOf(formats.input) },
          output: { format: formatOf(formats.output), voice: agent.voices['gpt-realtime'] ?? defaultVoice },
        },
      } satisfies RealtimeSessionCreateRequest;
    },
    readFormats(session) {
      const audio = sessionSchema.safeParse(session).data?.audio;
      return { input: readFormat(audio?.input.format), output: readFormat(audio?.output.format) };
    },
    createResponse(request, options) {
      return 'say' in request
        ? { instructions: formatSay(request.say), tool_choice: 'none' }
        : { instructions: formatGuidance(request.instructions, options) };
    },
  };
}

/**
 * Of the session that a page holds with the service by WebRTC, which has its voice from the key that it was begun with. Its formats
 * are the page's and the service's own affair.
 */
export function createSidebandDialect(settings: OpenAiRealtimeSettings, realtimeCallId: string): RealtimeDialect {
  const dialect = createOpenAiDialect(settings);
  const url = new URL(dialect.url);
  url.searchParams.delete('model');
  url.searchParams.set('call_id', realtimeCallId);
  const formats = { input: pcm24k, output: pcm24k };
  return {
    ...dialect,
    url: url.href,
    isSideband: true,
    pickFormats: () => formats,
    readFormats: () => formats,
    createSession: (options) => describeSession(settings, options),
  };
}

function describeSession(settings: OpenAiRealtimeSettings, { agent, instructions, tools }: VoiceModelOptions) {
  const serviceDecides = agent.turn_taking.decided_by === 'model';
  return {
    type: 'realtime',
    output_modalities: ['audio'],
    instructions,
    audio: {
      input: {
        // Whoever holds a phone to the ear is near, and the network has its own noise reduction.
        noise_reduction: { type: 'near_field' },
        transcription: {
          model: settings.transcriptionDeployment,
          // One language can be named. With more, none is, and the model finds out.
          ...(agent.languages.length === 0 ? { language: languageOf(agent.language) } : {}),
        },
        turn_detection: {
          type: 'server_vad',
          threshold: 0.5,
          prefix_padding_ms: 300,
          // 200 ms, the default of Azure, is a breath on the phone.
          silence_duration_ms: 500,
          create_response: serviceDecides,
          interrupt_response: serviceDecides,
        },
      },
    },
    tools: tools.map(({ name, description, parameters }) => ({ type: 'function', name, description, parameters })),
    tool_choice: 'auto',
  } satisfies RealtimeSessionCreateRequest;
}

function formatOf(format: AudioFormat): { type: 'audio/pcmu' } | { type: 'audio/pcm'; rate: 24000 } {
  return format.encoding === 'mulaw' ? { type: 'audio/pcmu' } : { type: 'audio/pcm', rate: 24000 };
}

function readFormat(format: z.output<typeof formatSchema> | null | undefined): AudioFormat | undefined {
  if (format?.type === 'audio/pcmu') return mulaw8k;
  return format?.type === 'audio/pcm' && (format.rate ?? 24000) === 24000 ? pcm24k : undefined;
}
