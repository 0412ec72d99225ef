// The settings of a session: the services' defaults, how an update changes them, and what they mean for the stand-in.
import type { AudioFormat } from '../voice/audio-format.ts';
import { findGaFormat, findVoiceLiveFormat } from './audio-wire.ts';
import type { DialectName } from './dialect.ts';
import { findImpossible, isSpeechModel } from './voice-live-limits.ts';

/** As on the wire. */
export type WireSession = Record<string, unknown>;
type Fields = Record<string, unknown>;

export interface TurnDetection {
  readonly threshold: number;
  readonly prefixMs: number;
  readonly silenceMs: number;
  /** Where the words decide when a turn is over: the longest silence that is waited for more of them. */
  readonly longestPauseMs: number | undefined;
  readonly createsResponse: boolean;
  readonly interruptsResponse: boolean;
  readonly idleTimeoutMs: number | undefined;
}

export interface SessionSettings {
  readonly inputFormat: AudioFormat;
  readonly outputFormat: AudioFormat;
  readonly turnDetection: TurnDetection | undefined;
  readonly transcription: { readonly model: string; readonly language: string | undefined } | undefined;
  readonly textOnly: boolean;
}

const defaultInstructions = 'You are a helpful, witty, and friendly AI.';

export function createWireSession(dialect: DialectName, id: string, model: string, expiresAt: number): WireSession {
  const firstDetection = { threshold: 0.5, prefix_padding_ms: 300, silence_duration_ms: 200 };
  const shared = {
    id,
    object: 'realtime.session',
    instructions: defaultInstructions,
    tools: [],
    tool_choice: 'auto',
    expires_at: expiresAt,
    include: null,
  };
  if (dialect === 'realtime-ga') {
    const format = { type: 'audio/pcm', rate: 24000 };
    return {
      type: 'realtime',
      ...shared,
      model,
      output_modalities: ['audio'],
      max_output_tokens: 'inf',
      tracing: null,
      truncation: 'auto',
      prompt: null,
      audio: {
        input: {
          format,
          transcription: null,
          noise_reduction: null,
          turn_detection: {
            type: 'server_vad',
            ...firstDetection,
            idle_timeout_ms: null,
            create_response: true,
            interrupt_response: true,
          },
        },
        output: { format, voice: 'alloy', speed: 1 },
      },
    };
  }
  return {
    ...shared,
    // Seen live: the name comes back with the kind of deployment behind it.
    model: isSpeechModel(model) ? `${model}-global-standard` : model,
    modalities: ['audio'],
    voice: defaultVoiceOf(model),
    input_audio_format: 'pcm16',
    output_audio_format: null,
    input_audio_sampling_rate: 24000,
    input_audio_transcription: null,
    input_audio_noise_reduction: null,
    input_audio_echo_cancellation: null,
    turn_detection: { ...completeDetection(dialect, { type: 'server_vad' }), ...firstDetection },
    max_response_output_tokens: 'inf',
    animation: null,
    avatar: null,
    output_audio_timestamp_types: null,
    truncation_strategy: null,
  };
}

function defaultVoiceOf(model: string): Fields {
  if (model === 'azure-realtime') return { name: 'ava', type: 'azure-realtime-native' };
  return isSpeechModel(model)
    ? { name: 'alloy', type: 'openai' }
    : { name: 'en-US-Ava:DragonHDLatestNeural', type: 'azure-standard' };
}

/** Only the fields present change; objects below `audio` are changed field by field, all others are replaced. */
export function updateWireSession(dialect: DialectName, session: WireSession, update: Fields): WireSession {
  const { audio, model: _, ...rest } = update as Fields & { audio?: { input?: Fields; output?: Fields } };
  if (dialect === 'realtime-ga') {
    const before = session.audio as { input: Fields; output: Fields };
    const input = { ...before.input, ...audio?.input };
    const output = { ...before.output, ...audio?.output };
    for (const side of [input, output]) {
      if ((side.format as Fields).type === 'audio/pcm') side.format = { type: 'audio/pcm', rate: 24000 };
    }
    if (audio?.input?.turn_detection) input.turn_detection = completeDetection(dialect, audio.input.turn_detection);
    if (audio?.input?.transcription) {
      input.transcription = { language: null, prompt: null, ...(audio.input.transcription as Fields) };
    }
    return { ...session, ...rest, audio: { input, output } };
  }
  const next: Fields = { ...session, ...rest };
  if (rest.turn_detection) next.turn_detection = completeDetection(dialect, rest.turn_detection);
  if (typeof rest.voice === 'string') next.voice = { name: rest.voice, type: 'openai' };
  if (rest.input_audio_transcription) {
    const empty = { language: null, prompt: null, custom_speech: null, phrase_list: null };
    next.input_audio_transcription = { ...empty, ...(rest.input_audio_transcription as Fields) };
  }
  return next;
}

