// Counts what is refused at the door: orders by the dial guard, and callbacks that no carrier of ours has signed.
import { type Counter, metrics } from '@opentelemetry/api';
import { AppError, type ErrorCode } from '../../shared/errors.ts';
import { emitCustomEvent } from '../../shared/telemetry/custom-events.ts';
import { attributeNames, eventNames, metricNames, scopeName } from '../../shared/telemetry/names.ts';

const dialRefusals: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['DIAL_NOT_ALLOWED', 'DIAL_CAP_REACHED']);
const signatureRefusals: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['UNAUTHENTICATED', 'FORBIDDEN']);
/** Functions that carriers alone call. */
const isOfCarrier = (functionName: string) => /^(acs-callback|twilio-)/.test(functionName);

export class Refusals {
  readonly #dials: Counter;
  readonly #callbacks: Counter;

  constructor() {
    const meter = metrics.getMeter(scopeName);
    this.#dials = meter.createCounter(metricNames.dialRefusals);
    this.#callbacks = meter.createCounter(metricNames.callbackRefusals);
  }

  /** `handle`, with its refusals counted. */
  watch<Given extends unknown[], Answer>(
    functionName: string,
    handle: (...given: Given) => Promise<Answer>,
  ): (...given: Given) => Promise<Answer> {
    return async (...given) => {
      try {
        return await handle(...given);
      } catch (error) {
        if (error instanceof AppError) this.#count(functionName, error.code);
        throw error;
      }
    };
  }

  #count(functionName: string, code: ErrorCode): void {
    const attributes = { [attributeNames.function]: functionName, [attributeNames.error]: code };
    if (dialRefusals.has(code)) this.#dials.add(1, attributes);
    if (!isOfCarrier(functionName) || !signatureRefusals.has(code)) return;
    this.#callbacks.add(1, attributes);
    emitCustomEvent(eventNames.callbackRefused, attributes);
  }
}
