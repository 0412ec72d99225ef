// What can go wrong with the realtime services, as switches a test may turn at any time.

export interface RealtimeFaults {
  /** Answers this to the next upgrades instead of opening a session; 429 and 503 come with Retry-After. */
  refuseUpgrade: { readonly status: 401 | 403 | 429 | 500 | 503; times: number } | undefined;
  /** On top of the usual time before the first words of a response. */
  slowFirstAudioMs: number;
  /** Drops the connection right after the service sent an event of this type; 1006 is a drop without a close frame. */
  killAt: { readonly event: string; readonly code: 1006 | 1011 } | undefined;
  /** Drops each connection this long after it opened. */
  killAfter: { readonly ms: number; readonly code: 1006 | 1011 } | undefined;
  /** Audio deltas of a response that still come after it was cancelled. */
  lateDeltas: number;
  /** An event of a type nobody knows before every event. */
  unknownEvents: boolean;
  /** Responses that end as failed before a word is said. */
  failResponses: number;
  /** A server_error that ends nothing, after each response.created. */
  errorEvents: boolean;
  /** Input transcription fails, whatever its model. */
  failTranscription: boolean;
  /** session.updated keeps PCM however the formats are asked for; seen in a report. */
  keepPcm: boolean;
}

export function createRealtimeFaults(): RealtimeFaults {
  return {
    refuseUpgrade: undefined,
    slowFirstAudioMs: 0,
    killAt: undefined,
    killAfter: undefined,
    lateDeltas: 0,
    unknownEvents: false,
    failResponses: 0,
    errorEvents: false,
    failTranscription: false,
    keepPcm: false,
  };
}
