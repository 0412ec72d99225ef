// The state of a call is the fold of its events: the same fold in functions, bridge and console.
import type { CallDirection, CallEndReason, CallId, CallPhase, Carrier, Floor, Turn, VoiceModelKind } from './call.ts';
import type { DeliveryTry } from './call-delivery.ts';
import type { CallEvent } from './call-event.ts';
import { applyOutcomeEvent, noProgress, type OutcomeProgress } from './outcome-progress.ts';
import { applyRecordingEvent, endRecording, type RecordingProgress } from './recording-progress.ts';
import type { Consultation, TransferOutcome } from './transfer-outcome.ts';

export interface ToolUse {
  readonly name: string;
  readonly ok: boolean;
  readonly tookMs: number;
  /** JSON, cut where it is long. */
  readonly input?: string;
  readonly output?: string;
  /** When it had answered. */
  readonly at: number;
}

/** By a model, which waits for the answer. */
export interface AskedTool {
  readonly toolCallId: string;
  readonly name: string;
  readonly input: string;
  readonly at: number;
}

export interface FailedTransfer {
  readonly target: string;
  readonly attempt: number;
  readonly outcome: TransferOutcome;
  /** The carrier was to hand the caller over by itself. */
  readonly wasForwarded: boolean;
}

/** A webhook that is never there is tried a few times a kind; an operator may ask again. */
const maxDeliveries = 50;

export interface RecordedAnswer {
  readonly answer: string;
  readonly score?: number;
  /** Unix time in ms. */
  readonly at: number;
}

/** No call runs more at once. */
const maxAskedTools = 16;

/** An hour of a lively conversation; of a longer one the last. */
const maxTimedReplies = 500;

export interface CallState {
  readonly callId: CallId;
  /** How many events were folded: of two states of one call, the one with more is the newer. */
  readonly version: number;
  readonly phase: CallPhase;
  readonly carrier?: Carrier;
  readonly direction?: CallDirection;
  readonly remoteParty?: string;
  readonly ourNumber?: string;
  readonly agent?: string;
  /** Which version of it. */
  readonly pinnedAgent?: { readonly name: string; readonly hash: string };
  readonly model?: VoiceModelKind;
  /** When one was there last. */
  readonly modelAt?: number;
  readonly context?: Readonly<Record<string, unknown>>;
  readonly traceparent?: string;
  readonly carrierCallId?: string;
  readonly replica?: string;
  /** When the media socket was opened last. */
  readonly mediaAt?: number;
  /** When the carrier closed it in order: the call was over for it. */
  readonly mediaOverAt?: number;
  /** Of the newest hold of the call that was written down. */
  readonly fence?: number;
  /** A replica gave the call away, and no other one has it yet: who had the word then. */
  readonly handedOver?: Floor;
  readonly handedOverAt?: number;
  /** For how long the line had been silent by then. */
  readonly silentMs?: number;
  readonly answeredBy?: 'person' | 'machine' | 'unknown';
  readonly createdAt?: number;
  readonly connectedAt?: number;
  readonly endedAt?: number;
  readonly endReason?: CallEndReason;
  readonly endCode?: string;
  /** The end was found and not told: what is told of it later takes its place. */
  readonly isEndGuessed?: true;
  /** Set once somebody on our side asked for the end; says why the carrier's coming "ended" happened. */
  readonly askedToEnd?: CallEndReason;
  readonly askedToEndAt?: number;
  /** What the caller is keying in. */
  readonly keysAsked?: { readonly question: string; readonly sensitive: boolean };
  /** Whom a transfer was asked to, unless it failed. */
  readonly transferAsked?: string;
  readonly transferTarget?: string;
  /** The person who is asked, in a call of its own, to take the caller; not undone by success. */
  readonly consultation?: { readonly leg: CallId; readonly target: string };
  /** Of the call that asks. */
  readonly consults?: Consultation;
  /** The last transfer came to nothing, and the agent has said nothing since. */
  readonly transferFailed?: FailedTransfer;
  /** Which of the target's numbers was asked for. */
  readonly transferAttempt?: number;
  /** Somebody took the call over: what becomes of our leg is no hang-up any more. */
  readonly isTransferred?: boolean;
  readonly turns: readonly Turn[];
  readonly notes: readonly string[];
  /** Somebody has seen to them. */
  readonly notesDoneAt?: number;
  /** By question. */
  readonly answers?: Readonly<Record<string, RecordedAnswer>>;
  readonly callback?: { readonly dueAt: number; readonly about: string; readonly at: number };
  readonly tools?: readonly ToolUse[];
  /** Not answered yet, of those that are asked for by a model that outlives its bridge. */
  readonly toolsAsked?: readonly AskedTool[];
  /** How long the caller waited for each answer. */
  readonly repliesMs?: readonly number[];
  readonly modelsLost?: number;
  /** From the end of the call on. */
  readonly outcome?: OutcomeProgress;
  /** Of a call that is recorded, or was asked whether it may be. */
  readonly recording?: RecordingProgress;
  readonly deliveries?: readonly DeliveryTry[];
  /** Nothing is left to be done after the call. */
  readonly settledAt?: number;
  /** Of a state that the history keeps: how far in the call's stream it was folded. */
  readonly streamCursor?: string;
  /** Of events that are folded here and that no stream took, or none was heard to take. */
  readonly apart?: readonly string[];
}

