// What the agent says first of itself, as a span: from when it could be heard until it was, or until the caller had the word.
import type { CallEvent } from '../../shared/call/call-event.ts';
import { attributeNames, spanNames } from '../../shared/telemetry/names.ts';
import type { BeginSpan } from './turn-trace.ts';

export class GreetingSpan {
  readonly #begin: BeginSpan;
  #hasMedia = false;
  #hasModel = false;
  #readyMs: number | undefined;
  #isOver = false;

  constructor(begin: BeginSpan) {
    this.#begin = begin;
  }

  observe(event: CallEvent): void {
    if (this.#isOver) return;
    switch (event.type) {
      case 'media-started':
      case 'model-opened':
        if (event.type === 'media-started') this.#hasMedia = true;
        else this.#hasModel = true;
        if (this.#hasMedia && this.#hasModel) this.#readyMs ??= event.at;
        return;
      case 'turn-finished':
        // Of one that was cut the cut tells more.
        if (event.role === 'agent' && !event.interrupted) this.#end(event.at);
        return;
      case 'agent-interrupted':
        this.#end(event.at, event);
        return;
      case 'reply-timed':
        this.#isOver = true;
        return;
      default:
    }
  }

  #end(at: number, cut?: { readonly heardMs: number; readonly stopMs: number }): void {
    this.#isOver = true;
    if (this.#readyMs === undefined) return;
    const attributes = cut && {
      [attributeNames.interrupted]: true,
      [attributeNames.heardMs]: cut.heardMs,
      [attributeNames.stopMs]: cut.stopMs,
    };
    this.#begin(spanNames.greeting, this.#readyMs, attributes).end(new Date(Math.max(at, this.#readyMs)));
  }
}