/** The first field that a model cannot do, as a path below `session`. */
export function findImpossibleField(dialect: DialectName, model: string, update: Fields): string | undefined {
  if (dialect === 'realtime-ga') return update.model !== undefined && update.model !== model ? 'model' : undefined;
  return findImpossible(model, update);
}

function completeDetection(dialect: DialectName, given: unknown): Fields {
  const detection = given as Fields;
  const flags = { create_response: true, interrupt_response: true };
  if (detection.type === 'semantic_vad') return { eagerness: 'auto', ...flags, ...detection };
  if (dialect === 'realtime-ga') {
    const levels = { threshold: 0.5, prefix_padding_ms: 300, silence_duration_ms: 200, idle_timeout_ms: null };
    return { ...levels, ...flags, ...detection };
  }
  const nothing = { idle_timeout_ms: null, speech_duration_ms: null, end_of_utterance_detection: null };
  const truncation = { auto_truncate: false, appended_text_after_truncation: null };
  const prefix = detection.type === 'server_vad' ? 400 : 420;
  const levels = { threshold: 0.5, prefix_padding_ms: prefix, silence_duration_ms: 500 };
  return { ...levels, ...flags, ...nothing, ...truncation, ...detection };
}

export function readSettings(dialect: DialectName, session: WireSession): SessionSettings {
  if (dialect === 'realtime-ga') {
    const { input, output } = session.audio as { input: Fields; output: Fields };
    return {
      inputFormat: findGaFormat(input.format as Fields),
      outputFormat: findGaFormat(output.format as Fields),
      turnDetection: readDetection(input.turn_detection),
      transcription: readTranscription(input.transcription),
      textOnly: !(session.output_modalities as string[]).includes('audio'),
    };
  }
  const rate = session.input_audio_sampling_rate as 8000 | 16000 | 24000;
  return {
    inputFormat: findVoiceLiveFormat(session.input_audio_format, rate),
    outputFormat: findVoiceLiveFormat(session.output_audio_format),
    turnDetection: readDetection(session.turn_detection),
    transcription: readTranscription(session.input_audio_transcription),
    textOnly: !(session.modalities as string[]).includes('audio'),
  };
}

function readDetection(wire: unknown): TurnDetection | undefined {
  if (!wire) return undefined;
  const detection = wire as Record<string, number | string | boolean | object | null | undefined>;
  return {
    threshold: Number(detection.threshold ?? 0.5),
    prefixMs: Number(detection.prefix_padding_ms ?? 300),
    silenceMs: Number(detection.silence_duration_ms ?? 500),
    longestPauseMs: findLongestPause(detection),
    createsResponse: detection.create_response !== false,
    interruptsResponse: detection.interrupt_response !== false,
    idleTimeoutMs: detection.idle_timeout_ms ? Number(detection.idle_timeout_ms) : undefined,
  };
}

/** By eagerness, as documented; of Voice Live it is not, and its turns end sooner. */
function findLongestPause(detection: Fields): number | undefined {
  const type = String(detection.type);
  const ofWords = detection.end_of_utterance_detection as Fields | null | undefined;
  if (type.startsWith('azure_semantic') || ofWords) return Number(ofWords?.timeout_ms ?? 1_000);
  if (type !== 'semantic_vad') return undefined;
  return { low: 8_000, medium: 4_000, high: 2_000 }[String(detection.eagerness)] ?? 4_000;
}

function readTranscription(wire: unknown): SessionSettings['transcription'] {
  if (!wire) return undefined;
  const { model, language } = wire as { model?: string; language?: string | null };
  return { model: model ?? 'whisper-1', language: language ?? undefined };
}

export function readVoice(session: WireSession): unknown {
  return session.voice ?? (session.audio as { output: Fields }).output.voice;
}

/** How a response repeats the session's output settings. */
export function describeOutput(dialect: DialectName, session: WireSession, modalities: string[] | undefined): Fields {
  if (dialect === 'realtime-ga') {
    const { format, voice } = (session.audio as { output: Fields }).output;
    return {
      output_modalities: modalities ?? session.output_modalities,
      max_output_tokens: session.max_output_tokens,
      audio: { output: { format, voice } },
    };
  }
  return {
    modalities: modalities ?? session.modalities,
    voice: session.voice,
    output_audio_format: session.output_audio_format,
    temperature: session.temperature ?? null,
    max_output_tokens: session.max_response_output_tokens,
  };
}

/** The names of the functions that may be called; of a session, or of a response over it. */
export function readToolNames(wire: Fields): string[] {
  if (wire.tool_choice === 'none') return [];
  return ((wire.tools ?? []) as { name?: string }[]).flatMap(({ name }) => name ?? []);
}

/** The fields of response.create that change the output for this response, as an update of the session. */
export function pickOutput({ audio, voice, output_audio_format }: Fields): Fields {
  return {
    ...(audio ? { audio } : {}),
    ...(voice ? { voice } : {}),
    ...(output_audio_format ? { output_audio_format } : {}),
  };
}
