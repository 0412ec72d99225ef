// What a screen asks the API for: loading, there, or failed; asked again when the network is back.
import { useCallback, useEffect, useRef, useState } from 'react';
import { ApiError, ask } from './api-client.ts';

export interface Asked<Answer> {
  readonly data: Answer | undefined;
  readonly error: ApiError | undefined;
  readonly isLoading: boolean;
  reload(): void;
}

/** Undefined: nothing is asked. What was there stays on the screen while it is asked again. */
export function useAsked<Answer>(path: string | undefined, everyMs?: number): Asked<Answer> {
  const [state, setState] = useState<{ path: string | undefined; data?: Answer; error?: ApiError }>({ path });
  const [round, setRound] = useState(0);
  const [isLoading, setLoading] = useState(path !== undefined);
  const reload = useCallback(() => setRound((n) => n + 1), []);
  const isMounted = useRef(true);
  useEffect(() => {
    isMounted.current = true;
    return () => {
      isMounted.current = false;
    };
  }, []);
  useEffect(() => {
    if (path === undefined) return;
    const leaving = new AbortController();
    setLoading(true);
    ask<Answer>(path, undefined, leaving.signal)
      .then((data) => setState({ path, data }))
      .catch((error: unknown) => {
        if (leaving.signal.aborted) return;
        const known = error instanceof ApiError ? error : new ApiError('INTERNAL', 0, 'Something went wrong here.');
        setState((before) => ({ path, data: before.path === path ? before.data : undefined, error: known }));
      })
      .finally(() => !leaving.signal.aborted && setLoading(false));
    return () => leaving.abort();
  }, [path, round]);
  useEffect(() => {
    globalThis.addEventListener('online', reload);
    const timer = everyMs === undefined ? undefined : setInterval(reload, everyMs);
    return () => {
      globalThis.removeEventListener('online', reload);
      clearInterval(timer);
    };
  }, [everyMs, reload]);
  const isCurrent = state.path === path;
  return { data: isCurrent ? state.data : undefined, error: isCurrent ? state.error : undefined, isLoading, reload };
}
