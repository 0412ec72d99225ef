// A call of our own to a person who is asked to take over a caller: rings them, hears what they decide, and ends it.
import { randomUUID } from 'node:crypto';
import type { CallId } from '../../../shared/call/call.ts';
import type { CallEvent } from '../../../shared/call/call-event.ts';
import { type Consultation, findTransferOutcome, type TransferOutcome } from '../../../shared/call/transfer-outcome.ts';
import type { CallDialler, DialPlan } from '../../../shared/dialling/call-dialler.ts';
import { AppError, type ErrorCode } from '../../../shared/errors.ts';
import type { Logger } from '../../../shared/logger.ts';
import type { CallLedger } from '../../../shared/stores/call-ledger.ts';
import type { CallStream } from '../../../shared/stores/call-stream.ts';
import type { CallControl, NamedCall } from '../../../shared/telephony/call-control.ts';
import type { DialPermit } from '../../../shared/telephony/dial-permit.ts';
import { pursueHangUp } from '../../../shared/telephony/hang-up-pursuit.ts';

/** What is not over by then is the reconciler's. */
const hangUpLimitMs = 15_000;

const acceptKey = '1';
const declineKey = '2';

export type ConsultationNews =
  | { readonly type: 'picked-up' | 'accepted' | 'declined' }
  | { readonly type: 'failed'; readonly outcome: TransferOutcome };

export type TransferPermit = Pick<DialPermit, 'number' | 'confirm' | 'giveBack'>;

export interface ConsultationCallOptions {
  readonly ledger: Pick<CallLedger, 'post' | 'findLive'>;
  readonly stream: Pick<CallStream, 'subscribe'>;
  readonly dialler: Pick<CallDialler, 'dial'>;
  readonly control: CallControl;
  readonly log: Logger;
  /** Each as often as it is told. */
  onNews(news: ConsultationNews): void;
}

export class ConsultationCall {
  readonly callId = `out-for-${randomUUID()}` as CallId;
  readonly #options: ConsultationCallOptions;
  readonly #unsubscribe: () => void;
  #carrierCallId: string | undefined;
  #isDropped = false;
  #isClosed = false;

  constructor(options: ConsultationCallOptions) {
    this.#options = options;
    this.#unsubscribe = options.stream.subscribe(this.callId, (event) => this.#receive(event));
  }

  /** Undefined while the carrier has not taken the call. */
  get joined(): NamedCall | undefined {
    const { callId } = this;
    return this.#carrierCallId === undefined ? undefined : { callId, carrierCallId: this.#carrierCallId };
  }

  /** Resolves when the carrier rings. Rejects when nobody is rung. */
  async dial(
    plan: Omit<DialPlan, 'consults'> & { readonly consults: Consultation },
    givePermit: (orderId: string) => Promise<TransferPermit>,
  ): Promise<void> {
    const { dialler } = this.#options;
    const permit = await givePermit(this.callId);
    if (this.#isDropped) return permit.giveBack();
    const at = Date.now();
    this.#carrierCallId = await dialler.dial(this.callId, plan, permit, { at, mayBeRepeated: false });
    if (this.#isDropped) await this.#hangUp();
  }

  /** The carrier is about to let the person talk to the caller: what becomes of this call is no hang-up. */
  async expectJoin(target: string): Promise<void> {
    await this.#options.ledger.post(this.callId, { type: 'transfer-requested', target }, { id: 'transfer-requested' });
  }

  /** They talk. */
  markJoined(target: string): void {
    const { ledger } = this.#options;
    void ledger.post(this.callId, { type: 'transfer-started', target }, { id: 'transfer-started' });
    void ledger.post(this.callId, { type: 'transfer-answered' }, { id: 'transfer-answered' });
    this.close();
  }

  /** Ends the call, now or as soon as the carrier has named it. Idempotent. */
  drop(): void {
    this.close();
    if (this.#isDropped) return;
    this.#isDropped = true;
    void this.#hangUp();
  }

  /** Hears nothing of it any more. Idempotent. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#unsubscribe();
  }

  async #hangUp(): Promise<void> {
    const { ledger, control, log } = this.#options;
    await dropCall(this.callId, this.#carrierCallId, { ledger, control, log });
  }

  #receive(event: CallEvent): void {
    const news = this.#isClosed ? undefined : readNews(event);
    if (news) this.#options.onNews(news);
  }
}

/** Of a call to a person that is not wanted any more; where the carrier has not named it, whoever opens it finds out. Never rejects. */
export async function dropCall(
  callId: CallId,
  carrierCallId: string | undefined,
  { ledger, control, log }: Pick<ConsultationCallOptions, 'ledger' | 'control' | 'log'>,
): Promise<void> {
  try {
    const asked = { type: 'hang-up-requested', by: 'agent', reason: 'agent-hung-up' } as const;
    await ledger.post(callId, asked, { id: 'not-wanted' });
    const id = carrierCallId ?? (await ledger.findLive(callId))?.carrierCallId;
    if (id !== undefined) await pursueHangUp({ hangUp: () => control.hangUp(id) }, { limitMs: hangUpLimitMs });
  } catch (error) {
    log.warn({ error, leg: callId }, 'the call to a person could not be ended yet: the reconciler may');
  }
}

function readNews(event: CallEvent): ConsultationNews | undefined {
  switch (event.type) {
    case 'call-connected':
    case 'media-started':
      return { type: 'picked-up' };
    case 'dtmf-received':
      if (event.digit === acceptKey) return { type: 'accepted' };
      return event.digit === declineKey ? { type: 'declined' } : undefined;
    case 'consultation-decided':
      return { type: event.accepted ? 'accepted' : 'declined' };
    case 'hang-up-requested':
      return event.reason === 'voicemail' ? { type: 'failed', outcome: 'voicemail' } : undefined;
    case 'call-ended':
      // It ends where the person is brought to the caller.
      return event.reason === 'transferred'
        ? undefined
        : { type: 'failed', outcome: findTransferOutcome(event.reason) };
    default:
      return undefined;
  }
}

const outcomeByCode: Readonly<Partial<Record<ErrorCode, TransferOutcome>>> = {
  DIAL_NOT_ALLOWED: 'not-allowed',
  DIAL_CAP_REACHED: 'not-allowed',
  STORE_UNAVAILABLE: 'not-allowed',
  BAD_NUMBER: 'unreachable',
  CARRIER_REFUSED: 'unreachable',
  CALL_GONE: 'hung-up',
};

/** Of a request that nobody was rung for, or joined by. */
export function readTransferError(error: unknown): TransferOutcome {
  return (error instanceof AppError ? outcomeByCode[error.code] : undefined) ?? 'failed';
}
