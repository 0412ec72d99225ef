// What can go wrong with the realtime services, as switches a test may turn at any time.

export interface RealtimeFaults {
  /** Answers this to the next upgrades instead of opening a session; 429 and 503 come with Retry-After. */
  refuseUpgrade: { readonly status: 401 | 403 | 429 | 500 | 503; times: number } | undefined;
  /** Connections are taken, and their upgrades are never answered. */
  holdUpgrades: boolean;
  /** Answers this to the next requests that end a page's call instead of ending it. */
  refuseHangUp: { readonly status: 401 | 429 | 500 | 503; times: number } | undefined;
  /** Those requests are taken, and never answered. */
  holdHangUps: boolean;
  /** Sessions last so long from now on, in place of what the service was started with. */
  sessionMs: number | undefined;
  /** What session.created tells of the end, in Unix seconds, true or not. */
  toldExpiresAt: number | undefined;
  /** Events of this type never leave; all of them: a model that is mute but alive, since pings are answered. */
  withhold: (type: string) => boolean;
  /** Events of this type come as something that is none. */
  garble: (type: string) => 'cut-off' | 'binary' | 'no-event' | undefined;
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
  /** Responses that are created, and of which nothing more is heard until they are cancelled. */
  stuckResponses: number;
  /** Responses that end as failed after half of their audio, with an error besides. */
  breakResponses: number;
  /** Audio comes in pieces of this length, one at a time. */
  trickle: { readonly pieceMs: number; readonly everyMs: number } | undefined;
  /** A server_error that ends nothing, after each response.created. */
  errorEvents: boolean;
  /** What it says. */
  errorText: string;
  /** Input transcription fails, whatever its model. */
  failTranscription: boolean;
  /** session.updated keeps PCM however the formats are asked for; seen in a report. */
  keepPcm: boolean;
  /** What is on the wire in place of an event. */
  alter(text: string): string;
}

export function createRealtimeFaults(): RealtimeFaults {
  return {
    refuseUpgrade: undefined,
    holdUpgrades: false,
    refuseHangUp: undefined,
    holdHangUps: false,
    sessionMs: undefined,
    toldExpiresAt: undefined,
    withhold: () => false,
    garble: () => undefined,
    slowFirstAudioMs: 0,
    killAt: undefined,
    killAfter: undefined,
    lateDeltas: 0,
    unknownEvents: false,
    failResponses: 0,
    stuckResponses: 0,
    breakResponses: 0,
    trickle: undefined,
    errorEvents: false,
    errorText: 'The server had an error.',
    failTranscription: false,
    keepPcm: false,
    alter: (text) => text,
  };
}
