// What the models behind Voice Live can do with an agent's voice, words and languages, by the reference of 2026-07-15.
import type { AgentProfile } from '../../../shared/agents/agent.ts';
import { languageOf } from './realtime-dialect.ts';

const standardVoice = 'en-US-Ava:DragonHDLatestNeural';
const nativeVoice = 'ava';

/** Models that take sound; the others are a text model between Azure's recogniser and Azure's voices. */
export function hearsItself(model: string): boolean {
  return /realtime/.test(model);
}

export function createVoice(model: string, agent: AgentProfile): { type: string; name: string } {
  const name = agent.voices['voice-live'];
  // It has voices of its own and no others: an agent that is made for any model is not left without one.
  if (model === 'azure-realtime')
    return { type: 'azure-realtime-native', name: name === undefined || isStandard(name) ? nativeVoice : name };
  if (name === undefined) return { type: 'azure-standard', name: standardVoice };
  return { type: isStandard(name) ? 'azure-standard' : 'openai', name };
}

/** Those of OpenAI's models that hear themselves have recognisers of their own; Azure's is for all others. */
export function createTranscription(model: string, { language, languages, phrases }: AgentProfile): object {
  const favoured = phrases.length > 0 ? { phrase_list: phrases } : {};
  if (!model.startsWith('gpt-realtime'))
    return { model: 'azure-speech', language: [language, ...languages].join(','), ...favoured };
  return {
    model: phrases.length > 0 ? 'mai-transcribe-2' : 'gpt-4o-mini-transcribe',
    // One language can be named. With more, none is, and the recogniser finds out.
    ...(languages.length === 0 ? { language: languageOf(language) } : {}),
    ...favoured,
  };
}

export function createTurnDetection(model: string, agent: AgentProfile): object {
  const languages = [...new Set([agent.language, ...agent.languages].map(languageOf))];
  const serviceDecides = agent.turn_taking.decided_by === 'model';
  const isEnglish = languages.every((language) => language === 'en');
  return {
    ...(isEnglish ? { type: 'azure_semantic_vad' } : { type: 'azure_semantic_vad_multilingual', languages }),
    threshold: 0.5,
    prefix_padding_ms: 300,
    silence_duration_ms: 500,
    create_response: serviceDecides,
    interrupt_response: serviceDecides,
    // The service would take its own sending for the caller's hearing; we know what was heard.
    auto_truncate: false,
    ...(hearsItself(model)
      ? {}
      : {
          end_of_utterance_detection: {
            model: isEnglish ? 'semantic_detection_v1' : 'semantic_detection_v1_multilingual',
            threshold_level: 'default',
          },
        }),
  };
}

/** Azure's names have a locale and a kind in them. */
function isStandard(name: string): boolean {
  return name.includes(':') || name.endsWith('Neural');
}
