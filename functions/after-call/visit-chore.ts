// Chore: keeps for the caller's next call what came of this one, where the agent remembers its callers.
import type { AgentProfile } from '../../shared/agents/agent.ts';
import type { CallEndReason } from '../../shared/call/call.ts';
import type { CallState } from '../../shared/call/call-state.ts';
import type { CallerKeys } from '../../shared/caller-keys.ts';
import type { CallerMemory } from '../../shared/stores/caller-memory.ts';
import type { Chore } from './chore.ts';

const dayMs = 86_400_000;
/** Whoever ended it so had said goodbye, or was handed on. */
const inOrder: ReadonlySet<CallEndReason | undefined> = new Set([
  'agent-hung-up',
  'operator-hung-up',
  'transferred',
  'voicemail',
]);

export interface VisitChoreOptions {
  readonly callers: Pick<CallerMemory, 'remember'>;
  readonly keys: CallerKeys;
}

export class VisitChore implements Chore {
  readonly name = 'visit';
  readonly #options: VisitChoreOptions;

  constructor(options: VisitChoreOptions) {
    this.#options = options;
  }

  async run(call: CallState, agent: AgentProfile | undefined): Promise<boolean> {
    const { callers, keys } = this.#options;
    const caller = keys.find(call.remoteParty);
    const hasSpoken = call.turns.some(({ role }) => role === 'caller');
    if (!agent?.memory.enabled || !caller || !hasSpoken || call.answeredBy === 'machine') return true;
    const { callId, createdAt: at = 0, endedAt = at, notes, outcome } = call;
    const summary = outcome?.result?.summary.value ?? undefined;
    await callers.remember(caller, {
      callId,
      agent: agent.name,
      at,
      endedAt,
      isBrokenOff: !inOrder.has(call.endReason) && !hasSaidGoodbye(call),
      ...(summary !== undefined && { summary }),
      notes: call.notesDoneAt === undefined ? notes : [],
      expiresAt: endedAt + agent.memory.keep_days * dayMs,
    });
    return true;
  }
}

/** A caller who hangs up while the agent says goodbye, or after it, has broken nothing off. */
function hasSaidGoodbye({ askedToEnd }: CallState): boolean {
  return askedToEnd !== undefined && inOrder.has(askedToEnd);
}
