// Dials, transfers and ends calls through Twilio.
import type { Twilio } from 'twilio';
import { AppError } from '../errors.ts';
import type { CallControl, DialRequest } from './call-control.ts';
import { createTwilioError, type TwilioAction } from './twilio-errors.ts';
import { createDigitsTwiml, createTransferTwiml, formatTwilioHookUrl } from './twilio-twiml.ts';

/** Four to five rings; voicemail commonly takes over after that. */
const ringTimeoutSeconds = 30;
const transferRingSeconds = 25;
/** w waits half a second, W a whole one. */
const digitsPattern = /^[0-9A-D#*wW]{1,32}$/;

type CallUpdate = Parameters<ReturnType<Twilio['calls']>['update']>[0];

/**
 * Twilio asks us at each turn of a call (the hooks under /twilio), so neither the callback nor the media URL of a request is
 * used: both follow from `publicUrl` and from what the hooks answer.
 */
export class TwilioCallControl implements CallControl {
  readonly carrier = 'twilio';
  readonly #client: Twilio;
  readonly #publicUrl: string | undefined;

  constructor(client: Twilio, options: { readonly publicUrl: string | undefined }) {
    this.#client = client;
    this.#publicUrl = options.publicUrl;
  }

  /** Always throws: a call at Twilio is answered by the TwiML that its web hook /twilio/voice gives. */
  async answer(): Promise<string> {
    throw new AppError('CARRIER_REFUSED', 'A call at Twilio is answered by its web hook, not by a request');
  }

  async dial(request: DialRequest): Promise<string> {
    const { callId, to, from } = request;
    return this.#act('dial', async () => {
      const call = await this.#client.calls.create({
        to,
        from,
        url: formatTwilioHookUrl(this.#hooksAt(), 'twiml', callId),
        method: 'POST',
        statusCallback: formatTwilioHookUrl(this.#hooksAt(), 'status', callId),
        statusCallbackMethod: 'POST',
        statusCallbackEvent: ['initiated', 'ringing', 'answered', 'completed'],
        timeout: request.ringTimeoutSeconds ?? ringTimeoutSeconds,
        // Tells a person at once and a machine when its greeting is over, while the call already goes on.
        machineDetection: 'DetectMessageEnd',
        asyncAmd: 'true',
        asyncAmdStatusCallback: formatTwilioHookUrl(this.#hooksAt(), 'amd', callId),
        asyncAmdStatusCallbackMethod: 'POST',
      });
      return call.sid;
    });
  }

  async hangUp(carrierCallId: string): Promise<void> {
    await this.#update('hang up', carrierCallId, { status: 'completed' });
  }

  /** The agent's stream ends with it. If nobody answers, the agent's stream is opened again. */
  async transfer(carrierCallId: string, target: string, from: string): Promise<void> {
    const twiml = createTransferTwiml({
      publicUrl: this.#hooksAt(),
      target,
      callerId: from,
      ringTimeoutSeconds: transferRingSeconds,
    });
    await this.#update('transfer', carrierCallId, { twiml });
  }

  /** A media stream cannot carry digits: it is ended, the digits are played, and it is opened again. */
  async sendDigits(carrierCallId: string, digits: string): Promise<void> {
    const keys = digits.replace(/[a-d]/g, (letter) => letter.toUpperCase());
    if (!digitsPattern.test(keys)) throw new AppError('BAD_REQUEST', 'digits are 0-9, A-D, # and *, at most 32');
    const twiml = createDigitsTwiml({ publicUrl: this.#hooksAt(), digits: keys });
    await this.#update('send digits', carrierCallId, { twiml });
  }

  async restartMedia(carrierCallId: string): Promise<void> {
    await this.#update('restart media', carrierCallId, {
      url: formatTwilioHookUrl(this.#hooksAt(), 'twiml'),
      method: 'POST',
    });
  }

  /** A process that only hangs up does without. */
  #hooksAt(): string {
    if (this.#publicUrl) return this.#publicUrl;
    throw new AppError('NOT_CONFIGURED', 'Twilio needs PUBLIC_URL to ask us what to do with a call');
  }

  #update(action: TwilioAction, callSid: string, change: CallUpdate): Promise<void> {
    return this.#act(action, async () => {
      await this.#client.calls(callSid).update(change);
    });
  }

  async #act<T>(action: TwilioAction, run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (cause) {
      throw createTwilioError(action, cause);
    }
  }
}
