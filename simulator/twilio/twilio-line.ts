// The line between one phone and Twilio: on every beat it carries 20 ms each way, the keys, and the news of a hang-up.
import { createAudioConverter } from '../../media-bridge/audio/audio-converter.ts';
import { createSilence, mulaw8k, pcm16k } from '../../media-bridge/audio/audio-format.ts';
import { type Phone, phoneFrameSamples } from '../caller/phone.ts';
import { ByteQueue } from '../line/byte-queue.ts';
import { startFrameClock } from '../line/frame-clock.ts';
import type { TwilioMediaLeg } from './twilio-media-leg.ts';

const wireFrameBytes = 160;
const phoneFrameBytes = phoneFrameSamples * 2;
/** The resampler may hold back a few samples; this much silence ahead keeps every frame whole. */
const leadMs = 4;

export class TwilioLine {
  readonly #phone: Phone;
  readonly #onHangUp: () => void;
  readonly #stopClock: () => void;
  readonly #toWire = createAudioConverter(pcm16k, mulaw8k);
  readonly #toPhone = createAudioConverter(mulaw8k, pcm16k);
  readonly #spoken = new ByteQueue();
  readonly #heard = new ByteQueue();
  #isThrough = false;
  #closed = false;
  #leg: TwilioMediaLeg | undefined;
  #peer: { readonly phone: Phone; readonly onHangUp: () => void } | undefined;

  /** Until `connect` only a hang-up is looked for. */
  constructor(phone: Phone, onHangUp: () => void) {
    this.#phone = phone;
    this.#onHangUp = onHangUp;
    this.#spoken.push(createSilence(mulaw8k, leadMs));
    this.#heard.push(createSilence(pcm16k, leadMs));
    this.#stopClock = startFrameClock(() => this.#beat());
  }

  connect(): void {
    this.#isThrough = true;
  }

  /** Who is at the other end from now on; nobody: silence. */
  attach(leg: TwilioMediaLeg | undefined): void {
    this.#leg = leg;
  }

  /** Resolves when the other phone hangs up, or this line is closed. */
  bridge(phone: Phone): Promise<void> {
    return new Promise((resolve) => {
      this.#peer = { phone, onHangUp: resolve };
    });
  }

  unbridge(): void {
    this.#dropPeer();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopClock();
    this.#phone.lineClosed();
    this.#dropPeer();
  }

  #beat(): void {
    if (this.#closed) return;
    if (this.#phone.hangsUp) {
      this.#onHangUp();
      return;
    }
    if (!this.#isThrough) return;
    const spoken = this.#phone.speak();
    const keys = this.#phone.takeKeys();
    if (this.#peer) {
      const { phone } = this.#peer;
      if (phone.hangsUp) {
        this.#dropPeer();
        return;
      }
      const said = spoken.slice();
      this.#phone.hear(phone.speak().slice());
      phone.hear(said);
      phone.takeKeys();
      return;
    }
    const samples16 = Buffer.from(spoken.buffer.slice(spoken.byteOffset, spoken.byteOffset + phoneFrameBytes));
    // A converter keeps its result only until the next call.
    this.#spoken.push(Buffer.from(this.#toWire.convert(samples16)));
    const frame = padded(this.#spoken.take(wireFrameBytes), wireFrameBytes, 0xff);
    const played = this.#leg?.beat(frame, keys) ?? Buffer.alloc(0);
    this.#heard.push(Buffer.from(this.#toPhone.convert(padded(played, wireFrameBytes, 0xff))));
    const bytes = padded(this.#heard.take(phoneFrameBytes), phoneFrameBytes, 0);
    const samples = new Int16Array(phoneFrameSamples);
    for (let i = 0; i < phoneFrameSamples; i++) samples[i] = bytes.readInt16LE(i * 2);
    this.#phone.hear(samples);
  }

  #dropPeer(): void {
    const peer = this.#peer;
    this.#peer = undefined;
    peer?.phone.lineClosed();
    peer?.onHangUp();
  }
}

function padded(bytes: Buffer, length: number, silence: number): Buffer {
  return bytes.length === length ? bytes : Buffer.concat([bytes, Buffer.alloc(length - bytes.length, silence)]);
}
