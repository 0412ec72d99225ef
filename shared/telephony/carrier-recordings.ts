// Port: recordings of calls as a carrier makes them, gives them out and removes them.
import type { Readable } from 'node:stream';
import type { CallId, Carrier } from '../call/call.ts';

/** A file that a carrier has ready. */
export interface CarrierFile {
  readonly recordingId: string;
  /** A carrier may break a long recording into several; from 0. */
  readonly part: number;
  /** Where it is. */
  readonly content: string;
  /** What is to be removed when it is with us. */
  readonly copy: string;
  readonly durationMs?: number;
  readonly channels?: number;
}

/**
 * Each method throws an AppError as those of CallControl do: CALL_GONE where the call or the recording is over, CARRIER_UNAVAILABLE
 * and CARRIER_UNREACHABLE where it may be asked again.
 */
export interface CarrierRecordings {
  readonly carrier: Carrier;
  /** On two channels, the caller on the left. Resolves to the carrier's name of the recording. */
  start(callId: CallId, carrierCallId: string): Promise<string>;
  /** Nothing is kept of what is said from now on. */
  pause(carrierCallId: string, recordingId: string): Promise<void>;
  resume(carrierCallId: string, recordingId: string): Promise<void>;
  stop(carrierCallId: string, recordingId: string): Promise<void>;
  /** Files of a call that has ended, as far as the carrier can be asked for them. */
  list(carrierCallId: string): Promise<readonly CarrierFile[]>;
  open(file: CarrierFile): Promise<Readable>;
  /** Nothing happens where it is gone already. */
  remove(copy: string): Promise<void>;
}

export type CarrierRecordingsMap = ReadonlyMap<Carrier, CarrierRecordings>;
