// Tells the application of one call: CloudEvents in the service's form, sent to where the call or the operation wants them.
import { randomUUID } from 'node:crypto';
import type { Operation } from './acs-call-request.ts';
import { type CallbackRecord, type CallbackSender, createCallbackSender } from './acs-callback-sender.ts';
import { type AcsContext, acsApiVersion } from './acs-context.ts';
import { formatApplication, formatParty } from './acs-identifier.ts';
import { type AcsResult, acsResults } from './acs-result.ts';

export interface AcsCallIds {
  readonly callConnectionId: string;
  readonly correlationId: string;
  readonly serverCallId: string;
}

export class AcsCallEvents {
  /** Where the call's events go; nowhere until it was answered or placed. */
  callbackUri: string | undefined;
  readonly #context: AcsContext;
  readonly #ids: AcsCallIds;
  readonly #sender: CallbackSender;
  #participantSequence = 1;

  constructor(context: AcsContext, { callConnectionId, correlationId, serverCallId }: AcsCallIds) {
    this.#context = context;
    this.#ids = { callConnectionId, serverCallId, correlationId };
    const { timers, tokens, signal, faults } = context;
    this.#sender = createCallbackSender({ faults: faults.callbacks, timers, tokens, signal });
  }

  get records(): readonly CallbackRecord[] {
    return this.#sender.records;
  }

  emit(type: string, data: Readonly<Record<string, unknown>>, result: AcsResult, operation: Operation = {}): void {
    const url = operation.operationCallbackUri ?? this.callbackUri;
    if (url === undefined) return;
    const source = `calling/callConnections/${this.#ids.callConnectionId}`;
    this.#sender.send(url, {
      id: randomUUID(),
      source,
      type: `Microsoft.Communication.${type}`,
      data: {
        ...data,
        version: acsApiVersion,
        ...(operation.operationContext && { operationContext: operation.operationContext }),
        resultInformation: result,
        ...this.#ids,
        publicEventType: `Microsoft.Communication.${type}`,
      },
      time: new Date(this.#context.now()).toISOString().replace('Z', '4567+00:00'),
      specversion: '1.0',
      datacontenttype: 'application/json',
      subject: source,
    });
  }

  emitParticipants(participants: readonly Participant[]): void {
    this.emit('ParticipantsUpdated', { participants, sequenceNumber: this.#participantSequence }, acsResults.ok);
    // The live numbers rise with gaps: 1, 3, 4, 6.
    this.#participantSequence += this.#participantSequence % 3 === 1 ? 2 : 1;
  }
}

export type Participant = ReturnType<typeof listParticipants>[number];

/** The phones of a call and the application, as the API lists them. */
export function listParticipants(numbers: Iterable<string>, applicationRawId: string) {
  return [...[...numbers].map((number) => formatParty(number)), formatApplication(applicationRawId)].map(
    (identifier) => ({ identifier, isMuted: false, isOnHold: false }),
  );
}
