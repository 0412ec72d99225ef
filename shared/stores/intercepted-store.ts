// A store with somebody in between: every request goes through them, whatever methods its port has or will have.

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

export type RequestKind = 'read' | 'write' | 'ping';
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
      const kind = name === 'ping' ? 'ping' : reads.has(name) ? 'read' : 'write';
      return (...args: unknown[]) => intercept(kind, () => method(...args));
    },
  });
}
