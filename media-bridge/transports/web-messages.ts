// Reads and writes what a browser and the bridge tell each other beside audio, which goes as binary messages of PCM, 16 bits, 24 kHz.
import { z } from 'zod';
import { maxPageTurnCharacters, maxPageTurns, type PageTurn } from '../../shared/call/page-turns.ts';

const pageTurn = z.object({
  id: z.string().regex(/^[\w-]{1,128}$/),
  role: z.enum(['caller', 'agent']),
  text: z.string().min(1).max(maxPageTurnCharacters),
  heardMs: z.number().int().nonnegative().optional(),
}) satisfies z.ZodType<PageTurn>;

const schema = z.discriminatedUnion('type', [
  /** `bytes`: of what was sent since the clear with this number, so much has left the page's speaker. */
  z.object({ type: z.literal('played'), clear: z.number().int().nonnegative(), bytes: z.number().int().nonnegative() }),
  /** Whoever talks wants no more: the page closes the socket. Without it, another socket is to be expected. */
  z.object({ type: z.literal('hang-up') }),
  /** A page that talks with the voice service itself lives, and has nothing to say here. */
  z.object({ type: z.literal('here') }),
  /** It cannot do so any more: its sound comes through this socket from here on. */
  z.object({ type: z.literal('carry') }),
  /** What was said, and may have been missed by a bridge that came in another's place. */
  z.object({ type: z.literal('said'), turns: z.array(pageTurn).max(maxPageTurns) }),
  z.object({ type: z.literal('key'), digit: z.string().regex(/^[0-9A-D*#]$/) }),
]);

export type WebMessage = z.output<typeof schema> | { type: 'malformed' };

const malformed: WebMessage = Object.freeze({ type: 'malformed' });

/** Never throws. */
export function parseWebMessage(text: string): WebMessage {
  try {
    return schema.safeParse(JSON.parse(text)).data ?? malformed;
  } catch {
    return malformed;
  }
}

/** Of what the page has and did not play. */
export type WebManner = 'plain' | 'soft' | 'paused';

export function formatWebManner(manner: WebManner): string {
  return JSON.stringify({ type: 'manner', manner });
}

/** To a page that has a session with the voice service itself: the agent is there, or the page is to leave it and to talk here. */
export type WebOrder = 'joined' | 'carry';

export function formatWebOrder(type: WebOrder): string {
  return JSON.stringify({ type });
}

/** A page that hears nothing of the bridge for three times as long opens another socket: nobody else tells it of a network that broke. */
export const signEveryMs = 1_000;

export function formatWebSign(): string {
  return JSON.stringify({ type: 'here' });
}

/** Whatever the page has and did not play is to be dropped. Clears are numbered from 1. */
export function formatWebClear(clear: number): string {
  return JSON.stringify({ type: 'clear', clear });
}
