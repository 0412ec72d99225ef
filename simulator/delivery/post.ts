// One try to deliver something by POST: the HTTP status, or why there is none.

export type PostOutcome = number | 'timed-out' | 'unreachable';

export async function post(
  url: string,
  delivery: {
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
    readonly answerWithinMs: number;
    /** Ends it: unreachable. */
    readonly signal: AbortSignal;
  },
): Promise<PostOutcome> {
  const { headers, body, answerWithinMs, signal } = delivery;
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers,
      body,
      signal: AbortSignal.any([AbortSignal.timeout(answerWithinMs), signal]),
    });
    await response.arrayBuffer();
    return response.status;
  } catch (error) {
    return error instanceof Error && error.name === 'TimeoutError' ? 'timed-out' : 'unreachable';
  }
}
