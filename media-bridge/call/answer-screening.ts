// Port: finds out who picked up an outbound call, and does what the agent's profile says about machines.
import type { VoiceModel } from '../voice-models/voice-model.ts';

export interface AnswerScreening {
  /** A model is open: it can be told to speak. */
  begin(model: VoiceModel): void;
  /** The callee's audio, in the carrier's format. */
  hear(audio: Buffer): void;
  hearText(text: string): void;
  /** The carrier found out by itself. */
  told(answeredBy: 'person' | 'machine' | 'unknown'): void;
  playedOut(): void;
  close(): void;
}
