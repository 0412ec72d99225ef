// Where a page of the history ends: the creation time and id of its last call, made opaque for the client.
import { z } from 'zod';
import { type CallId, findCallId } from '../call/call.ts';
import type { CallState } from '../call/call-state.ts';
import { AppError } from '../errors.ts';

/** The order of the list: newest first, calls of the same ms by id, descending. Unlike a vendor's token it never gets old. */
export interface HistoryCursor {
  readonly createdAt: number;
  readonly callId: CallId;
}

const cursorSchema = z.tuple([z.number().int().nonnegative(), z.string()]);

/** A call whose creation was never recorded is listed last. */
export function cursorOf(call: CallState): HistoryCursor {
  return { createdAt: call.createdAt ?? 0, callId: call.callId };
}

/** Below zero when `a` is listed before `b`. */
export function compareCursors(a: HistoryCursor, b: HistoryCursor): number {
  if (a.createdAt !== b.createdAt) return b.createdAt - a.createdAt;
  return a.callId < b.callId ? 1 : a.callId > b.callId ? -1 : 0;
}

export function formatCursor({ createdAt, callId }: HistoryCursor): string {
  return Buffer.from(JSON.stringify([createdAt, callId])).toString('base64url');
}

/** Throws BAD_REQUEST. */
export function parseCursor(text: string): HistoryCursor {
  try {
    const [createdAt, id] = cursorSchema.parse(JSON.parse(Buffer.from(text, 'base64url').toString()));
    const callId = findCallId(id);
    if (callId) return { createdAt, callId };
  } catch {
    // Not even JSON: the same answer.
  }
  throw new AppError('BAD_REQUEST', 'next is not what a former page gave');
}
