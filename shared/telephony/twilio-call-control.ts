// Dials, transfers and ends calls through Twilio.
import { AppError } from '../errors.ts';
import type { CallControl, CarrierCall, DialRequest, NamedCall } from './call-control.ts';
import type { TwilioClient, TwilioForm } from './twilio-client.ts';
import { createTwilioError, type TwilioAction } from './twilio-errors.ts';
import { createCallerRoomTwiml, createPersonRoomTwiml } from './twilio-rooms.ts';
import {
  createDigitsTwiml,
  createPlayTwiml,
  createStreamTwiml,
  createTransferTwiml,
  formatTwilioHookUrl,
} from './twilio-twiml.ts';

/** Four to five rings; voicemail commonly takes over after that. */
const ringTimeoutSeconds = 30;
const transferRingSeconds = 25;
/** w waits half a second, W a whole one. */
const digitsPattern = /^[0-9A-D#*wW]{1,32}$/;
const waitMs = 500;

const liveStatuses: ReadonlySet<string> = new Set(['queued', 'initiated', 'ringing', 'in-progress']);

/**
 * Twilio asks us at each turn of a call (the hooks under /twilio), so neither the callback nor the media URL of a request is
 * used: both follow from `publicUrl` and from what the hooks answer.
 */
export class TwilioCallControl implements CallControl {
  readonly carrier = 'twilio';
  readonly #client: TwilioClient;
  readonly #publicUrl: string | undefined;
  readonly #bridgeUrl: string | undefined;

  constructor(
    client: TwilioClient,
    options: { readonly publicUrl: string | undefined; readonly bridgeUrl?: string | undefined },
  ) {
    this.#client = client;
    this.#publicUrl = options.publicUrl;
    this.#bridgeUrl = options.bridgeUrl;
  }

  /** Always throws: a call at Twilio is answered by the TwiML that its web hook /twilio/voice gives. */
  async answer(): Promise<string> {
    throw new AppError('CARRIER_REFUSED', 'A call at Twilio is answered by its web hook, not by a request');
  }

  async dial(request: DialRequest): Promise<string> {
    const { callId, to, from } = request;
    return this.#act('dial', () =>
      this.#client.createCall({
        To: to,
        From: from,
        Url: formatTwilioHookUrl(this.#hooksAt(), 'twiml', callId),
        Method: 'POST',
        StatusCallback: formatTwilioHookUrl(this.#hooksAt(), 'status', callId),
        StatusCallbackMethod: 'POST',
        StatusCallbackEvent: ['initiated', 'ringing', 'answered', 'completed'],
        Timeout: request.ringTimeoutSeconds ?? ringTimeoutSeconds,
        // Tells a person at once and a machine when its greeting is over, while the call already goes on.
        MachineDetection: 'DetectMessageEnd',
        AsyncAmd: 'true',
        AsyncAmdStatusCallback: formatTwilioHookUrl(this.#hooksAt(), 'amd', callId),
        AsyncAmdStatusCallbackMethod: 'POST',
      }),
    );
  }

  /** Always throws: it is the web hook's answer, too. */
  async reject(): Promise<void> {
    throw new AppError('CARRIER_REFUSED', 'A call at Twilio is rejected by its web hook, not by a request');
  }

  /** The call ends with it. */
  async announce(carrierCallId: string, url: string): Promise<void> {
    await this.#update('announce', carrierCallId, { Twiml: createPlayTwiml(url) });
  }

  async hangUp(carrierCallId: string): Promise<void> {
    await this.#update('hang up', carrierCallId, { Status: 'completed' });
  }

  /** The agent's stream ends with it. If nobody answers, the agent's stream is opened again. */
  async transfer({ callId, carrierCallId }: NamedCall, target: string, from: string): Promise<void> {
    const twiml = createTransferTwiml({
      publicUrl: this.#hooksAt(),
      callId,
      target,
      callerId: from,
      ringTimeoutSeconds: transferRingSeconds,
    });
    await this.#update('transfer', carrierCallId, { Twiml: twiml });
  }

  /** Both leave their streams for a room; the person first, so that the caller is not alone there. */
  async join(call: NamedCall, leg: NamedCall): Promise<void> {
    const room = { publicUrl: this.#hooksAt(), callId: call.callId };
    await this.#update('join calls', leg.carrierCallId, { Twiml: createPersonRoomTwiml(room) });
    await this.#update('join calls', call.carrierCallId, { Twiml: createCallerRoomTwiml(room) });
  }

  /** The streams have ended with the room. */
  async leave(): Promise<void> {}

  /** A media stream cannot carry digits: it is ended, the digits are played, and it is opened again. */
  async sendDigits({ callId, carrierCallId }: NamedCall, digits: string, pauseMs = 0): Promise<void> {
    const keys = digits.replace(/[a-d]/g, (letter) => letter.toUpperCase());
    if (!digitsPattern.test(keys)) throw new AppError('BAD_REQUEST', 'digits are 0-9, A-D, # and *, at most 32');
    const paced = [...keys].join('w'.repeat(Math.ceil(pauseMs / waitMs)));
    const twiml = createDigitsTwiml({ publicUrl: this.#hooksAt(), callId, digits: paced });
    await this.#update('send digits', carrierCallId, { Twiml: twiml });
  }

  /** Twilio keeps how a call ended for as long as the account does. */
  async look(carrierCallId: string): Promise<CarrierCall> {
    try {
      const status = await this.#act('tell of a call', () => this.#client.readStatus(carrierCallId));
      if (liveStatuses.has(status)) return { phase: status === 'in-progress' ? 'connected' : 'ringing' };
      return { phase: 'over', endStatus: status };
    } catch (error) {
      if (error instanceof AppError && error.code === 'CALL_GONE') return { phase: 'over' };
      throw error;
    }
  }

  /** A room ends by itself when one of the two has left it. */
  async countPeople(): Promise<undefined> {
    return undefined;
  }

  async restartMedia({ callId, carrierCallId }: NamedCall): Promise<void> {
    const url = formatTwilioHookUrl(this.#hooksAt(), 'twiml', callId);
    await this.#update('restart media', carrierCallId, { Url: url, Method: 'POST' });
  }

  /** New TwiML takes the place of the stream that runs. With a token it is told here, and nobody needs to be asked for it. */
  async replaceMedia(call: NamedCall, token?: string): Promise<void> {
    const bridgeUrl = this.#bridgeUrl;
    if (token === undefined || bridgeUrl === undefined) return this.restartMedia(call);
    const twiml = createStreamTwiml({ callId: call.callId, token, publicUrl: this.#hooksAt(), bridgeUrl });
    await this.#update('restart media', call.carrierCallId, { Twiml: twiml });
  }

  /** A process that only hangs up does without. */
  #hooksAt(): string {
    if (this.#publicUrl) return this.#publicUrl;
    throw new AppError('NOT_CONFIGURED', { what: 'PUBLIC_URL, where Twilio asks what to do with a call,' });
  }

  #update(action: TwilioAction, callSid: string, change: TwilioForm): Promise<void> {
    return this.#act(action, () => this.#client.updateCall(callSid, change));
  }

  async #act<T>(action: TwilioAction, run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (cause) {
      throw createTwilioError(action, cause);
    }
  }
}
