// What Voice Live takes with some of its models, voices and languages only, by the reference of 2026-07-15.

type Fields = Record<string, unknown>;

/** Models that hear and speak themselves; all others are a text model between recogniser and synthesiser. */
export function isSpeechModel(model: string): boolean {
  return /realtime|^echo$/.test(model);
}

/** Some services go with the models of OpenAI's that hear themselves alone, some with all the others. */
function isGptRealtime(model: string): boolean {
  return /^gpt-realtime/.test(model);
}

const azureRecogniser = 'azure-speech';
const microsoftTranscribers = ['mai-transcribe', 'mai-transcribe-2'];
/** Those that can be told which words to expect. */
const takesPhrases = [azureRecogniser, 'mai-transcribe-2'];
const openAiTranscribers = [
  'whisper-1',
  'gpt-4o-transcribe',
  'gpt-4o-mini-transcribe',
  'gpt-4o-transcribe-diarize',
  'gpt-4o-mini-transcribe-diarize',
];
const englishDetections = ['azure_semantic_vad', 'azure_semantic_vad_en'];
const englishEndings = ['semantic_detection_v1', 'semantic_detection_v1_en'];

/** The first field of session.update that the model cannot do, as a path below `session`. */
export function findImpossible(model: string, update: Fields): string | undefined {
  const voice = read(update.voice);
  const transcription = read(update.input_audio_transcription);
  const detection = read(update.turn_detection);
  const ending = read(detection.end_of_utterance_detection);
  const languages = [...splitTags(transcription.language), ...((detection.languages as string[] | undefined) ?? [])];
  // The echo of ours is for whoever asks.
  const hearsItself = isSpeechModel(model) && model !== 'echo';
  const speaksOther = languages.some((tag) => !/^en\b/i.test(tag));
  const rules: readonly (readonly [path: string, isBroken: boolean])[] = [
    ['interim_response', hearsItself && Boolean(update.interim_response)],
    [
      'voice.type',
      update.voice !== undefined && (model === 'azure-realtime') !== (voice.type === 'azure-realtime-native'),
    ],
    [
      'input_audio_transcription.model',
      transcription.model !== undefined && !transcribersOf(model).includes(String(transcription.model)),
    ],
    [
      'input_audio_transcription.phrase_list',
      transcription.phrase_list !== undefined && !takesPhrases.includes(String(transcription.model)),
    ],
    [
      'input_audio_transcription.custom_speech',
      transcription.custom_speech !== undefined && transcription.model !== azureRecogniser,
    ],
    // OpenAI's take one language, as ISO 639 has it.
    [
      'input_audio_transcription.language',
      openAiTranscribers.includes(String(transcription.model)) &&
        !/^([a-z]{2,3})?$/.test(String(transcription.language ?? '')),
    ],
    [
      'input_audio_noise_reduction.type',
      !isGptRealtime(model) && /field/.test(String(read(update.input_audio_noise_reduction).type)),
    ],
    ['turn_detection.type', !isGptRealtime(model) && detection.type === 'semantic_vad'],
    ['turn_detection.type', speaksOther && englishDetections.includes(String(detection.type))],
    ['turn_detection.end_of_utterance_detection', hearsItself && ending.model !== undefined],
    ['turn_detection.end_of_utterance_detection.model', speaksOther && englishEndings.includes(String(ending.model))],
  ];
  return rules.find(([, isBroken]) => isBroken)?.[0];
}

function transcribersOf(model: string): readonly string[] {
  return [...microsoftTranscribers, ...(isGptRealtime(model) ? openAiTranscribers : [azureRecogniser])];
}

function splitTags(list: unknown): string[] {
  return typeof list === 'string' && list !== '' ? list.split(',') : [];
}

function read(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}
