// What differs between the realtime services: where they are, how a session is described, and which formats they speak.
import type { VoiceModelKind } from '../../../shared/call/call.ts';
import type { AudioFormat } from '../../audio/audio-format.ts';
import type { VoiceModelOptions, WordedRequest } from '../voice-model.ts';
import type { WireSession } from './realtime-messages.ts';

export interface SessionFormats {
  readonly input: AudioFormat;
  readonly output: AudioFormat;
}

export interface RealtimeDialect {
  readonly kind: VoiceModelKind;
  /** How errors call the service. */
  readonly service: string;
  /** ws(s)://, with everything but credentials. */
  readonly url: string;
  /** The session is held by the caller's page, and joined from the side: it is settled, plays its replies itself, and knows what was said. */
  readonly isSideband?: boolean;
  /** Of what the agent said before, in a conversation that is taken over. */
  readonly agentTextType: 'output_text' | 'text';
  /** The nearest to what the carrier speaks. */
  pickFormats(carrierFormat: AudioFormat): SessionFormats;
  /** Of session.update. */
  createSession(options: VoiceModelOptions, formats: SessionFormats): object;
  /** What the service really settled on; undefined where it is none of ours. */
  readFormats(session: WireSession): { input: AudioFormat | undefined; output: AudioFormat | undefined };
  /** Of response.create. */
  createResponse(request: WordedRequest, options: VoiceModelOptions): object;
}

/** For models that word what they say themselves. The words come last, after which nothing can be taken for them. */
export function formatSay(words: string): string {
  return `Speak the following words as they are, in their language, with nothing before or after them. Say exactly: "${words}"`;
}

/** Instructions of a response take the place of the session's, so that those have to be repeated. */
export function formatGuidance(guidance: string, options: VoiceModelOptions): string {
  return `${guidance}\n\nApart from that:\n\n${options.instructions}`;
}

/** `en` of `en-US`. */
export function languageOf(tag: string): string {
  return tag.split('-')[0]!;
}
