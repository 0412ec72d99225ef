// Under which name it is kept whose recording a carrier's is.
import { createHash } from 'node:crypto';

/** Longer than a call, and than a carrier keeps its file. */
export const recordingNameMs = 50 * 3_600_000;

export function findRecordingName(recordingId: string): string {
  return `recording/${createHash('sha256').update(recordingId).digest('hex').slice(0, 32)}`;
}
