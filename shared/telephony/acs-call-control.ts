// Answers, dials, transfers and ends calls through Azure Communication Services.
import type {
  CallAutomationClient,
  CallConnection,
  DtmfTone,
  MediaStreamingOptions,
} from '@azure/communication-call-automation';
import type { CommunicationIdentifier } from '@azure/communication-common';
import { AppError } from '../errors.ts';
import { pause } from '../within.ts';
import { type AcsAction, createAcsError, mediaNotEstablishedCode, readRestFailure } from './acs-errors.ts';
import { parseAcsTarget } from './acs-identifiers.ts';
import type { AnswerRequest, CallControl, CarrierCall, DialRequest, NamedCall } from './call-control.ts';
import { findResourceAccount } from './dial-target.ts';

/** With all retries. Event Grid gives up on us after 30 s, and so does the caller. */
const actionTimeoutMs = 8000;

const tones: Readonly<Record<string, string>> = {
  '0': 'zero',
  '1': 'one',
  '2': 'two',
  '3': 'three',
  '4': 'four',
  '5': 'five',
  '6': 'six',
  '7': 'seven',
  '8': 'eight',
  '9': 'nine',
  A: 'a',
  B: 'b',
  C: 'c',
  D: 'd',
  '#': 'pound',
  '*': 'asterisk',
};

/** By ACS's names; an unknown one is a phase before the call is through. */
const phases: Readonly<Record<string, CarrierCall['phase']>> = {
  connected: 'connected',
  transferring: 'connected',
  transferAccepted: 'connected',
  disconnecting: 'over',
  disconnected: 'over',
};

export class AcsCallControl implements CallControl {
  readonly carrier = 'acs';
  readonly #client: CallAutomationClient;
  readonly #audioFormat: 'pcm16KMono' | 'pcm24KMono';

  constructor(client: CallAutomationClient, options: { audioFormat: 'pcm16k' | 'pcm24k' }) {
    this.#client = client;
    this.#audioFormat = options.audioFormat === 'pcm24k' ? 'pcm24KMono' : 'pcm16KMono';
  }