export function newCallState(callId: CallId): CallState {
  return { callId, version: 0, phase: 'dialling', turns: [], notes: [] };
}

/** Total: any event in any state gives a state. Nothing leaves `ended`, whatever order the events came in. */
export function applyCallEvent(before: CallState, event: CallEvent): CallState {
  const state: CallState = { ...before, version: before.version + 1 };
  const phase = (next: CallPhase): CallPhase => (state.phase === 'ended' ? 'ended' : next);
  switch (event.type) {
    case 'call-created': {
      const { carrier, direction, remoteParty, ourNumber, agent, model, context, traceparent, consults } = event;
      const first = direction === 'inbound' && state.phase === 'dialling' ? 'ringing' : state.phase;
      return {
        ...state,
        phase: phase(first),
        carrier,
        direction,
        remoteParty: tell(remoteParty, state.remoteParty),
        ourNumber: tell(ourNumber, state.ourNumber),
        agent,
        model: state.model ?? model,
        context: context ?? state.context,
        ...(traceparent !== undefined && { traceparent: state.traceparent ?? traceparent }),
        ...(consults && { consults }),
        createdAt: Math.min(event.at, state.createdAt ?? event.at),
      };
    }
    case 'carrier-accepted':
      return { ...state, carrierCallId: event.carrierCallId };
    case 'call-ringing':
      return { ...state, phase: state.phase === 'dialling' ? 'ringing' : state.phase };
    case 'call-connected':
      return {
        ...state,
        phase: phase(state.phase === 'transferring' ? 'transferring' : 'active'),
        connectedAt: state.connectedAt ?? event.at,
      };
    case 'media-started': {
      const isStale = event.fence !== undefined && state.fence !== undefined && event.fence < state.fence;
      if (isStale) return state;
      return {
        ...state,
        phase: phase(state.phase === 'transferring' ? 'transferring' : 'active'),
        replica: event.replica,
        mediaAt: event.at,
        ...(state.mediaOverAt !== undefined && { mediaOverAt: undefined }),
        handedOver: undefined,
        handedOverAt: undefined,
        ...(state.silentMs !== undefined && { silentMs: undefined }),
        ...(event.fence !== undefined && { fence: event.fence }),
      };
    }
    case 'media-stopped':
      if (event.replica !== state.replica) return state;
      return explainEnd({
        ...state,
        replica: undefined,
        ...(event.clean && event.handedOver === undefined && { mediaOverAt: event.at }),
        handedOver: event.handedOver,
        handedOverAt: event.handedOver && event.at,
        ...(event.silentMs !== undefined && { silentMs: event.silentMs }),
      });
    case 'agent-pinned':
      return { ...state, pinnedAgent: state.pinnedAgent ?? { name: event.agent, hash: event.hash } };
    case 'model-opened':
      return { ...state, model: event.model, modelAt: event.at };
    case 'turn-finished': {
      const { role, text, interrupted, unheard, at } = event;
      // A store that was away may bring the earlier one later.
      const later = state.turns.findLastIndex((turn) => turn.at <= at) + 1;
      const turns = state.turns.toSpliced(later, 0, {
        role,
        text,
        interrupted,
        ...(unheard !== undefined && { unheard }),
        at,
      });
      return { ...state, turns, ...(role === 'agent' && state.transferFailed && { transferFailed: undefined }) };
    }
    case 'note-taken':
      return { ...state, notes: [...state.notes, event.text] };
    case 'answer-recorded': {
      const { question, answer, score, at } = event;
      const known = state.answers?.[question];
      if (known && known.at > at) return state;
      return { ...state, answers: { ...state.answers, [question]: { answer, score, at } } };
    }
    case 'callback-scheduled': {
      const { dueAt, about, at } = event;
      return state.callback && state.callback.at > at ? state : { ...state, callback: { dueAt, about, at } };
    }
    case 'answered-by':
      // Carrier and bridge both listen: one that could not tell takes nothing back.
      if (event.answeredBy === 'unknown' && state.answeredBy !== undefined) return state;
      return { ...state, answeredBy: event.answeredBy };
    case 'hang-up-requested':
      if (state.askedToEnd !== undefined) return state;
      return explainEnd({ ...state, askedToEnd: event.reason, askedToEndAt: event.at });
    case 'transfer-requested': {
      const { target, attempt = 0 } = event;
      return { ...state, transferAsked: target, transferAttempt: attempt, transferFailed: undefined };
    }
    case 'keys-asked':
      return { ...state, keysAsked: { question: event.question, sensitive: event.sensitive } };
    case 'keys-entered':
      return { ...state, keysAsked: undefined };
    case 'consultation-started':
      return { ...state, consultation: { leg: event.leg, target: event.target } };
    case 'transfer-started':
      return { ...state, phase: phase('transferring'), transferTarget: event.target };
    case 'transfer-failed': {
      const target = state.transferTarget ?? state.transferAsked ?? state.consultation?.target ?? 'unknown';
      return {
        ...state,
        phase: phase('active'),
        transferAsked: undefined,
        transferTarget: undefined,
        isTransferred: undefined,
        consultation: undefined,
        transferFailed: {
          target,
          attempt: state.transferAttempt ?? 0,
          outcome: event.outcome ?? 'failed',
          wasForwarded: state.transferAsked !== undefined,
        },
      };
    }
    case 'transfer-answered':
      // Told late, of a transfer that came to nothing.
      return state.transferTarget === undefined ? state : explainEnd({ ...state, isTransferred: true });
    case 'call-ended':
    case 'end-corrected':
      return applyEnd(state, event);
    case 'tool-called': {
      const { name, ok, tookMs, input, output, at } = event;
      return { ...state, tools: [...(state.tools ?? []), { name, ok, tookMs, input, output, at }] };
    }
    case 'tool-asked': {
      const { toolCallId, name, input, at } = event;
      return {
        ...state,
        toolsAsked: [...(state.toolsAsked ?? []), { toolCallId, name, input, at }].slice(-maxAskedTools),
      };
    }
    case 'tool-answered':
      return { ...state, toolsAsked: state.toolsAsked?.filter(({ toolCallId }) => toolCallId !== event.toolCallId) };
    case 'outcome-asked':
    case 'outcome-ready':
    case 'outcome-failed':
    case 'outcome-skipped': {
      const outcome = applyOutcomeEvent(state.outcome, event);
      return { ...state, outcome, settledAt: outcome.status === 'pending' ? undefined : state.settledAt };
    }
    case 'recording-consent':
    case 'recording-started':
    case 'recording-paused':
    case 'recording-resumed':
    case 'recording-stopped':
    case 'recording-failed':
    case 'recording-kept':
    case 'recording-removed':
    case 'recording-expired':
    case 'recording-overdue':
    case 'recording-missing': {
      const recording = applyRecordingEvent(state.recording, event);
      const isOver = state.phase === 'ended';
      // What started is told late, perhaps after the call.
      return { ...state, recording: isOver ? endRecording(recording, state.endedAt ?? event.at) : recording };
    }
    case 'webhook-tried': {
      const { type: _type, id: _id, callId: _callId, ...tried } = event;
      return { ...state, deliveries: [...(state.deliveries ?? []), tried].slice(-maxDeliveries) };
    }
    case 'notes-done':
      return { ...state, notesDoneAt: event.at, settledAt: undefined };
    case 'call-settled':
      return { ...state, settledAt: event.at };
    case 'model-lost':
      return { ...state, modelsLost: (state.modelsLost ?? 0) + 1 };
    case 'reply-timed':
      return { ...state, repliesMs: [...(state.repliesMs ?? []), event.latencyMs].slice(-maxTimedReplies) };
    case 'agent-interrupted':
    case 'backchannel':
    case 'dtmf-received':
    case 'consultation-decided':
    case 'operator-acted':
    case 'transfer-ordered':
      return state;
    default:
      event satisfies never;
      return state;
  }
}

