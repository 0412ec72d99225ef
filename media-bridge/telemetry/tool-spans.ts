// Spans of tools: a tool runs before the reply that tells of it, so its span waits for the turn that it belongs to.
import { type Context, SpanStatusCode } from '@opentelemetry/api';
import type { CallEvent } from '../../shared/call/call-event.ts';
import { attributeNames, spanNames } from '../../shared/telemetry/names.ts';
import type { BeginSpan } from './turn-trace.ts';

type ToolCalled = Extract<CallEvent, { type: 'tool-called' }>;

/** Of one turn. A model that calls more tools without a word is lost to dead air long before. */
const maxWaiting = 32;

export class ToolSpans {
  readonly #begin: BeginSpan;
  #waiting: ToolCalled[] = [];

  constructor(begin: BeginSpan) {
    this.#begin = begin;
  }

  /** `turn`: the one that is being answered; undefined where its answer has not begun. */
  add(called: ToolCalled, turn: Context | undefined): void {
    if (turn || this.#waiting.length >= maxWaiting) this.#write(called, turn);
    else this.#waiting.push(called);
  }

  /** Those that ran since the caller fell silent are the turn's; all others are the call's. */
  settle(turn: Context | undefined, startMs: number | undefined): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const called of waiting) {
      const isOfTurn = startMs !== undefined && called.at - called.tookMs >= startMs;
      this.#write(called, isOfTurn ? turn : undefined);
    }
  }

  #write({ name, ok, tookMs, at }: ToolCalled, within: Context | undefined): void {
    const attributes = { [attributeNames.tool]: name, [attributeNames.operation]: spanNames.tool };
    const span = this.#begin(`${spanNames.tool} ${name}`, at - tookMs, attributes, within);
    if (!ok) span.setAttribute(attributeNames.error, 'TOOL_FAILED').setStatus({ code: SpanStatusCode.ERROR });
    span.end(new Date(at));
  }
}
