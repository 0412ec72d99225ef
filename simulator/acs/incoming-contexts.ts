// The secrets that come with incoming calls: each lets the application answer one call, once, for as long as it rings.
import { randomBytes } from 'node:crypto';
import type { AcsCall } from './acs-call.ts';
import { acsRefusals, refuseInPhase } from './acs-call-phase.ts';
import { AcsApiError, badRequest } from './acs-reply.ts';

/** Live contexts are several KB: whoever stores one in a header or a narrow column notices here. */
const compressedBytes = 1_800;
const requestTokenBytes = 900;
const maxContexts = 10_000;

export class IncomingContexts {
  readonly #calls = new Map<string, AcsCall>();

  /** An unsigned JSON Web Token, as the live ones are. */
  issue(call: AcsCall, nowMs: number): string {
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const context = `${part({ alg: 'none', typ: 'JWT' })}.${part({
      iat: Math.floor(nowMs / 1000),
      cc: randomBytes(compressedBytes).toString('base64'),
      shrToken: randomBytes(requestTokenBytes).toString('base64url'),
    })}.`;
    this.#calls.set(context, call);
    if (this.#calls.size > maxContexts) this.#calls.delete(this.#calls.keys().next().value!);
    return context;
  }

  /** Those of calls that are over. */
  forget(): void {
    for (const [context, { end }] of this.#calls) if (end) this.#calls.delete(context);
  }

  /** The ringing call; throws what the API answers when it cannot be had any more. */
  get(context: string): AcsCall {
    const call = this.#calls.get(context);
    if (!call) throw badRequest('Invalid request: the incoming call context is not valid.');
    if (call.end?.by === 'no-answer') throw new AcsApiError(acsRefusals.expired);
    const refusal = refuseInPhase(call.phase, 'answer');
    if (refusal) throw new AcsApiError(refusal);
    return call;
  }
}
