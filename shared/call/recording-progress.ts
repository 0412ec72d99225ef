// The recording of a call, from the caller's consent to the file that is kept and the carrier's that is removed: one total function.
import type { CallEvent } from './call-event.ts';
import type { RecordingFile } from './recording-file.ts';

/**
 * `agreed`: it may begin. `awaited`: it has ended, and its file is still at the carrier. `kept`: it is with us; `expired`: it was.
 * `missing`: the carrier has none to give any more.
 */
export const recordingStatuses = [
  'refused',
  'agreed',
  'running',
  'paused',
  'awaited',
  'kept',
  'missing',
  'expired',
  'failed',
] as const;
export type RecordingStatus = (typeof recordingStatuses)[number];

export interface RecordingProgress {
  readonly status: RecordingStatus;
  /** The carrier's name of it. */
  readonly recordingId?: string;
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly files: readonly RecordingFile[];
  /** Nobody has told of its file for longer than it takes. */
  readonly isOverdue?: boolean;
  /** The carrier has no copy any more. */
  readonly isRemovedAtCarrier?: boolean;
  readonly code?: string;
  /** So long its files are kept (Unix time in ms). */
  readonly until?: number;
}

export type RecordingEvent = Extract<CallEvent, { type: `recording-${string}` }>;

const begun: ReadonlySet<RecordingStatus> = new Set(['running', 'paused']);

/** Total, in any order: what a carrier tells of the file may come before we know that it ended. */
export function applyRecordingEvent(before: RecordingProgress | undefined, event: RecordingEvent): RecordingProgress {
  const state: RecordingProgress = before ?? { status: 'agreed', files: [] };
  switch (event.type) {
    case 'recording-consent':
      if (state.recordingId !== undefined) return state;
      return { ...state, status: event.given ? 'agreed' : 'refused' };
    case 'recording-started':
      if (state.recordingId !== undefined) return state;
      return { ...state, status: 'running', recordingId: event.recordingId, startedAt: event.at };
    case 'recording-paused':
      return state.status === 'running' ? { ...state, status: 'paused' } : state;
    case 'recording-resumed':
      return state.status === 'paused' ? { ...state, status: 'running' } : state;
    case 'recording-stopped':
      return endRecording(state, event.at);
    case 'recording-failed':
      return state.recordingId === undefined ? { ...state, status: 'failed', code: event.code } : state;
    case 'recording-kept': {
      const others = state.files.filter(({ part }) => part !== event.file.part);
      const files = [...others, event.file].sort((a, b) => a.part - b.part);
      if (state.status === 'expired') return state;
      return {
        ...state,
        status: 'kept',
        files,
        recordingId: state.recordingId ?? event.recordingId,
        until: event.until,
      };
    }
    case 'recording-removed':
      return { ...state, isRemovedAtCarrier: true };
    case 'recording-overdue':
      return state.status === 'awaited' ? { ...state, isOverdue: true } : state;
    case 'recording-missing':
      return state.status === 'kept' || state.status === 'expired' ? state : { ...state, status: 'missing' };
    case 'recording-expired':
      return { ...state, status: 'expired', files: [] };
    default:
      event satisfies never;
      return state;
  }
}

/** The call is over, or the recording was stopped: a carrier has a file of it now. */
export function endRecording(state: RecordingProgress, at: number): RecordingProgress {
  return begun.has(state.status) ? { ...state, status: 'awaited', endedAt: at } : state;
}
