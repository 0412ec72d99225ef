// Everything that can happen in a call, as one discriminated union. One fact has one writer: see docs/call-lifecycle.md.
import type { CallDirection, CallEndReason, CallId, Carrier, Floor, Speaker, VoiceModelKind } from './call.ts';
import type { DeliveryEvent } from './call-delivery.ts';
import type { CallOutcome } from './call-outcome.ts';
import type { RecordingFile } from './recording-file.ts';
import type { Consultation, TransferOutcome } from './transfer-outcome.ts';

interface EventBase {
  /** Unique within the call. The same fact told twice carries the same id, and is kept once. */
  readonly id: string;
  readonly callId: CallId;
  /** Unix time in ms. */
  readonly at: number;
}

/** `aside`: words that were meant for somebody else in the room. */
export type BackchannelSound = 'words' | 'hum' | 'noise' | 'aside';

export type OperatorAction = 'dialled' | 'hung-up' | 'transferred' | 'sent-keys' | 'asked-outcome' | 'did-notes';

export type CallFact =
  /** Functions: an inbound call rings, or an outbound one was asked for. Always the first event of a call. */
  | {
      type: 'call-created';
      carrier: Carrier;
      direction: CallDirection;
      /** The number, or another identifier, of the person on the phone. */
      remoteParty: string;
      /** Our own number. */
      ourNumber: string;
      agent: string;
      model?: VoiceModelKind;
      /** What the agent should know of this one call. */
      context?: Readonly<Record<string, unknown>>;
      /** Of the trace that the whole call is part of, as W3C writes it. */
      traceparent?: string;
      /** The call asks a person whether they take over the caller of another one. */
      consults?: Consultation;
    }
  /** Functions: the carrier took our answer or our dialling, and named the call. */
  | { type: 'carrier-accepted'; carrierCallId: string }
  | { type: 'call-ringing' }
  /** Functions: the carrier says that the two ends are connected. */
  | { type: 'call-connected' }
  /** Bridge: the carrier's media socket is open on this replica. */
  | {
      type: 'media-started';
      replica: string;
      /** Of the replica's hold of the call: of two replicas the one with the higher has it. Absent where the store was away. */
      fence?: number;
    }
  /** Bridge: the media socket is gone. Not the end of the call. */
  | {
      type: 'media-stopped';
      replica: string;
      clean: boolean;
      /** This replica ends and has given the call away: who had the word at that moment. */
      handedOver?: Floor;
      /** And for how long nothing had been heard on the line by then. */
      silentMs?: number;
    }
  /** Bridge: which version of which agent the call has, from its beginning to its end. */
  | { type: 'agent-pinned'; agent: string; hash: string }
  | { type: 'model-opened'; model: VoiceModelKind; tookMs: number }
  | { type: 'model-lost'; model: VoiceModelKind; code: string }
  | {
      type: 'turn-finished';
      role: Speaker;
      text: string;
      interrupted: boolean;
      /** What the agent was about to say when it was interrupted, as far as it had it. */
      unheard?: string;
    }
  /**
   * Bridge: how long the caller waited for an answer, in three parts that follow each other: from their last sound on the line
   * until the model took their turn for over, from then to its first audio, and until that was the next to be heard.
   */
  | { type: 'reply-timed'; latencyMs: number; endpointingMs?: number; playoutMs?: number }
  | { type: 'agent-interrupted'; heardMs: number; stopMs: number }
  /**
   * Bridge: the caller made a sound that was no turn, and was not answered. `text`: of what was heard as words, "mm-hm" for one.
   * `pausedMs`: for so long the agent fell silent to listen.
   */
  | { type: 'backchannel'; sound: BackchannelSound; text: string; lengthMs: number; pausedMs: number }
  /** `digit`: a dot where nobody may read it. */
  | { type: 'dtmf-received'; digit: string }
  /** Bridge: the agent is about to have this keyed in. */
  | { type: 'keys-asked'; question: string; sensitive: boolean }
  /** Bridge: it was, and the question is over. */
  | { type: 'keys-entered'; question: string; count: number }
  | {
      type: 'tool-called';
      name: string;
      ok: boolean;
      tookMs: number;
      /** JSON as the model wrote it, and as it was answered: for a model that takes over. Cut where they are long. */
      input?: string;
      output?: string;
    }
  /** Bridge: by a model that is not lost with it, and waits for the answer of whoever serves the call then. */
  | { type: 'tool-asked'; toolCallId: string; name: string; input: string }
  | { type: 'tool-answered'; toolCallId: string }
  | { type: 'note-taken'; text: string }
  /** To one of the agent's questions; of several to one question the last one counts. */
  | { type: 'answer-recorded'; question: string; answer: string; score?: number }
  /** The caller is to be called back; nobody is dialled for it. `dueAt`: Unix time in ms. */
  | { type: 'callback-scheduled'; dueAt: number; about: string }
  /** Outbound: who picked up. */
  | { type: 'answered-by'; answeredBy: 'person' | 'machine' | 'unknown' }
  | { type: 'hang-up-requested'; by: 'agent' | 'operator'; reason: CallEndReason }
  /** `attempt`: which of the target's numbers, the first one if left out. */
  | { type: 'transfer-requested'; target: string; attempt?: number }
  /** Functions: an operator wants the agent to hand the caller over, once the person was told what it is about. */
  | { type: 'transfer-ordered'; target: string; brief: string }
  /** Functions: somebody had this done by the API. `who`: their sign-in name, or that they had the key. */
  | { type: 'operator-acted'; action: OperatorAction; who: string }
  /** Bridge: the target is called, in a call of its own, while the caller holds the line. */
  | { type: 'consultation-started'; leg: CallId; target: string }
  /** Bridge, in the call that consults: whom was called takes the caller, or does not. */
  | { type: 'consultation-decided'; accepted: boolean }
  | { type: 'transfer-started'; target: string }
  /** Functions: the other phone was picked up, and the two talk. */
  | { type: 'transfer-answered' }
  /** The caller is the agent's again. `code` is the carrier's own, for operators; without an outcome nothing more is known. */
  | { type: 'transfer-failed'; code: string; outcome?: TransferOutcome }
  /** Bridge: the caller was told that the call is recorded, or said yes or no to it. */
  | { type: 'recording-consent'; given: boolean; how: 'announced' | 'asked' }
  /** Bridge: the carrier records. */
  | { type: 'recording-started'; recordingId: string }
  | { type: 'recording-paused' }
  | { type: 'recording-resumed' }
  | { type: 'recording-stopped' }
  | { type: 'recording-failed'; code: string }
  /** Functions: the carrier's file is in our own store. */
  | { type: 'recording-kept'; recordingId: string; file: RecordingFile; until: number }
  /** Functions: the agent wants it kept no longer. */
  | { type: 'recording-expired' }
  /** Functions: the carrier has none of it any more. */
  | { type: 'recording-removed' }
  /** Functions: a carrier that was going to tell of it has not, and is asked or waited for. */
  | { type: 'recording-overdue' }
  | { type: 'recording-missing' }
  /** Functions: the one who wrote this may ask the model what came of the call, and nobody else. */
  | { type: 'outcome-asked'; attempt: number }
  | { type: 'outcome-ready'; attempt: number; outcome: CallOutcome }
  | { type: 'outcome-failed'; attempt: number; code: string; isFinal: boolean }
  | { type: 'outcome-skipped' }
  /** Functions: the agent's webhook was told, or was not there. */
  | {
      type: 'webhook-tried';
      event: DeliveryEvent;
      attempt: number;
      tookMs: number;
      status?: number;
      delivered?: boolean;
      /** Absent where it was delivered or is given up. */
      nextAt?: number;
    }
  /** Functions: an operator has seen to what was noted. */
  | { type: 'notes-done' }
  /** Functions: nothing of the call is left to be done. */
  | { type: 'call-settled' }
  /**
   * Functions: the carrier's webhook is the truth. `code` is the carrier's own, for operators. A guess is what somebody made
   * of a call that they found over: it gives way to what is told of the end, whenever that comes.
   */
  | { type: 'call-ended'; reason: CallEndReason; code?: string; isGuess?: true }
  /** What was told of an end that stood as a guess by then. */
  | { type: 'end-corrected'; reason: CallEndReason; code?: string };

export type CallEvent = EventBase & CallFact;

/** What somebody is saying, for those who watch: nobody keeps it. `text` is the whole turn so far. */
export interface PartialTranscript {
  readonly callId: CallId;
  /** Unix time in ms. */
  readonly at: number;
  readonly role: Speaker;
  readonly text: string;
}
