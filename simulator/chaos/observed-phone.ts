// A phone with a listener beside it: when the line was there, what came out of the earpiece, and what was said into it.
import { level } from '../caller/agent-ear.ts';
import type { PersonEvent } from '../caller/person-script.ts';
import { type Phone, phoneFrameMs } from '../caller/phone.ts';
import type { Span, Words } from './world-record.ts';

/** Speech lies above 500, a soft tone above 200, a codec's silence below 50. */
const audibleLevel = 100;
/** Between two sounds that are one. */
const breathMs = 200;

export class ObservedPhone implements Phone {
  readonly sounds: { fromMs: number; toMs: number }[] = [];
  readonly said: Words[] = [];
  readonly pressedAtMs: number[] = [];
  /** Where the tapes of what was heard and said begin. */
  fromMs: number | undefined;
  toMs: number | undefined;
  hungUpAtMs: number | undefined;
  readonly #phone: Phone;
  #sayingFromMs = 0;

  constructor(phone: Phone) {
    this.#phone = phone;
  }

  get hangsUp(): boolean {
    const { hangsUp } = this.#phone;
    if (hangsUp) this.hungUpAtMs ??= performance.now();
    return hangsUp;
  }

  get line(): Span | undefined {
    return this.fromMs === undefined ? undefined : { fromMs: this.fromMs, toMs: this.toMs ?? performance.now() };
  }

  speak(): Int16Array {
    this.fromMs ??= performance.now();
    return this.#phone.speak();
  }

  hear(samples: Int16Array): void {
    const nowMs = performance.now();
    this.fromMs ??= nowMs;
    if (level(samples) >= audibleLevel) {
      const last = this.sounds.at(-1);
      if (last && nowMs - last.toMs <= breathMs) last.toMs = nowMs;
      else this.sounds.push({ fromMs: nowMs - phoneFrameMs, toMs: nowMs });
    }
    this.#phone.hear(samples);
  }

  takeKeys(): string {
    return this.#phone.takeKeys();
  }

  lineClosed(): void {
    this.toMs ??= performance.now();
    this.#phone.lineClosed();
  }

  /** To be told of what the person does. */
  note(event: PersonEvent): void {
    if (event.type === 'started-saying') this.#sayingFromMs = performance.now();
    else if (event.type === 'pressed') this.pressedAtMs.push(performance.now());
    // Told with the last frame, which lasts until the next beat.
    else if (event.type === 'finished-saying')
      this.said.push({ fromMs: this.#sayingFromMs, toMs: performance.now() + phoneFrameMs, text: event.text });
  }
}
