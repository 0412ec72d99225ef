// What a bridge is like now: read from plain numbers whenever metrics are collected, and never where audio moves.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { type BatchObservableCallback, metrics, type Observable } from '@opentelemetry/api';
import { metricNames, scopeName } from '../../shared/telemetry/names.ts';

export interface BridgeGaugesOptions {
  readonly registry: { readonly size: number };
  readonly mediaCounts: { readonly lateFrames: number; readonly droppedFrames: number; readonly filledMs: number };
  readonly ledger: { readonly backlog: { readonly events: number }; readonly lagMs: number };
}

const nanosecondsAMs = 1e6;
/** How often the delay of the event loop is looked at. */
const resolutionMs = 20;

export class BridgeGauges {
  readonly #observe: BatchObservableCallback;
  readonly #instruments: Observable[];
  #delay: ReturnType<typeof monitorEventLoopDelay> | undefined;

  constructor({ registry, mediaCounts, ledger }: BridgeGaugesOptions) {
    const meter = metrics.getMeter(scopeName);
    const ms = { unit: 'ms' };
    const live = meter.createObservableGauge(metricNames.callsLive);
    const late = meter.createObservableCounter(metricNames.lateFrames);
    const dropped = meter.createObservableCounter(metricNames.droppedFrames);
    const filled = meter.createObservableCounter(metricNames.filledMs, ms);
    const backlog = meter.createObservableGauge(metricNames.storeBacklog);
    const lag = meter.createObservableGauge(metricNames.storeLagMs, ms);
    const delay = meter.createObservableGauge(metricNames.eventLoopDelayMs, ms);
    this.#instruments = [live, late, dropped, filled, backlog, lag, delay];
    this.#observe = (result) => {
      result.observe(live, registry.size);
      result.observe(late, mediaCounts.lateFrames);
      result.observe(dropped, mediaCounts.droppedFrames);
      result.observe(filled, mediaCounts.filledMs);
      result.observe(backlog, ledger.backlog.events);
      result.observe(lag, ledger.lagMs);
      result.observe(delay, this.#readDelay());
    };
    meter.addBatchObservableCallback(this.#observe, this.#instruments);
  }

  /** Idempotent. */
  close(): void {
    metrics.getMeter(scopeName).removeBatchObservableCallback(this.#observe, this.#instruments);
    this.#delay?.disable();
  }

  /** The worst hundredth since it was read last. Nobody pays for it who collects no metrics: the first reading only begins it. */
  #readDelay(): number {
    if (!this.#delay) {
      this.#delay = monitorEventLoopDelay({ resolution: resolutionMs });
      this.#delay.enable();
      return 0;
    }
    const p99 = this.#delay.percentile(99) / nanosecondsAMs - resolutionMs;
    this.#delay.reset();
    return Math.max(0, p99);
  }
}
