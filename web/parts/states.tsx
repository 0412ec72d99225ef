// What a screen shows in place of what it should: that it loads, that there is nothing, that something is wrong.
import type { ReactNode } from 'react';
import { type ApiError, runtimeConfig } from '../api-client.ts';

export function Loading({ what }: { what: string }) {
  return (
    <div className="state" role="status">
      <span className="spinner" aria-hidden="true" />
      <p>Loading {what}…</p>
    </div>
  );
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="state">
      <h2>{title}</h2>
      {children && <p>{children}</p>}
    </div>
  );
}

function findTitle(status: number): string {
  if (status === 401) return 'You are not signed in';
  return status === 403 ? 'You may not see this' : 'That did not work';
}

export function Failed({ error, onRetry }: { error: ApiError; onRetry: () => void }) {
  const signInUrl = error.status === 401 ? runtimeConfig.signInUrl : undefined;
  return (
    <div className="state" role="alert">
      <h2>{findTitle(error.status)}</h2>
      <p>{signInUrl ? 'Sign in with your work account to see calls.' : error.message}</p>
      {signInUrl ? (
        <a className="button primary" href={signInUrl}>
          Sign in
        </a>
      ) : (
        <button type="button" className="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}

export function Message({ kind, children }: { kind: 'error' | 'success' | 'warning' | 'info'; children: ReactNode }) {
  return (
    <div className={`message ${kind}`} role={kind === 'error' ? 'alert' : 'status'}>
      {children}
    </div>
  );
}
