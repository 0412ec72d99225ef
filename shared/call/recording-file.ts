// One file of a call's recording, as we keep it.

/** A carrier may break a long recording into several. */
export interface RecordingFile {
  /** In our own store. */
  readonly name: string;
  readonly part: number;
  readonly bytes: number;
  readonly durationMs?: number;
  /** Two: the caller left, the agent right. */
  readonly channels?: number;
  /** As the carrier names its own copy, until that is removed. */
  readonly atCarrier?: string;
}
