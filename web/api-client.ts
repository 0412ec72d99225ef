// Asks the API, and says in words why it would not.
import type { RuntimeConfig } from '../shared/console-api.ts';

declare global {
  /** Set by /runtime-config.js before this code runs. */
  var parley: RuntimeConfig | undefined;
}

export const runtimeConfig: RuntimeConfig = globalThis.parley ?? { bridgeUrl: '' };
const timeoutMs = 20_000;

export class ApiError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, status: number, message: string) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** By GET, or with a body by POST. Throws ApiError; its message is a sentence for whoever looks at it. */
export async function ask<Answer>(path: string, body?: object, signal?: AbortSignal): Promise<Answer> {
  const limits = [AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])];
  const request: RequestInit = { signal: AbortSignal.any(limits), credentials: 'same-origin' };
  if (body) {
    request.method = 'POST';
    // It is asked for even if the page is closed at that moment.
    request.keepalive = true;
    request.headers = { 'content-type': 'application/json' };
    request.body = JSON.stringify(body);
  }
  let response: Response;
  try {
    response = await fetch(path, request);
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(
      'OFFLINE',
      0,
      'The server cannot be reached. Check the network; this page tries again by itself.',
    );
  }
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok) return answer as Answer;
  const { code = 'INTERNAL', message = `the server answers ${response.status}` } =
    (answer as { error?: { code?: string; message?: string } } | undefined)?.error ?? {};
  throw new ApiError(code, response.status, formatSentence(message));
}

export function formatSentence(text: string): string {
  const sentence = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…]$/.test(sentence) ? sentence : `${sentence}.`;
}
