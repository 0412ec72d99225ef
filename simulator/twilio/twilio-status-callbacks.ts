// Tells the application what becomes of one call: numbered, asynchronous, and as unruly as the knobs want it.
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

const events: Readonly<Partial<Record<CallStatus, string>>> = {
  initiated: 'initiated',
  ringing: 'ringing',
  'in-progress': 'answered',
};

export class TwilioStatusCallbacks {
  readonly #context: TwilioContext;
  readonly #url: string | undefined;
  readonly #wanted: ReadonlySet<string>;
  #sequenceNumber = 0;
  #held: (() => Promise<void>) | undefined;
  /** One after the other, unless a knob says otherwise. */
  #sent: Promise<void> = Promise.resolve();

  constructor(context: TwilioContext, url: string | undefined, wanted: readonly string[]) {
    this.#context = context;
    this.#url = url;
    this.#wanted = new Set(wanted);
  }

  /** Resolves when all that was told so far has been answered, or not. */
  get settled(): Promise<void> {
    return this.#sent;
  }

  tell(status: CallStatus, form: Readonly<Record<string, string>>): void {
    const sequenceNumber = String(this.#sequenceNumber++);
    const event = events[status] ?? 'completed';
    const { webhooks } = this.#context.faults;
    if (this.#url === undefined || !this.#wanted.has(event) || webhooks.drop(status)) return;
    const body = {
      ...form,
      CallStatus: status,
      CallbackSource: 'call-progress-events',
      SequenceNumber: sequenceNumber,
      Timestamp: new Date().toUTCString().replace('GMT', '+0000'),
    };
    const send = async () => {
      for (let time = webhooks.duplicate ? 2 : 1; time > 0; time--) await this.#post(body);
    };
    const held = this.#held;
    this.#held = undefined;
    if (webhooks.swap && !held && event !== 'completed') {
      this.#held = send;
      return;
    }
    this.#sent = this.#sent.then(send).then(held);
  }

  async #post(form: Readonly<Record<string, string>>): Promise<void> {
    try {
      const { status } = await postWebhook(this.#context, this.#url!, form);
      if (status >= 400) this.#context.warn(15003, form.CallSid!, `status callback answered ${status}`);
    } catch (error) {
      this.#context.warn(15003, form.CallSid!, String(error));
    }
  }
}
