// The signed ticket with which a browser opens a live feed at the bridge: who watches, what, and for a minute only.
import { jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { findCallId } from './call/call.ts';
import { AppError } from './errors.ts';

/** From the API's answer to the upgrade at the bridge; a page that reconnects asks for another. */
export const watchTicketSeconds = 60;
/** What a browser offers as WebSocket protocols: this one, and its ticket behind the prefix. Unlike an address they are not logged. */
export const feedProtocol = 'parley';
export const ticketPrefix = 'parley.ticket.';
const audience = 'parley-watch';

const watchSchema = z.object({
  /** `all`, or the one call. */
  sub: z.string().refine((text) => findCallId(text) !== undefined),
  /** Numbers are shown in full. */
  numbers: z.boolean(),
});

export interface WatchTicket {
  readonly calls: string;
  readonly showsNumbers: boolean;
}

export class WatchTickets {
  readonly #secret: Uint8Array;

  constructor(secret: string) {
    this.#secret = new TextEncoder().encode(secret);
  }

  async sign({ calls, showsNumbers }: WatchTicket): Promise<string> {
    return new SignJWT({ numbers: showsNumbers })
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject(calls)
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime(`${watchTicketSeconds}s`)
      .sign(this.#secret);
  }

  /** Throws UNAUTHENTICATED. */
  async verify(token: string): Promise<WatchTicket> {
    try {
      const { payload } = await jwtVerify(token, this.#secret, {
        audience,
        algorithms: ['HS256'],
        requiredClaims: ['exp'],
      });
      const { sub, numbers } = watchSchema.parse(payload);
      return { calls: sub, showsNumbers: numbers };
    } catch (cause) {
      throw new AppError('UNAUTHENTICATED', 'the ticket is too old or not ours', { cause });
    }
  }
}

/** From the header Sec-WebSocket-Protocol. */
export function findTicket(protocols: string | undefined): string | undefined {
  const offered = splitProtocols(protocols);
  return offered.find((part) => part.startsWith(ticketPrefix))?.slice(ticketPrefix.length);
}

export function splitProtocols(header: string | undefined): readonly string[] {
  return header?.split(',').map((part) => part.trim()) ?? [];
}
