// The signed token in a media URL: lets one carrier leg of one call in, and tells the bridge what call it is.
import { errors, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { type CallId, carriers, findCallId, voiceModelKinds } from './call/call.ts';
import { AppError } from './errors.ts';

/** As long as ACS's own token for the media socket: a long call may open it again. Until when it may be the first time, see firstUseMs. */
const lifetimeHours = 24;
/** Ringing lasts two minutes at most, and the carrier opens the socket when somebody answers. */
export const firstUseMs = 5 * 60_000;
const audience = 'parley-media';
const traceparentPattern = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

const ticketSchema = z.object({
  sub: z.string().transform((text, context) => {
    const callId = findCallId(text);
    if (callId) return callId;
    context.addIssue('not a call id');
    return z.NEVER;
  }),
  carrier: z.enum(carriers),
  direction: z.enum(['inbound', 'outbound']),
  agent: z.string(),
  model: z.enum(voiceModelKinds).optional(),
  /** Where the bridge's part of the call's trace belongs. */
  traceparent: z.string().regex(traceparentPattern).optional(),
});

/**
 * Enough to hold the conversation even when the call's events cannot be read. It travels in a URL, which others log:
 * nothing personal may be added.
 */
export interface MediaTicket extends Omit<z.output<typeof ticketSchema>, 'sub'> {
  readonly callId: CallId;
}

export interface SignedTicket extends MediaTicket {
  /** Unix time in ms. */
  readonly issuedAt: number;
}

export class MediaTokens {
  readonly #secret: Uint8Array;

  constructor(secret: string) {
    this.#secret = new TextEncoder().encode(secret);
  }

  async sign(ticket: MediaTicket): Promise<string> {
    const { callId, ...claims } = ticket;
    return new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject(callId)
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime(`${lifetimeHours}h`)
      .sign(this.#secret);
  }

  /** Throws UNAUTHENTICATED, saying whether the token is late or wrong. */
  async verify(token: string): Promise<SignedTicket> {
    try {
      const { payload } = await jwtVerify(token, this.#secret, {
        audience,
        algorithms: ['HS256'],
        requiredClaims: ['exp', 'iat'],
      });
      const { sub, ...claims } = ticketSchema.parse(payload);
      return { callId: sub, ...claims, issuedAt: payload.iat! * 1000 };
    } catch (cause) {
      const late = cause instanceof errors.JWTExpired;
      throw new AppError('UNAUTHENTICATED', late ? 'the media token is too old' : 'the media token is not ours', {
        cause,
      });
    }
  }
}
