// Tells the application what becomes of one call: numbered, asynchronous, and as unruly as the knobs want it.
import { createUnrulyDelivery, type UnrulyDelivery } from '../delivery/unruly-delivery.ts';
import type { TwilioContext } from './twilio-context.ts';
import { postWebhook } from './twilio-webhook.ts';

export type CallStatus =
  | 'queued'
  | 'initiated'
  | 'ringing'
  | 'in-progress'
  | 'completed'
  | 'busy'
  | 'no-answer'
  | 'failed'
  | 'canceled';

type Form = Readonly<Record<string, string>>;

const events: Readonly<Partial<Record<CallStatus, string>>> = {
  initiated: 'initiated',
  ringing: 'ringing',
  'in-progress': 'answered',
};

export class TwilioStatusCallbacks {
  readonly #context: TwilioContext;
  readonly #url: string | undefined;
  readonly #wanted: ReadonlySet<string>;
  readonly #delivery: UnrulyDelivery<Form>;
  #sequenceNumber = 0;
  /** One after the other, unless a knob says otherwise. */
  #sent: Promise<void> = Promise.resolve();

  constructor(context: TwilioContext, url: string | undefined, wanted: readonly string[]) {
    this.#context = context;
    this.#url = url;
    this.#wanted = new Set(wanted);
    const send = (forms: readonly Form[]) => {
      for (const form of forms) this.#sent = this.#sent.then(() => this.#post(form));
    };
    this.#delivery = createUnrulyDelivery({ faults: context.faults.webhooks, timers: context.timers, send });
  }

  /** Resolves when all that has left so far has been answered, or not. */
  get settled(): Promise<void> {
    return this.#sent;
  }

  tell(status: CallStatus, form: Form): void {
    const sequenceNumber = String(this.#sequenceNumber++);
    const event = events[status] ?? 'completed';
    if (this.#url === undefined || !this.#wanted.has(event)) return;
    this.#delivery.push(status, {
      ...form,
      CallStatus: status,
      CallbackSource: 'call-progress-events',
      SequenceNumber: sequenceNumber,
      Timestamp: new Date().toUTCString().replace('GMT', '+0000'),
    });
    if (event === 'completed') this.#delivery.release();
  }

  async #post(form: Form): Promise<void> {
    try {
      const { status } = await postWebhook(this.#context, this.#url!, form);
      if (status >= 400) this.#context.warn(15003, form.CallSid!, `status callback answered ${status}`);
    } catch (error) {
      this.#context.warn(15003, form.CallSid!, String(error));
    }
  }
}
