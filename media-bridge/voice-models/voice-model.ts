// Port: the model's leg of a call.

import type { AgentProfile } from '../../shared/agents/agent.ts';
import type { CallId, Speaker, Turn, VoiceModelKind } from '../../shared/call/call.ts';
import type { AppError } from '../../shared/errors.ts';
import type { ToolSchema } from '../../shared/tools/tool.ts';
import type { AudioFormat } from '../audio/audio-format.ts';

/** `failed`: what was asked for is asked for again by the model itself, or the model is lost. */
export type ReplyOutcome = 'completed' | 'interrupted' | 'failed';

export type VoiceModelEvent =
  /** `turnId`: of the transcript that is to come, where it is known by now. */
  | { type: 'caller-started-speaking' | 'caller-stopped-speaking'; turnId?: string | undefined }
  /** A reply is one stretch of the agent's speech. Its audio comes between these two, in order. */
  | { type: 'reply-started'; replyId: string }
  /** The buffer belongs to the listener only until it returns. */
  | { type: 'audio'; replyId: string; audio: Buffer }
  | { type: 'reply-finished'; replyId: string; outcome: ReplyOutcome }
  /** `text` is the whole turn so far. `turnId` names the turn; of the agent's it is the reply's id. */
  | { type: 'transcript'; role: Speaker; turnId: string; text: string; final: boolean }
  /**
   * `input` is JSON text as the model wrote it, possibly malformed. `replyId`: of the reply that says something in the same answer, if
   * one does; its audio may be still to come.
   */
  | { type: 'tool-call'; toolCallId: string; name: string; input: string; replyId?: string | undefined }
  /** Comes once, last; without an error when `close()` was ours. Else MODEL_UNAVAILABLE, MODEL_THROTTLED, MODEL_PROTOCOL or MODEL_SESSION_EXPIRED. */
  | { type: 'closed'; error?: AppError };

/** `say`: these very words; `instructions`: what to speak about. */
export type WordedRequest = { readonly say: string } | { readonly instructions: string };
/** `answer`: to what was said last, as if it had just been said. */
export type ReplyRequest = WordedRequest | { readonly answer: true };

export interface VoiceModel {
  readonly kind: VoiceModelKind;
  /** What it wants and what it gives, settled with the service before `open` returned. */
  readonly inputFormat: AudioFormat;
  readonly outputFormat: AudioFormat;
  /**
   * The caller hears it, and it the caller, past this bridge: audio that is sent to it goes nowhere, and what it gives is silence
   * as long as what is heard, when it is heard.
   */
  readonly isDirect?: boolean;
  /** One listener; nothing received before it is set is lost. */
  listen(listener: (event: VoiceModelEvent) => void): void;
  /** Caller's audio in `inputFormat`, silence included; copied or sent before it returns. */
  sendAudio(audio: Buffer): void;
  /** Asks for a spoken reply out of turn. Waits its turn if a reply is being made. */
  requestReply(request: ReplyRequest): void;
  /** The reply that was owed does not come, or broke off: gives up what is being made and whatever waits, and makes this one. */
  askAgain(request: ReplyRequest): void;
  /** Something the caller did without speaking (keys pressed), told to the model as the caller's turn. */
  sendText(text: string): void;
  /**
   * `output` is JSON. When all tools of a reply have answered, the model goes on by itself, if one of them wants a reply, as they do
   * where it is not said; an unknown id changes nothing.
   */
  sendToolResult(toolCallId: string, output: string, options?: { readonly wantsReply: boolean }): void;
  /**
   * Barge-in: the caller heard only the first `heardMs` of this reply. Stops making it, forgets the rest, and drops its
   * late audio. Returns the words that were heard, which is what the model remembers of it. Called once per reply that was not
   * heard to its end; a no-op without words for unknown replies.
   */
  interrupt(replyId: string, heardMs: number): string;
  /**
   * These three are for agents whose turns the bridge decides (`turn_taking.decided_by`): the model then stops for nobody, and answers
   * nobody, by itself. The caller has the word: of what is being made, and has not begun to sound, nothing is wanted.
   */
  takeWord(): void;
  /** The caller's turn is over: what was said in it is answered, together with whatever else is owed. */
  answerTurn(): void;
  /** What was heard was no turn: none of it is remembered. */
  dropTurns(turnIds: readonly string[]): void;
  /** Idempotent. */
  close(): void;
}

export interface VoiceModelOptions {
  readonly callId: CallId;
  readonly agent: AgentProfile;
  /** The agent's instructions with this call's context filled in. */
  readonly instructions: string;
  readonly tools: readonly ToolSchema[];
  /** What was said before: empty for a new call, else this model takes over in mid-call. */
  readonly history: readonly Turn[];
  /** What the carrier's leg speaks: a model that can speak it too does, so that nothing is converted. */
  readonly carrierFormat: AudioFormat;
  readonly signal: AbortSignal;
}

/**
 * Resolves when the service has accepted the session. Rejects with an AppError whose `retryable` tells of another try, or with
 * the reason of `signal`; nothing stays open then.
 */
export type OpenVoiceModel = (options: VoiceModelOptions) => Promise<VoiceModel>;
