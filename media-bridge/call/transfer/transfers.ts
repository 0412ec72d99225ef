// Hands the caller of one call over to a person: has done what the steps of a transfer say, and keeps the caller on hold meanwhile.
import { context } from '@opentelemetry/api';
import type { AgentProfile } from '../../../shared/agents/agent.ts';
import type { TransferTarget } from '../../../shared/agents/transfer-targets.ts';
import type { CallEvent } from '../../../shared/call/call-event.ts';
import { isWorthAnotherNumber, type TransferOutcome } from '../../../shared/call/transfer-outcome.ts';
import { AppError } from '../../../shared/errors.ts';
import type { Logger } from '../../../shared/logger.ts';
import { parseTraceContext } from '../../../shared/telemetry/trace-context.ts';
import type { CallControl } from '../../../shared/telephony/call-control.ts';
import { ToolRefusal } from '../../../shared/tools/tool.ts';
import type { WordedRequest } from '../../voice-models/voice-model.ts';
import type { CallJournal } from '../call-journal.ts';
import type { CallerHold } from './caller-hold.ts';
import {
  ConsultationCall,
  type ConsultationCallOptions,
  dropCall,
  readTransferError,
  type TransferPermit,
} from './consultation-call.ts';
import {
  stepTransfer,
  type TransferAction,
  type TransferInput,
  type TransferPhase,
  type TransferState,
} from './transfer-steps.ts';
import { createFailureWords, createHoldWords } from './transfer-words.ts';

/** Beside the ringing: the request to the carrier. */
const dialMs = 10_000;
/** Longer than the longest brief is, and some questions about it. */
const briefingMs = 90_000;
/** Within a second, as a rule. */
const joinMs = 8_000;
/** ACS rings for a minute when it hands over by itself, Twilio for as long as it is told. */
const forwardMs = 75_000;
/** Whoever the carrier asks about the call finds in the store what is under way. */
const catchUpMs = 300;

/** The session's side. */
export interface TransferLine {
  readonly hold: CallerHold;
  tell(request: WordedRequest): void;
  /** The call goes on without us. */
  close(): void;
}

export interface TransfersOptions extends Omit<ConsultationCallOptions, 'onNews'> {
  readonly agent: AgentProfile;
  readonly journal: CallJournal;
  readonly control: CallControl;
  /** Of the carrier, for the call. */
  findCarrierCallId(): string | undefined;
  permitCall(to: string, orderId: string): Promise<TransferPermit>;
  permitForward(to: string): Promise<TransferPermit>;
  readonly log: Logger;
}

interface Order {
  readonly target: string;
  readonly brief: string;
}

export class Transfers {
  readonly #options: TransfersOptions;
  readonly #line: TransferLine;
  readonly #hold: CallerHold;
  #state: TransferState = { phase: 'none' };
  #order: Order = { target: 'unknown', brief: '' };
  #leg: ConsultationCall | undefined;
  #expiry: NodeJS.Timeout | undefined;

  constructor(options: TransfersOptions, line: TransferLine) {
    this.#options = options;
    this.#line = line;
    this.#hold = line.hold;
  }

  /** What the agent has to say before anything else, to a caller who was on hold in vain. */
  get opening(): WordedRequest | undefined {
    const failed = this.#options.journal.state.transferFailed;
    return failed && createFailureWords(failed.target, failed.outcome);
  }

