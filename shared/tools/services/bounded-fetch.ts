// Asks a service that an agent's file names: only a host that the operator allows, without redirects, and no more of the answer than is of use.
import { AppError } from '../../errors.ts';

const maxAnswerBytes = 1_000_000;

export type BoundedFetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

/** `hosts`: names, with the port where it is not the usual one. */
export function createBoundedFetch(hosts: readonly string[]): BoundedFetch {
  return async (url, init) => {
    const { host } = new URL(url);
    if (!hosts.includes(host.toLowerCase()))
      throw new AppError('TOOL_FAILED', `AGENT_ALLOWED_HOSTS does not name ${host}`);
    // An answer that leads elsewhere would lead past the list.
    const response = await fetch(url, { ...init, redirect: 'error' });
    if (response.body === null) return response;
    const { status, statusText, headers } = response;
    const bounded = new Response(response.body.pipeThrough(createBound()), { status, statusText, headers });
    Object.defineProperty(bounded, 'url', { value: response.url });
    return bounded;
  };
}

function createBound(): TransformStream<Uint8Array, Uint8Array> {
  let bytes = 0;
  return new TransformStream({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      if (bytes > maxAnswerBytes)
        controller.error(new AppError('TOOL_FAILED', `an answer is longer than ${maxAnswerBytes} bytes`));
      else controller.enqueue(chunk);
    },
  });
}
