// Tells a caller whom no bridge can take that all lines are busy: ACS plays it, and then the call is hung up.
import type { AgentProfiles } from '../../shared/agents/agent.ts';
import type { CallId } from '../../shared/call/call.ts';
import type { CallState } from '../../shared/call/call-state.ts';
import type { Logger } from '../../shared/logger.ts';
import type { CallLedger } from '../../shared/stores/call-ledger.ts';
import type { CallControl } from '../../shared/telephony/call-control.ts';
import { pursueHangUp } from '../../shared/telephony/hang-up-pursuit.ts';
import type { RecordedAnnouncements } from '../recorded-announcements.ts';

/** ACS waits for our answer meanwhile. */
const hangUpLimitMs = 15_000;

export interface AcsLinesBusyOptions {
  readonly ledger: CallLedger;
  readonly control: CallControl;
  readonly agents: AgentProfiles;
  readonly announcements: Pick<RecordedAnnouncements, 'findUrl'>;
}

export class AcsLinesBusy {
  readonly #options: AcsLinesBusyOptions;

  constructor(options: AcsLinesBusyOptions) {
    this.#options = options;
  }

  /** Undefined where there are no words in the agent's language. */
  findRecording(agent: string): string | undefined {
    const { agents, announcements } = this.#options;
    const profile = agents.get(agent);
    return profile && announcements.findUrl('lines-busy', profile.language);
  }

  /** From here on the call is one that should be over: what is not done now is done by the reconciler. */
  async decide(callId: CallId): Promise<void> {
    const asked = { type: 'hang-up-requested', by: 'agent', reason: 'bridge-full' } as const;
    await this.#options.ledger.post(callId, asked, { id: 'bridge-full' });
  }

  /** To a call that is connected and has no media. */
  async tell(carrierCallId: string, { agent = '' }: CallState, log: Logger): Promise<void> {
    const recording = this.findRecording(agent);
    if (recording === undefined) return this.hangUp(carrierCallId);
    log.warn('no bridge has room: the caller is told that all lines are busy');
    try {
      await this.#options.control.announce(carrierCallId, recording);
    } catch (error) {
      log.warn({ error }, 'the caller could not be told that all lines are busy');
      await this.hangUp(carrierCallId);
    }
  }

  async hangUp(carrierCallId: string): Promise<void> {
    const { control } = this.#options;
    await pursueHangUp({ hangUp: () => control.hangUp(carrierCallId) }, { limitMs: hangUpLimitMs });
  }
}
