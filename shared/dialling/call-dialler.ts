// Dials a call that is permitted: writes it down first, has the carrier dial, and ends it if the carrier would not.
import type { CallEndReason, CallId, VoiceModelKind } from '../call/call.ts';
import type { Consultation } from '../call/transfer-outcome.ts';
import { AppError, type ErrorCode } from '../errors.ts';
import type { Logger } from '../logger.ts';
import type { CallLedger } from '../stores/call-ledger.ts';
import { spanNames } from '../telemetry/names.ts';
import { findTraceparent } from '../telemetry/trace-context.ts';
import { traceStep } from '../telemetry/traced-step.ts';
import type { CallControl, DialRequest } from '../telephony/call-control.ts';
import type { DialPermit } from '../telephony/dial-permit.ts';
import type { CallUrls } from './call-urls.ts';

/** Longer than voicemail takes to pick up. */
const usualRingTimeoutSeconds = 45;
/** These say that nobody was rung. After any other error of a carrier the phone may ring. */
const refusals: ReadonlySet<ErrorCode | undefined> = new Set<ErrorCode>([
  'BAD_NUMBER',
  'CARRIER_REFUSED',
  'CARRIER_UNAVAILABLE',
  'CARRIER_UNREACHABLE',
  'NOT_CONFIGURED',
]);

export interface DialPlan {
  readonly control: CallControl;
  /** Our number. */
  readonly from: string;
  readonly agent: string;
  readonly model: VoiceModelKind | undefined;
  readonly context: Readonly<Record<string, unknown>> | undefined;
  readonly consults?: Consultation;
  readonly ringTimeoutSeconds?: number;
}

type Permit = Pick<DialPermit, 'number' | 'confirm' | 'giveBack'>;

export interface CallDiallerOptions {
  readonly ledger: CallLedger;
  readonly urls: CallUrls;
  readonly log: Logger;
}

export class CallDialler {
  readonly #options: CallDiallerOptions;

  constructor(options: CallDiallerOptions) {
    this.#options = options;
  }

  /**
   * Resolves to the carrier's id of the call. `mayBeRepeated`: whoever ordered it can ask for the same call again.
   */
  async dial(
    callId: CallId,
    plan: DialPlan,
    permit: Permit,
    { at, mayBeRepeated }: { at: number; mayBeRepeated: boolean },
  ): Promise<string> {
    const { carrier } = plan.control;
    const carrierCallId = await traceStep(spanNames.dial, callId, () =>
      this.#dial(callId, plan, permit, { at, mayBeRepeated }),
    );
    const { ledger, log } = this.#options;
    log.info({ callId, carrier, agent: plan.agent }, 'call placed');
    await ledger.post(callId, { type: 'carrier-accepted', carrierCallId }, { id: 'carrier-accepted' });
    return carrierCallId;
  }

  async #dial(
    callId: CallId,
    plan: DialPlan,
    permit: Permit,
    { at, mayBeRepeated }: { at: number; mayBeRepeated: boolean },
  ): Promise<string> {
    let request: DialRequest;
    try {
      request = await this.#prepare(callId, plan, permit, at);
    } catch (error) {
      await permit.giveBack();
      // What is not over can be dialled when it is asked for again.
      if (!mayBeRepeated) await this.#end(callId, error);
      throw error;
    }
    try {
      return await plan.control.dial(request);
    } catch (error) {
      if (!refusals.has(codeOf(error))) throw this.#doubt(callId, error);
      await permit.giveBack();
      await this.#end(callId, error);
      throw error;
    }
  }

  /** All that may fail without anybody being rung. */
  async #prepare(callId: CallId, plan: DialPlan, permit: Permit, at: number): Promise<DialRequest> {
    const { ledger, urls } = this.#options;
    const { from, agent, model, context, consults, ringTimeoutSeconds = usualRingTimeoutSeconds } = plan;
    const { carrier } = plan.control;
    const { number: to } = permit;
    const created = {
      carrier,
      direction: 'outbound',
      remoteParty: to,
      ourNumber: from,
      agent,
      model,
      context,
      traceparent: findTraceparent(),
      ...(consults && { consults }),
    } as const;
    await ledger.record(callId, { type: 'call-created', ...created }, { id: 'call-created', at });
    const mediaUrl = await urls.media({ callId, carrier, direction: 'outbound', agent, model });
    const callbackUrl = urls.callback(carrier, callId);
    await permit.confirm();
    return { callId, to, from, callbackUrl, mediaUrl, ringTimeoutSeconds };
  }

  /** Unknown is not refused: the call is served if its phone is picked up, and closed by the reconciler if nothing is heard of it. */
  #doubt(callId: CallId, error: unknown): unknown {
    this.#options.log.error({ callId, error }, 'the carrier did not say whether it dials: the call stays open');
    if (!(error instanceof AppError)) return error;
    return new AppError('CARRIER_UNCERTAIN', `${error.message}; its phone may ring: GET /api/calls/${callId} tells`);
  }

  async #end(callId: CallId, error: unknown): Promise<void> {
    const { ledger } = this.#options;
    const code = codeOf(error);
    const ended = { type: 'call-ended', reason: readFailure(code), code } as const;
    await ledger.post(callId, ended, { id: 'call-ended' });
  }
}

function codeOf(error: unknown): ErrorCode | undefined {
  return error instanceof AppError ? error.code : undefined;
}

function readFailure(code: ErrorCode | undefined): CallEndReason {
  if (code === 'BAD_NUMBER') return 'invalid-number';
  if (code === 'CARRIER_REFUSED') return 'refused';
  return code === 'CARRIER_UNAVAILABLE' || code === 'CARRIER_UNREACHABLE' ? 'carrier-error' : 'failed';
}