  async answer({ callId, incomingContext, callbackUrl, mediaUrl }: AnswerRequest): Promise<string> {
    return this.#act('answer', async (abortSignal) => {
      const mediaStreamingOptions = mediaUrl === undefined ? undefined : this.#media(mediaUrl);
      const options = { abortSignal, operationContext: callId, mediaStreamingOptions };
      const { callConnectionProperties } = await this.#client.answerCall(incomingContext, callbackUrl, options);
      return callConnectionProperties.callConnectionId!;
    });
  }

  /** ACS knows no ring timeout of ours; its own is about two minutes. */
  async dial({ callId, to, from, callbackUrl, mediaUrl }: DialRequest): Promise<string> {
    const targetParticipant = parseAcsTarget(to);
    const invite = { targetParticipant, sourceCallIdNumber: callerId(targetParticipant, from) };
    const account = findResourceAccount(from);
    // For a resource account it is the object id, whatever the SDK calls it.
    const teamsAppSource = account === undefined ? undefined : { teamsAppId: account };
    return this.#act('dial', async (abortSignal) => {
      const mediaStreamingOptions = this.#media(mediaUrl);
      const options = { abortSignal, operationContext: callId, mediaStreamingOptions, teamsAppSource };
      const { callConnectionProperties } = await this.#client.createCall(invite, callbackUrl, options);
      return callConnectionProperties.callConnectionId!;
    });
  }

  async reject(incomingContext: string): Promise<void> {
    await this.#act('reject', (abortSignal) =>
      this.#client.rejectCall(incomingContext, { abortSignal, callRejectReason: 'busy' }),
    );
  }

  async announce(carrierCallId: string, url: string): Promise<void> {
    await this.#actOn(carrierCallId, 'announce', (call, abortSignal) =>
      call.getCallMedia().playToAll([{ kind: 'fileSource', url }], { abortSignal }),
    );
  }

  async hangUp(carrierCallId: string): Promise<void> {
    await this.#actOn(carrierCallId, 'hang up', (call, abortSignal) => call.hangUp(true, { abortSignal }));
  }

  async transfer({ carrierCallId }: NamedCall, target: string, from: string): Promise<void> {
    const participant = parseAcsTarget(target);
    const sourceCallIdNumber = callerId(participant, from);
    await this.#actOn(carrierCallId, 'transfer', (call, abortSignal) =>
      call.transferCallToParticipant(participant, { abortSignal, sourceCallIdNumber }),
    );
  }

  /** The person moves to the caller, whose call goes on with both; the other one ends with that. */
  async join({ carrierCallId }: NamedCall, leg: NamedCall): Promise<void> {
    await this.#actOn(carrierCallId, 'join calls', async (call, abortSignal) => {
      const person = await findOtherEnd(this.#client.getCallConnection(leg.carrierCallId), abortSignal);
      await call.moveParticipants([person], leg.carrierCallId, { abortSignal });
    });
  }

  async leave(carrierCallId: string): Promise<void> {
    await this.#actOn(carrierCallId, 'leave', (call, abortSignal) =>
      call.getCallMedia().stopMediaStreaming({ abortSignal }),
    );
  }

  async sendDigits({ carrierCallId }: NamedCall, digits: string, pauseMs = 0): Promise<void> {
    const wanted = [...digits.toUpperCase()].map((digit) => tones[digit]);
    if (wanted.length === 0 || wanted.includes(undefined))
      throw new AppError('BAD_REQUEST', 'digits are 0-9, A-D, # and *');
    const sent = wanted as DtmfTone[];
    // ACS plays those of one request without a pause that a menu of another make could count on.
    const groups = pauseMs > 0 ? sent.map((tone) => [tone]) : [sent];
    let listener: CommunicationIdentifier | undefined;
    for (const [index, group] of groups.entries()) {
      if (index > 0) await pause(pauseMs);
      await this.#actOn(carrierCallId, 'send digits', async (call, abortSignal) => {
        listener ??= await findOtherEnd(call, abortSignal);
        await call.getCallMedia().sendDtmfTones(group, listener, { abortSignal });
      });
    }
  }

  async look(carrierCallId: string): Promise<CarrierCall> {
    try {
      return await this.#act('tell of a call', async (abortSignal) => {
        const call = this.#client.getCallConnection(carrierCallId);
        const { callConnectionState, mediaStreamingSubscription } = await call.getCallConnectionProperties({
          abortSignal,
        });
        const media = mediaStreamingSubscription?.state;
        return {
          phase: phases[callConnectionState ?? 'unknown'] ?? 'ringing',
          hasMedia: media === undefined ? undefined : media === 'active',
        };
      });
    } catch (error) {
      if (error instanceof AppError && error.code === 'CALL_GONE') return { phase: 'over' };
      throw error;
    }
  }

  /** ACS lists nobody while it transfers, or when all is over. */
  async countPeople(carrierCallId: string): Promise<number | undefined> {
    let people: number | undefined;
    await this.#actOn(carrierCallId, 'tell of a call', async (call, abortSignal) => {
      const { values = [] } = await call.listParticipants({ abortSignal });
      people = values.filter(({ identifier }) => identifier && !('communicationUserId' in identifier)).length;
    }).catch((error: unknown) => {
      const isOver = error instanceof AppError && error.code === 'CALL_GONE';
      if (!isOver) throw error;
    });
    return people;
  }

  async restartMedia({ carrierCallId }: NamedCall): Promise<void> {
    await this.#actOn(carrierCallId, 'restart media', (call, abortSignal) =>
      call.getCallMedia().startMediaStreaming({ abortSignal }),
    );
  }

  /** ACS leaves a stream that runs alone, and tells functions when one has stopped: they have it started again. */
  async replaceMedia({ carrierCallId }: NamedCall): Promise<void> {
    await this.#actOn(carrierCallId, 'restart media', (call, abortSignal) =>
      call.getCallMedia().stopMediaStreaming({ abortSignal }),
    );
  }

  /** Unmixed: the caller's own audio, without what the agent says. */
  #media(transportUrl: string): MediaStreamingOptions {
    return {
      transportType: 'websocket',
      contentType: 'audio',
      audioChannelType: 'unmixed',
      transportUrl,
      startMediaStreaming: true,
      enableBidirectional: true,
      audioFormat: this.#audioFormat,
      enableDtmfTones: true,
    };
  }

  async #act<T>(action: AcsAction, run: (abortSignal: AbortSignal) => Promise<T>): Promise<T> {
    try {
      return await run(AbortSignal.timeout(actionTimeoutMs));
    } catch (cause) {
      throw createAcsError(action, cause);
    }
  }

  async #actOn(
    carrierCallId: string,
    action: AcsAction,
    run: (call: CallConnection, abortSignal: AbortSignal) => Promise<unknown>,
  ): Promise<void> {
    const call = this.#client.getCallConnection(carrierCallId);
    await this.#act(action, async (abortSignal) => {
      try {
        await run(call, abortSignal);
      } catch (cause) {
        throw readRestFailure(cause).code === mediaNotEstablishedCode ? await explain(action, call) : cause;
      }
    });
  }
}

/** ACS says the same of a call that is not yet connected and of one that is over. */
async function explain(action: AcsAction, call: CallConnection): Promise<AppError> {
  try {
    const { callConnectionState } = await call.getCallConnectionProperties();
    if (callConnectionState === 'disconnected' || callConnectionState === 'disconnecting')
      return new AppError('CALL_GONE', { carrier: 'ACS', action, answer: 'it has nobody in it' });
  } catch (error) {
    return createAcsError(action, error);
  }
  return new AppError('CARRIER_UNAVAILABLE', { carrier: 'ACS', action, answer: 'the call is not connected yet' });
}

/** ACS wants to know who is to hear the digits: whoever is on a phone, else whoever is not us. */
async function findOtherEnd(call: CallConnection, abortSignal: AbortSignal): Promise<CommunicationIdentifier> {
  const { values = [] } = await call.listParticipants({ abortSignal });
  const ends = values.flatMap(({ identifier }) => identifier ?? []);
  const found =
    ends.find((end) => 'phoneNumber' in end) ?? ends.find((end) => !('communicationUserId' in end)) ?? ends[0];
  if (!found)
    throw new AppError('CALL_GONE', { carrier: 'ACS', action: 'send digits', answer: 'nobody is left to hear them' });
  return found;
}

/** Only a phone is shown a number, and only by a number: a Teams resource account has one of its own. */
function callerId(target: CommunicationIdentifier, from: string): { phoneNumber: string } | undefined {
  return 'phoneNumber' in target && from.startsWith('+') ? { phoneNumber: from } : undefined;
}
