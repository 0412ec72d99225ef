// What is remembered of callers, in memory: gone with the process.
import type { CallId } from '../call/call.ts';
import type { CallerKey, CallerMemory, CallerVisit, ForgetRequest } from './caller-memory.ts';

export class MemoryCallerMemory implements CallerMemory {
  readonly #callers = new Map<CallerKey, Map<CallId, CallerVisit>>();
  readonly #requests = new Map<string, ForgetRequest>();

  async remember(caller: CallerKey, visit: CallerVisit): Promise<void> {
    const visits = this.#callers.get(caller) ?? new Map<CallId, CallerVisit>();
    this.#callers.set(caller, visits.set(visit.callId, visit));
  }

  async visits(caller: CallerKey, limit: number): Promise<readonly CallerVisit[]> {
    const kept = [...(this.#callers.get(caller)?.values() ?? [])].filter(isKept);
    return kept.sort((a, b) => b.at - a.at).slice(0, limit);
  }

  async forget(caller: CallerKey): Promise<number> {
    const visits = this.#callers.get(caller)?.size ?? 0;
    this.#callers.delete(caller);
    return visits;
  }

  async saveRequest(request: ForgetRequest): Promise<void> {
    this.#requests.set(request.id, request);
  }

  async findRequest(id: string): Promise<ForgetRequest | undefined> {
    const request = this.#requests.get(id);
    return request && isKept(request) ? request : undefined;
  }

  async openRequests(limit: number): Promise<readonly ForgetRequest[]> {
    const open = [...this.#requests.values()].filter((request) => request.doneAt === undefined && isKept(request));
    return open.sort((a, b) => a.requestedAt - b.requestedAt).slice(0, limit);
  }

  async removeExpired(): Promise<number> {
    let removed = 0;
    for (const [caller, visits] of this.#callers) {
      for (const visit of visits.values()) if (!isKept(visit) && visits.delete(visit.callId)) removed++;
      if (visits.size === 0) this.#callers.delete(caller);
    }
    for (const request of this.#requests.values()) if (!isKept(request) && this.#requests.delete(request.id)) removed++;
    return removed;
  }

  async ping(): Promise<void> {}

  async close(): Promise<void> {}
}

function isKept({ expiresAt }: { readonly expiresAt: number }): boolean {
  return expiresAt > Date.now();
}
