// Counts and durations of calls at the bridge, taken from what journals are told.
import { type Counter, type Histogram, metrics } from '@opentelemetry/api';
import type { CallEvent } from '../../shared/call/call-event.ts';
import { attributeNames, metricNames, scopeName } from '../../shared/telemetry/names.ts';

const ms = { unit: 'ms' };

/** What a call remembers from one event to the next. */
export interface MeteredCall {
  model?: string | undefined;
  hadMedia?: boolean;
  hasLostModel?: boolean;
}

/** One a process: its instruments are made once. */
export class CallMetrics {
  readonly #turnMs: Histogram;
  readonly #stopMs: Histogram;
  readonly #connectMs: Histogram;
  readonly #toolMs: Histogram;
  readonly #reconnects: Counter;
  readonly #losses: Counter;
  readonly #failovers: Counter;

  constructor() {
    const meter = metrics.getMeter(scopeName);
    this.#turnMs = meter.createHistogram(metricNames.turnMs, ms);
    this.#stopMs = meter.createHistogram(metricNames.bargeInStopMs, ms);
    this.#connectMs = meter.createHistogram(metricNames.modelConnectMs, ms);
    this.#toolMs = meter.createHistogram(metricNames.toolMs, ms);
    this.#reconnects = meter.createCounter(metricNames.reconnects);
    this.#losses = meter.createCounter(metricNames.modelLosses);
    this.#failovers = meter.createCounter(metricNames.failovers);
  }

  /** Of what this replica wrote itself: each fact counts where it was written. */
  observe(call: MeteredCall, event: CallEvent): void {
    const model = { [attributeNames.model]: call.model ?? 'none' };
    switch (event.type) {
      case 'media-started':
        if (call.hadMedia) this.#reconnects.add(1);
        call.hadMedia = true;
        return;
      case 'model-opened':
        call.model = event.model;
        this.#connectMs.record(event.tookMs, { [attributeNames.model]: event.model });
        if (call.hasLostModel) this.#failovers.add(1, { [attributeNames.model]: event.model });
        call.hasLostModel = false;
        return;
      case 'model-lost':
        call.hasLostModel = true;
        this.#losses.add(1, { [attributeNames.model]: event.model, [attributeNames.error]: event.code });
        return;
      case 'reply-timed':
        this.#turnMs.record(event.latencyMs + (event.endpointingMs ?? 0) + (event.playoutMs ?? 0), model);
        return;
      case 'agent-interrupted':
        this.#stopMs.record(event.stopMs, model);
        return;
      case 'tool-called':
        this.#toolMs.record(event.tookMs, { [attributeNames.tool]: event.name });
        return;
      default:
        return;
    }
  }
}
