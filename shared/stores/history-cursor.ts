// Where a page of the history ends: what its last call is sorted by, and its id, made opaque for the client.
import { z } from 'zod';
import { type CallId, findCallId } from '../call/call.ts';
import type { CallState } from '../call/call-state.ts';
import { AppError } from '../errors.ts';
import { type CallOrder, keyOf, missingKey } from './call-order.ts';

/** Unlike a vendor's token it never gets old, and calls that come or go meanwhile do not move it. */
export interface HistoryCursor {
  readonly key: string | number;
  readonly callId: CallId;
}

const cursorSchema = z.tuple([z.string(), z.union([z.number(), z.string()]), z.string()]);

export function cursorOf(call: CallState, { by }: CallOrder): HistoryCursor {
  return { key: keyOf(call, by), callId: call.callId };
}

/** Below zero when `a` is listed before `b`. */
export function compareCursors(a: HistoryCursor, b: HistoryCursor, { isUp }: CallOrder): number {
  const ascending = compare(a.key, b.key) || compare(a.callId, b.callId);
  return isUp ? ascending : -ascending;
}

export function formatCursor({ key, callId }: HistoryCursor, order: CallOrder): string {
  return Buffer.from(JSON.stringify([nameOf(order), key, callId])).toString('base64url');
}

/** Throws BAD_REQUEST, also for a page of another order. */
export function parseCursor(text: string, order: CallOrder): HistoryCursor {
  try {
    const [name, key, id] = cursorSchema.parse(JSON.parse(Buffer.from(text, 'base64url').toString()));
    const callId = findCallId(id);
    if (callId && name === nameOf(order) && typeof key === typeof missingKey(order.by)) return { key, callId };
  } catch {
    // Not even JSON: the same answer.
  }
  throw new AppError('BAD_REQUEST', 'next is not what a former page gave');
}

function nameOf({ by, isUp }: CallOrder): string {
  return `${by}-${isUp ? 'up' : 'down'}`;
}

function compare<Key extends string | number>(a: Key, b: Key): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