  /** For the agent. Throws ToolRefusal where it cannot begin. */
  ask(target: string, brief: string): void {
    if (!this.#find(target)) throw new ToolRefusal('There is nobody of this name.');
    if (this.#state.phase !== 'none') throw new ToolRefusal('The caller is being handed over already.');
    this.#begin(target, brief, this.#find(target)!.handover);
  }

  /** The call comes here, and may have been in the midst of it: what a replica that is gone had begun is taken back. */
  resume(): 'left' | undefined {
    const { journal, log } = this.#options;
    const { consultation, isTransferred, transferFailed, transferAsked, askedToEnd } = journal.state;
    if (askedToEnd !== undefined) return undefined;
    if (isTransferred) {
      this.#leave();
      return 'left';
    }
    if (consultation) {
      log.warn({ leg: consultation.leg }, 'a caller on hold came here: whoever was asked for them is let go');
      void dropCall(consultation.leg, undefined, this.#options);
      journal.record({ type: 'transfer-failed', code: 'INTERRUPTED', outcome: 'interrupted' });
    } else if (transferFailed && transferAsked === undefined && transferFailed.wasForwarded) {
      this.#order = { target: transferFailed.target, brief: '' };
      const attempt = transferFailed.attempt + 1;
      const numbers = this.#find(transferFailed.target)?.numbers.length ?? 0;
      if (attempt >= numbers || !isWorthAnotherNumber(transferFailed.outcome)) return undefined;
      this.#hold.begin();
      this.#step({ type: 'asked', handover: 'cold', attempt });
    }
    return undefined;
  }

  /** Something that others wrote about the call. */
  observe(event: CallEvent): void {
    switch (event.type) {
      case 'transfer-requested':
        this.#order = { target: event.target, brief: '' };
        this.#hold.begin();
        this.#step({ type: 'forwarded', attempt: event.attempt ?? 0 });
        return;
      case 'transfer-ordered':
        // Meanwhile the agent may have begun to by itself, or the call is about to end.
        if (this.#state.phase !== 'none' || this.#options.journal.state.askedToEnd !== undefined) return;
        if (!this.#find(event.target)) return;
        this.#line.tell(createHoldWords(event.target));
        this.#begin(event.target, event.brief, 'warm');
        return;
      case 'transfer-failed':
        this.#step({ type: 'failed', outcome: event.outcome ?? 'failed' });
        return;
      case 'transfer-answered':
        this.#step({ type: 'joined' });
        return;
      default:
    }
  }

  /** Idempotent. */
  close(): void {
    this.#step({ type: 'ended' });
    clearTimeout(this.#expiry);
    this.#hold.close();
  }

  #begin(target: string, brief: string, handover: TransferTarget['handover']): void {
    this.#order = { target, brief: brief.trim() || this.#findMatter() };
    this.#step({ type: 'asked', handover, attempt: 0 });
    this.#hold.announce();
  }

  #step(input: TransferInput): void {
    const numbers = this.#find(this.#order.target)?.numbers.length ?? 1;
    const before = this.#state.phase;
    const { state, actions } = stepTransfer(this.#state, input, numbers);
    this.#state = state;
    if (state.phase !== before || actions.some(({ do: what }) => what === 'call' || what === 'forward')) this.#arm();
    for (const action of actions) this.#do(action);
  }

  #do(action: TransferAction): void {
    switch (action.do) {
      case 'call':
        this.#run(() => this.#call(action.attempt));
        return;
      case 'forward':
        this.#run(() => this.#forward(action.attempt));
        return;
      case 'join':
        this.#run(() => this.#join());
        return;
      case 'drop':
        this.#leg?.drop();
        this.#leg = undefined;
        return;
      case 'give-back':
        this.#giveBack(action.outcome);
        return;
      case 'leave':
        this.#leave();
        return;
      default:
        action satisfies never;
    }
  }

  /** What fails is a failed transfer, of that attempt. */
  #run(work: () => Promise<void>): void {
    const wanted = this.#state;
    work().catch((error: unknown) => {
      this.#options.log.warn({ error, phase: wanted.phase }, 'a step of a transfer failed');
      if (this.#state === wanted) this.#step({ type: 'failed', outcome: readTransferError(error) });
    });
  }

  async #call(attempt: number): Promise<void> {
    const { journal, agent, control, permitCall } = this.#options;
    const { target, brief } = this.#order;
    const { numbers, ring_seconds: ringTimeoutSeconds } = this.#find(target)!;
    const { callId, ourNumber = '', traceparent } = journal.state;
    const leg: ConsultationCall = new ConsultationCall({
      ...this.#options,
      onNews: (news) => this.#leg === leg && this.#step(news),
    });
    this.#leg = leg;
    journal.record({ type: 'consultation-started', leg: leg.callId, target });
    const consults = { forCall: callId, target, brief };
    const plan = { control, from: ourNumber, agent: agent.name, model: undefined, context: undefined, consults };
    // The call to the person is a part of what happens to the caller.
    await context.with(parseTraceContext(traceparent), () =>
      leg.dial({ ...plan, ringTimeoutSeconds }, (orderId) => permitCall(numbers[attempt]!, orderId)),
    );
    // ACS would ring for two minutes.
    if (this.#leg === leg && this.#state.phase === 'calling') this.#arm(ringTimeoutSeconds * 1000);
  }

  /** Twilio takes the caller from us at once: what the agent says of it is heard first. */
  async #forward(attempt: number): Promise<void> {
    const { journal, control, permitForward } = this.#options;
    const { target } = this.#order;
    await this.#hold.begun;
    if (this.#state.phase !== 'forwarding') return;
    const permit = await permitForward(this.#find(target)!.numbers[attempt]!);
    // The caller may have left while it was counted.
    if (this.#state.phase !== 'forwarding') return permit.giveBack();
    try {
      journal.record({ type: 'transfer-requested', target, attempt });
      await journal.catchUp(catchUpMs);
      const { callId, ourNumber = '' } = journal.state;
      await control.transfer({ callId, carrierCallId: this.#findCarrierCallId() }, permit.number, ourNumber);
    } catch (error) {
      await permit.giveBack();
      throw error;
    }
  }

  async #join(): Promise<void> {
    const { journal, control } = this.#options;
    const leg = this.#leg;
    const { target } = this.#order;
    if (!leg?.joined) throw new AppError('CARRIER_REFUSED', 'the carrier has not named the call to the person yet');
    journal.record({ type: 'transfer-started', target });
    await Promise.all([journal.catchUp(catchUpMs), leg.expectJoin(target)]);
    const { callId } = journal.state;
    try {
      await control.join({ callId, carrierCallId: this.#findCarrierCallId() }, leg.joined);
      leg.markJoined(target);
    } catch (error) {
      // The caller may have been taken from us meanwhile, and nobody else lets the person go.
      leg.drop();
      throw error;
    }
  }

  #giveBack(outcome: TransferOutcome): void {
    const { journal, log } = this.#options;
    // A carrier's own word is written down already.
    if (journal.state.transferFailed?.outcome !== outcome) {
      const code = outcome.toUpperCase();
      journal.record({ type: 'transfer-failed', code, outcome });
      log.warn({ code }, 'a caller was not handed over');
    }
    this.#hold.end();
    this.#line.tell(createFailureWords(this.#order.target, outcome));
  }

  #leave(): void {
    const { control, log } = this.#options;
    this.#hold.close();
    const left = async () => control.leave(this.#findCarrierCallId());
    left()
      .catch((error: unknown) => {
        if (!(error instanceof AppError && error.code === 'CALL_GONE'))
          log.warn({ error }, 'the sound is not ended yet');
      })
      .finally(() => this.#line.close())
      .catch(() => {});
  }

  #arm(limitMs = this.#findLimitMs(this.#state.phase)): void {
    clearTimeout(this.#expiry);
    if (limitMs !== undefined) this.#expiry = setTimeout(() => this.#expire(), limitMs);
  }

  #findLimitMs(phase: TransferPhase): number | undefined {
    switch (phase) {
      case 'calling':
        return this.#find(this.#order.target)!.ring_seconds * 1000 + dialMs;
      case 'briefing':
        return briefingMs;
      case 'joining':
        return joinMs;
      case 'forwarding':
        return forwardMs;
      case 'none':
      case 'over':
        return undefined;
      default:
        return phase satisfies never;
    }
  }

  /** What the carrier was to tell may have been lost: it is asked before two who talk are parted. */
  #expire(): void {
    if (this.#state.phase !== 'joining') {
      this.#step({ type: 'expired' });
      return;
    }
    const { control, journal } = this.#options;
    const count = async () => control.countPeople(this.#findCarrierCallId());
    count()
      .catch(() => undefined)
      .then((people) => {
        const isJoined = people !== undefined && people > 1;
        if (isJoined) journal.record({ type: 'transfer-answered' });
        this.#step({ type: isJoined ? 'joined' : 'expired' });
      })
      .catch(() => {});
  }

  #find(target: string): TransferTarget | undefined {
    const { transfer_targets: targets } = this.#options.agent;
    return Object.hasOwn(targets, target) ? targets[target] : undefined;
  }

  #findCarrierCallId(): string {
    const id = this.#options.findCarrierCallId();
    if (id === undefined) throw new AppError('CARRIER_REFUSED', 'the carrier has not named the call');
    return id;
  }

  /** A model that says nothing of it: what the caller said last. */
  #findMatter(): string {
    const said = this.#options.journal.state.turns.findLast(({ role }) => role === 'caller')?.text ?? '';
    return said === '' ? '' : `They said: ${said}`;
  }
}
