// The media streaming of one call: opens the socket that the application asked for, and reports what becomes of it.
import { pcm16k, pcm24k } from '../voice/audio-format.ts';
import type { AcsCallEvents } from './acs-call-events.ts';
import type { Operation } from './acs-call-request.ts';
import type { AcsContext } from './acs-context.ts';
import { partyRawId } from './acs-identifier.ts';
import { AcsMediaLeg, type MediaLegEvent } from './acs-media-leg.ts';
import type { AcsMediaLog } from './acs-media-log.ts';
import type { MediaOptions } from './acs-requests.ts';
import { type AcsResult, acsResults } from './acs-result.ts';

export interface AcsCallMediaOptions {
  readonly context: AcsContext;
  readonly callConnectionId: string;
  readonly correlationId: string;
  readonly number: string;
  readonly log: AcsMediaLog;
  readonly events: AcsCallEvents;
}

const tokenLifetimeSeconds = 24 * 3600;

const failures = {
  'never-opened': ['initialWebSocketConnectionFailed', acsResults.mediaUrlFailed],
  interrupted: ['streamConnectionInterrupted', acsResults.mediaInterrupted],
  'not-reopened': ['streamConnectionUnsuccessful', acsResults.mediaInterrupted],
} as const;

export class AcsCallMedia {
  readonly #options: AcsCallMediaOptions;
  #leg: AcsMediaLeg | undefined;

  constructor(options: AcsCallMediaOptions) {
    this.#options = options;
  }

  /** The socket of this moment, open or about to be. */
  get leg(): AcsMediaLeg | undefined {
    return this.#leg;
  }

  /** A stream that runs already is left alone. `wanted` is what answer or create said: later there is no other URL. */
  start(wanted: MediaOptions | null | undefined, operation: Operation): void {
    if (!wanted) this.#emit('Failed', 'streamUrlMissing', acsResults.mediaUrlMissing, operation);
    if (!wanted || this.#leg) return;
    const { context, number, log } = this.#options;
    const { media } = context.faults;
    if (media.failStarts > 0) {
      media.failStarts--;
      const { details, code, subCode } = media.failStartsWith;
      this.#emit('Failed', details, { code, subCode, message: 'Action failed.' }, operation);
      return;
    }
    const leg = new AcsMediaLeg({
      url: wanted.transportUrl,
      format: wanted.audioFormat === 'pcm24kmono' ? pcm24k : pcm16k,
      participantRawID: wanted.audioChannelType === 'unmixed' ? partyRawId(number) : undefined,
      bidirectional: wanted.enableBidirectional ?? false,
      sendsKeys: wanted.enableDtmfTones ?? false,
      headers: () => this.#createHeaders(),
      faults: media,
      timers: context.timers,
      random: context.random,
      signal: context.signal,
      log,
      onEvent: (event) => this.#onEvent(event, leg, operation),
    });
    this.#leg = leg;
    leg.open();
  }

  stop(operation: Operation): void {
    if (!this.#leg) return;
    this.close();
    this.#emit('Stopped', 'subscriptionStopped', acsResults.done, operation);
  }

  /** The call ended: no event tells of the stream's end. */
  close(): void {
    this.#leg?.close();
    this.#leg = undefined;
  }

  async #createHeaders(): Promise<Record<string, string>> {
    const { context, callConnectionId, correlationId } = this.#options;
    const authorization = await context.tokens.authorize(tokenLifetimeSeconds, context.faults.media.forge);
    return {
      ...(authorization && { authorization }),
      'x-ms-call-connection-id': callConnectionId,
      'x-ms-call-correlation-id': correlationId,
    };
  }

  #onEvent(event: MediaLegEvent, leg: AcsMediaLeg, operation: Operation): void {
    if (this.#leg !== leg) return;
    if (event.type === 'started') {
      const details = event.again ? 'streamConnectionReestablished' : 'subscriptionStarted';
      this.#emit('Started', details, acsResults.done, operation);
      return;
    }
    this.close();
    const [details, result] = failures[event.reason];
    this.#emit('Failed', details, result, operation);
  }

  #emit(status: 'Started' | 'Stopped' | 'Failed', details: string, result: AcsResult, operation: Operation): void {
    const mediaStreamingUpdate = {
      // Capital here, although the request says `audio`.
      contentType: 'Audio',
      mediaStreamingStatus: `mediaStreaming${status}`,
      mediaStreamingStatusDetails: details,
    };
    this.#options.events.emit(`MediaStreaming${status}`, { mediaStreamingUpdate }, result, operation);
  }
}