/** Who had to introduce a call that they did not see come in takes nothing back that is known. */
function tell(told: string, known: string | undefined): string {
  return told === 'unknown' ? (known ?? told) : told;
}

/** The first end stands; a guess gives way to the first that was told, in whatever order the two come. */
function applyEnd(state: CallState, event: Extract<CallEvent, { type: 'call-ended' | 'end-corrected' }>): CallState {
  const { reason, code, at } = event;
  const isGuess = event.type === 'call-ended' && event.isGuess === true;
  const isOver = state.phase === 'ended';
  if (isOver && (isGuess || !state.isEndGuessed)) return state;
  return explainEnd({
    ...state,
    phase: 'ended',
    endReason: reason,
    endCode: code,
    endedAt: at,
    outcome: state.outcome ?? noProgress,
    ...(state.recording && { recording: endRecording(state.recording, at) }),
    ...(isGuess && { isEndGuessed: true }),
    // What follows the end is looked through once more: it went by the guess.
    ...(isOver && { isEndGuessed: undefined, settledAt: undefined }),
  });
}

const legEnds = new Set<CallEndReason | undefined>(['caller-hung-up', 'agent-hung-up']);
const unsureEnds = new Set<CallEndReason | undefined>(['caller-hung-up', 'media-lost']);

/** Who asked for the end, who took the call over and that it ended are told in any order: stores may be away meanwhile. */
function explainEnd(state: CallState): CallState {
  const { askedToEnd, askedToEndAt = 0, carrier, endReason, isEndGuessed, isTransferred } = state;
  const isUnsure = isEndGuessed === true && unsureEnds.has(endReason);
  if (askedToEnd === undefined) {
    const isTakenOver = isTransferred && (isUnsure || legEnds.has(endReason));
    return isTakenOver ? { ...state, endReason: 'transferred' } : state;
  }
  // A carrier says that our side ended the call, and not who of us.
  const isOurs = endReason === 'agent-hung-up';
  // Twilio does not even say whose side it was: where nobody was known to have asked, the caller was taken for it.
  const isGuess = isUnsure || (carrier === 'twilio' && endReason === 'caller-hung-up');
  // Whoever asked and whoever was told of the end may be two machines, of which one's clock is wrong: the bridge has one clock.
  const overAt = Math.max(state.endedAt ?? 0, state.mediaOverAt ?? 0);
  return isOurs || (isGuess && askedToEndAt <= overAt) ? { ...state, endReason: askedToEnd } : state;
}

export function foldCallEvents(callId: CallId, events: Iterable<CallEvent>): CallState {
  let state = newCallState(callId);
  for (const event of events) state = applyCallEvent(state, event);
  return state;
}
