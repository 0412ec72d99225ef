// The waterfall of one turn: what the caller waited for, stage by stage, and the reply that came.
import { type Attributes, type Context, ROOT_CONTEXT, type Span, trace } from '@opentelemetry/api';
import type { CallEvent } from '../../shared/call/call-event.ts';
import { attributeNames, spanNames } from '../../shared/telemetry/names.ts';

export type BeginSpan = (name: string, startMs: number, attributes?: Attributes, within?: Context) => Span;

interface OpenTurn {
  readonly turn: Span;
  readonly reply: Span;
  readonly context: Context;
  readonly startMs: number;
  readonly replyAtMs: number;
}

/** From the caller's last sound: `wait` is what they waited, and its stages follow each other without a gap. */
export class TurnTrace {
  readonly #begin: BeginSpan;
  #open: OpenTurn | undefined;

  constructor(begin: BeginSpan) {
    this.#begin = begin;
  }

  /** Undefined between two turns. */
  get context(): Context | undefined {
    return this.#open?.context;
  }

  get startMs(): number | undefined {
    return this.#open?.startMs;
  }

  /** `model`: the one that answered. */
  begin(timed: Extract<CallEvent, { type: 'reply-timed' }>, model: string | undefined): void {
    this.end(timed.at);
    const { at: soundedMs, latencyMs, endpointingMs = 0, playoutMs = 0 } = timed;
    const overMs = soundedMs - latencyMs;
    const startMs = overMs - endpointingMs;
    const heardMs = soundedMs + playoutMs;
    const attributes = model === undefined ? {} : { [attributeNames.model]: model };
    const turn = this.#begin(spanNames.turn, startMs, attributes);
    const context = trace.setSpan(ROOT_CONTEXT, turn);
    const wait = this.#begin(spanNames.wait, startMs, attributes, context);
    const inWait = trace.setSpan(context, wait);
    const stages = [
      [spanNames.endpointing, startMs, overMs],
      [spanNames.firstAudio, overMs, soundedMs],
      [spanNames.playout, soundedMs, heardMs],
    ] as const;
    for (const [name, fromMs, toMs] of stages) this.#begin(name, fromMs, {}, inWait).end(new Date(toMs));
    wait.end(new Date(heardMs));
    const reply = this.#begin(spanNames.reply, heardMs, {}, context);
    this.#open = { turn, reply, context, startMs, replyAtMs: heardMs };
  }

  /** The caller barged in, or the call ended, before all of it was heard. */
  interrupt({ at, heardMs, stopMs }: Extract<CallEvent, { type: 'agent-interrupted' }>): void {
    this.#open?.reply.setAttributes({
      [attributeNames.interrupted]: true,
      [attributeNames.heardMs]: heardMs,
      [attributeNames.stopMs]: stopMs,
    });
    this.end(at);
  }

  /** The reply was heard to its end. */
  end(atMs: number): void {
    if (!this.#open) return;
    const { turn, reply, replyAtMs } = this.#open;
    this.#open = undefined;
    const end = new Date(Math.max(atMs, replyAtMs));
    reply.end(end);
    turn.end(end);
  }
}
