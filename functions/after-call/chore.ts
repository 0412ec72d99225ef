// Something that is left to be done when a call is over, by whoever comes to it, as often as they come.
import type { AgentProfile } from '../../shared/agents/agent.ts';
import type { CallState } from '../../shared/call/call-state.ts';

export interface Chore {
  readonly name: string;
  /**
   * Does what can be done now. Resolves to whether nothing is left of it. `agent`: undefined where the call's own is not known
   * any more. Rejects where it is to be tried again.
   */
  run(call: CallState, agent: AgentProfile | undefined): Promise<boolean>;
}
