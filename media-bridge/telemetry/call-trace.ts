// One call's part of its trace at the bridge: makes spans of what the journal is told, when all of it has happened.
import { type Attributes, type Context, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { CallEvent } from '../../shared/call/call-event.ts';
import type { MediaTicket } from '../../shared/media-token.ts';
import { formatServiceCodes } from '../../shared/service-word.ts';
import { attributeNames, scopeName, spanNames } from '../../shared/telemetry/names.ts';
import { formatTraceIds, parseTraceContext } from '../../shared/telemetry/trace-context.ts';
import { GreetingSpan } from './greeting-span.ts';
import { ToolSpans } from './tool-spans.ts';
import { TurnTrace } from './turn-trace.ts';

/** Writers may disagree on the time by a little: nothing ends before it began. */
const later = (ms: number, thanMs: number) => Math.max(ms, thanMs);

/** Open while it lasts. */
interface Stretch {
  readonly span: Span;
  readonly startMs: number;
}

/** What others wrote is told here for the end of what is waited for; the turns of another replica are in that one's trace. */
const ofOthers: ReadonlySet<CallEvent['type']> = new Set([
  'call-connected',
  'call-ended',
  'hang-up-requested',
  'transfer-requested',
  'transfer-started',
  'transfer-answered',
  'transfer-failed',
  'answered-by',
]);

export type CallTraceOptions = Pick<MediaTicket, 'callId' | 'carrier' | 'direction' | 'agent' | 'traceparent'> & {
  readonly replica: string;
  /** Unix time in ms. */
  readonly startMs: number;
};

/** The times are those of the events: nobody waits for a span, and none is made while audio moves. */
export class CallTrace {
  readonly #call: Stretch;
  readonly #inCall: Context;
  readonly #callId: string;
  readonly #greeting: GreetingSpan;
  readonly #turn: TurnTrace;
  readonly #tools: ToolSpans;
  #media: Stretch | undefined;
  #model: Stretch | undefined;
  #failover: Stretch | undefined;
  #transfer: Stretch | undefined;
  #hangUp: Stretch | undefined;
  /** Since when a model is being opened. */
  #openingSinceMs: number;
  #modelName: string | undefined;
  #isOver = false;

  constructor({ callId, carrier, direction, agent, traceparent, replica, startMs }: CallTraceOptions) {
    this.#callId = callId;
    const parent = parseTraceContext(traceparent);
    const span = trace.getTracer(scopeName).startSpan(
      `${spanNames.call} ${agent}`,
      {
        kind: SpanKind.SERVER,
        startTime: new Date(startMs),
        attributes: {
          [attributeNames.callId]: callId,
          [attributeNames.operation]: spanNames.call,
          [attributeNames.agent]: agent,
          [attributeNames.carrier]: carrier,
          [attributeNames.direction]: direction,
          [attributeNames.replica]: replica,
        },
      },
      parent,
    );
    this.#call = { span, startMs };
    this.#inCall = trace.setSpan(parent, span);
    this.#openingSinceMs = startMs;
    this.#greeting = new GreetingSpan((name, at, attributes) => this.#begin(name, at, attributes));
    this.#turn = new TurnTrace((name, at, attributes, within) => this.#begin(name, at, attributes, within));
    this.#tools = new ToolSpans((name, at, attributes, within) => this.#begin(name, at, attributes, within));
  }

  /** For log lines and events of this call. */
  get context(): Context {
    return this.#inCall;
  }

  get ids(): { traceId: string; spanId: string } {
    return formatTraceIds(this.#call.span.spanContext());
  }

  observe(event: CallEvent, isOurs: boolean): void {
    if (this.#isOver || (!isOurs && !ofOthers.has(event.type))) return;
    const { at } = event;
    if (isOurs) this.#greeting.observe(event);
    switch (event.type) {
      case 'media-started':
        this.#finish(this.#media, at);
        this.#media = this.#open(spanNames.media, at);
        return;
      case 'media-stopped':
        this.#media = this.#finish(this.#media, at, event.clean ? undefined : 'MEDIA_LOST');
        return;
      case 'model-opened':
        this.#modelOpened(event);
        return;
      case 'model-lost':
        this.#modelLost(event);
        return;
      case 'reply-timed':
        this.#turn.begin(event, this.#modelName);
        this.#tools.settle(this.#turn.context, this.#turn.startMs);
        return;
      case 'turn-finished':
        if (event.role === 'agent' && !event.interrupted) this.#turn.end(at);
        return;
      case 'agent-interrupted':
        this.#turn.interrupt(event);
        return;
      case 'tool-called':
        this.#tools.add(event, this.#turn.context);
        return;
      case 'consultation-started':
      case 'transfer-requested':
      case 'transfer-started':
        this.#transfer ??= this.#open(spanNames.transfer, at);
        return;
      case 'transfer-answered':
        this.#transfer = this.#finish(this.#transfer, at);
        return;
      case 'transfer-failed':
        this.#transfer = this.#finish(this.#transfer, at, formatServiceCodes(event.code));
        return;
      case 'hang-up-requested':
        this.#hangUp ??= this.#open(spanNames.hangUp, at, { [attributeNames.reason]: event.reason });
        return;
      case 'answered-by':
        this.#call.span.setAttribute(attributeNames.answeredBy, event.answeredBy);
        return;
      case 'call-ended':
        this.#call.span.setAttribute(attributeNames.reason, event.reason);
        this.#hangUp = this.#finish(this.#hangUp, at);
        return;
      default:
        // The rest is a moment of the call, and no stretch of it.
        return;
    }
  }

  /** Ends what is open. Idempotent. */
  close(atMs: number): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#turn.end(atMs);
    this.#tools.settle(undefined, atMs);
    for (const stretch of [this.#media, this.#model, this.#failover, this.#transfer, this.#hangUp, this.#call])
      this.#finish(stretch, atMs);
  }

  #modelOpened({ model, tookMs, at }: Extract<CallEvent, { type: 'model-opened' }>): void {
    const attributes = { [attributeNames.model]: model };
    const within = this.#failover && trace.setSpan(this.#inCall, this.#failover.span);
    const connect = this.#begin(spanNames.connectModel, at - tookMs, attributes, within, SpanKind.CLIENT);
    connect.end(new Date(at));
    this.#failover = this.#finish(this.#failover, at);
    this.#finish(this.#model, at);
    this.#model = this.#open(spanNames.modelSession, at, attributes);
    this.#modelName = model;
    this.#call.span.setAttribute(attributeNames.model, model);
  }

  /** One that was never opened has failed to open. */
  #modelLost({ model, code, at }: Extract<CallEvent, { type: 'model-lost' }>): void {
    const attributes = { [attributeNames.model]: model };
    if (this.#model) this.#model = this.#finish(this.#model, at, code);
    else {
      const startMs = this.#openingSinceMs;
      const within = this.#failover && trace.setSpan(this.#inCall, this.#failover.span);
      const span = this.#begin(spanNames.connectModel, startMs, attributes, within, SpanKind.CLIENT);
      this.#finish({ span, startMs }, at, code);
    }
    this.#openingSinceMs = at;
    this.#failover ??= this.#open(spanNames.failover, at, { ...attributes, [attributeNames.error]: code });
  }

  #open(name: string, startMs: number, attributes?: Attributes): Stretch {
    return { span: this.#begin(name, startMs, attributes), startMs };
  }

  #begin(
    name: string,
    startMs: number,
    attributes: Attributes = {},
    within: Context = this.#inCall,
    kind = SpanKind.INTERNAL,
  ): Span {
    return trace.getTracer(scopeName).startSpan(
      name,
      {
        kind,
        startTime: new Date(startMs),
        attributes: { [attributeNames.callId]: this.#callId, ...attributes },
      },
      within,
    );
  }

  /** The error is told of by the log, once: a span only says that there was one. */
  #finish(stretch: Stretch | undefined, atMs: number, code?: string): undefined {
    if (!stretch) return undefined;
    const { span, startMs } = stretch;
    if (code !== undefined) span.setAttribute(attributeNames.error, code).setStatus({ code: SpanStatusCode.ERROR });
    span.end(new Date(later(atMs, startMs)));
    return undefined;
  }
}
