// A store with somebody in between: every request goes through them, whatever methods its port has or will have.
import type { AppendOptions } from './call-stream.ts';
import type { WatchedKind } from './store-watch.ts';

/** They ask nobody who could keep them waiting. */
const notRequests: ReadonlySet<string | symbol> = new Set([
  'subscribe',
  'publishPartial',
  'subscribePartials',
  'close',
]);
const reads: ReadonlySet<string | symbol> = new Set([
  'read',
  'readOn',
  'recentCallIds',
  'liveCallIds',
  'unservedCallIds',
  'unsavedCallIds',
  'find',
  'list',
  'listUnended',
  'listOwing',
  'listOldRecordings',
  'visits',
  'findRequest',
  'openRequests',
  'holders',
  'peakCalls',
]);

export type RequestKind = WatchedKind | 'ping';
/** Resolves to what the request resolves to. */
export type Interceptor = (kind: RequestKind, request: () => Promise<unknown>) => Promise<unknown>;

type Method = (...args: unknown[]) => Promise<unknown>;

export function interceptStore<Store extends object>(store: Store, intercept: Interceptor): Store {
  return new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      const method = (member as Method).bind(target);
      if (notRequests.has(name)) return method;
      return (...args: unknown[]) => intercept(kindOf(name, args), () => method(...args));
    },
  });
}

function kindOf(name: string | symbol, args: readonly unknown[]): RequestKind {
  if (name === 'ping') return 'ping';
  if (reads.has(name)) return 'read';
  return name === 'append' && (args[1] as AppendOptions | undefined)?.isBehindTheScenes ? 'patient-write' : 'write';
}
