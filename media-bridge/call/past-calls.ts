// What happened in a call before its socket came, and whether the socket's token still opens it.
import type { CallId } from '../../shared/call/call.ts';
import type { CallEvent } from '../../shared/call/call-event.ts';
import { type CallState, foldCallEvents } from '../../shared/call/call-state.ts';
import { AppError } from '../../shared/errors.ts';
import type { Logger } from '../../shared/logger.ts';
import { firstUseMs, type SignedTicket } from '../../shared/media-token.ts';
import { foldStreamed } from '../../shared/stores/apart-events.ts';
import type { CallHistory } from '../../shared/stores/call-history.ts';
import type { CallStream, StreamedEvents } from '../../shared/stores/call-stream.ts';
import { within } from '../../shared/within.ts';
import type { CallerRecollections, Recollection } from './caller-recollection.ts';
import { judgeTicket, type StoreAnswer } from './ticket-verdict.ts';

/** A caller is waiting: what a store does not tell in this time is done without. */
const answerTimeoutMs = 500;

export interface CarrierSocket {
  /** As the carrier names the call that the socket is of. */
  readonly carrierCallId: string | undefined;
  /** The call is here and has lost its socket. */
  readonly isExpected: boolean;
}

/** A call as far as it is known when its socket comes. */
export interface CallPast {
  /** Undefined where nobody has written it down, or the stores cannot tell. */
  readonly call: CallState | undefined;
  /** Of the events that are in it. */
  readonly knownIds: readonly string[];
  /** How far the stream was read. */
  readonly cursor: string | undefined;
  /** What is known of the caller from earlier calls. */
  readonly recollection?: Recollection | undefined;
}

export interface PastCallsOptions {
  readonly stream: Pick<CallStream, 'readOn'>;
  readonly history: Pick<CallHistory, 'find'>;
  readonly recollections?: Pick<CallerRecollections, 'find'>;
  readonly log: Logger;
}

export class PastCalls {
  readonly #options: PastCallsOptions;

  constructor(options: PastCallsOptions) {
    this.#options = options;
  }

  /**
   * Knows nothing of the call where the stores cannot tell. Throws CALL_ENDED, UNAUTHENTICATED when the ticket is too old for
   * a call that nobody knows to live, and FORBIDDEN when the carrier's socket is of another call than its own.
   */
  async find(ticket: SignedTicket, { carrierCallId, isExpected }: CarrierSocket): Promise<CallPast> {
    const { stream, history, log } = this.#options;
    const { callId } = ticket;
    const read = await this.#ask(callId, () => stream.readOn(callId, undefined));
    const streamed = read === 'away' ? [] : read.events;
    const live = foldKnown(callId, streamed);
    const isWhole = streamed.some(({ type }) => type === 'call-created');
    const kept = isWhole ? undefined : await this.#ask(callId, () => history.find(callId));

    const isFresh = Date.now() - ticket.issuedAt <= firstUseMs;
    const says = {
      stream: read === 'away' ? 'away' : phaseOf(live),
      history: kept === 'away' ? 'away' : phaseOf(kept),
    } as const;
    const verdict = judgeTicket({ isFresh, isHere: isExpected, ...says });
    if (verdict === 'ended') throw new AppError('CALL_ENDED');
    if (verdict === 'too-late') throw new AppError('UNAUTHENTICATED', 'the media token is too old for a first use');
    if (verdict === 'in-doubt')
      log.warn({ callId, isFresh, ...says }, 'a media token is believed, though nobody knows whether its call lives');
    const call = await this.#join(callId, streamed, kept === 'away' ? undefined : kept);
    // The socket may come before the carrier's answer that names the call.
    if (call?.carrierCallId !== undefined && call.carrierCallId !== carrierCallId)
      throw new AppError('FORBIDDEN', "the socket is of another connection than the call's own");
    const recollection = await this.#options.recollections?.find(call, ticket.agent);
    const cursor = read === 'away' ? undefined : read.cursor;
    return { call, knownIds: streamed.map(({ id }) => id), cursor, ...(recollection && { recollection }) };
  }

  /** A stream that lost the beginning of the call goes on from what the history kept of it. */
  async #join(
    callId: CallId,
    streamed: readonly CallEvent[],
    kept: CallState | undefined,
  ): Promise<CallState | undefined> {
    if (!kept) return streamed.length === 0 ? undefined : foldCallEvents(callId, streamed);
    const isKnown = kept.streamCursor !== undefined && streamed.length > 0;
    const newer = isKnown
      ? await this.#ask<StreamedEvents>(callId, () => this.#options.stream.readOn(callId, kept.streamCursor))
      : undefined;
    return foldStreamed(kept, newer === undefined || newer === 'away' ? streamed : newer.events);
  }

  async #ask<Value>(callId: CallId, question: () => Promise<Value>): Promise<Value | 'away'> {
    const isTooSlow = () => {
      throw new Error(`no answer in ${answerTimeoutMs} ms`);
    };
    try {
      return await within(answerTimeoutMs, question, isTooSlow);
    } catch (error) {
      this.#options.log.warn(
        { callId, error },
        'a store cannot be asked of a call: it goes on with what its ticket says',
      );
      return 'away';
    }
  }
}

/** A stream that lost its beginning, or began again after the call was forgotten, knows how the call stands only if it says so. */
function foldKnown(callId: CallId, events: readonly CallEvent[]): CallState | undefined {
  const telling = new Set<CallEvent['type']>(['call-created', 'media-started', 'call-ended']);
  return events.some(({ type }) => telling.has(type)) ? foldCallEvents(callId, events) : undefined;
}

function phaseOf(state: CallState | undefined): StoreAnswer {
  return state?.phase ?? 'unknown';
}
