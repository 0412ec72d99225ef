// A route of the app as data: its name, its path, who may use it, and what handles it.
import type { Role } from './clients/client.ts';
import type { ClientHandler, RouteHandler } from './route-handler.ts';

export type HttpRoute = HttpAddress &
  (
    | {
        /** `function`: guarded by the host's key. `anonymous`: open to all, or guarded by the sender's own signature. */
        readonly auth: 'function' | 'anonymous';
        readonly handle: RouteHandler;
      }
    /** Of the API: for those who have the key, or who signed in and have this role. */
    | { readonly auth: Role; readonly handle: ClientHandler }
  );

interface HttpAddress {
  /** The host looks at routes in the order of their names, whatever their paths: two that fit one path must be told apart here. */
  readonly name: string;
  readonly methods: readonly ('GET' | 'POST' | 'OPTIONS')[];
  readonly path: string;
}
