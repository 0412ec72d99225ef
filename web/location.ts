// Where in the console one is: the part of the address behind #, so that the server has one page to serve.
import { useSyncExternalStore } from 'react';

export interface Place {
  readonly screen: string;
  /** What of it: a call's id. */
  readonly id: string | undefined;
  readonly query: URLSearchParams;
}

export function parsePlace(hash: string): Place {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  const [screen = '', id] = path.split('/').map(decodeURIComponent);
  return { screen: screen || 'live', id, query: new URLSearchParams(query) };
}

export function formatPlace(screen: string, id?: string, query?: URLSearchParams): string {
  const path = id === undefined ? screen : `${screen}/${encodeURIComponent(id)}`;
  return `#/${path}${query?.size ? `?${query}` : ''}`;
}

export function usePlace(): Place {
  const hash = useSyncExternalStore(listen, () => location.hash);
  return parsePlace(hash);
}

function listen(onChange: () => void): () => void {
  globalThis.addEventListener('hashchange', onChange);
  return () => globalThis.removeEventListener('hashchange', onChange);
}
