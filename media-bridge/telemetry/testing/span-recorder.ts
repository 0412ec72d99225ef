// A tracer that keeps what it is told of spans.
import {
  type Context,
  type Span,
  type SpanContext,
  type SpanOptions,
  TraceFlags,
  type Tracer,
  type TracerProvider,
  trace,
} from '@opentelemetry/api';

export interface RecordedSpan {
  readonly name: string;
  readonly parent: string | undefined;
  readonly startMs: number;
  endMs: number | undefined;
  ends: number;
  readonly attributes: Record<string, unknown>;
  failed: boolean;
}

export class SpanRecorder implements TracerProvider {
  readonly spans: RecordedSpan[] = [];
  readonly #byId = new Map<string, RecordedSpan>();

  getTracer(): Tracer {
    const startSpan = (name: string, options: SpanOptions = {}, within?: Context) => this.#start(name, options, within);
    return { startSpan } as Tracer;
  }

  #start(name: string, { startTime, attributes = {} }: SpanOptions, within?: Context): Span {
    const parent = within && trace.getSpanContext(within);
    const spanId = String(this.spans.length + 1).padStart(16, '0');
    const recorded: RecordedSpan = {
      name,
      parent: parent && this.#byId.get(parent.spanId)?.name,
      startMs: (startTime as Date).getTime(),
      endMs: undefined,
      ends: 0,
      attributes: { ...attributes },
      failed: false,
    };
    this.spans.push(recorded);
    this.#byId.set(spanId, recorded);
    const context: SpanContext = { traceId: '1'.repeat(32), spanId, traceFlags: TraceFlags.SAMPLED };
    const span = {
      spanContext: () => context,
      setAttribute(key: string, value: unknown) {
        recorded.attributes[key] = value;
        return span;
      },
      setAttributes(values: object) {
        Object.assign(recorded.attributes, values);
        return span;
      },
      setStatus() {
        recorded.failed = true;
        return span;
      },
      end(at: Date) {
        recorded.ends += 1;
        recorded.endMs ??= at.getTime();
      },
    };
    return span as unknown as Span;
  }
}
