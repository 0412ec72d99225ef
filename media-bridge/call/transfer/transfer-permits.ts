// Leave to ring the people whom agents hand over to: from the dial guard, except for those who have no number.
import type { Carrier } from '../../../shared/call/call.ts';
import type { CallDialler } from '../../../shared/dialling/call-dialler.ts';
import { formatAcsParty } from '../../../shared/telephony/acs-identifiers.ts';
import type { DialGuard } from '../../../shared/telephony/dial-guard.ts';
import type { TransferPermit } from './consultation-call.ts';
import type { TransfersOptions } from './transfers.ts';

/** What a bridge needs to ring anybody. */
export interface TransferMeans {
  readonly dialler: Pick<CallDialler, 'dial'>;
  readonly guard: Pick<DialGuard, 'permitTransfer' | 'permitConsultation'>;
}

export function createTransferPermits(
  guard: TransferMeans['guard'],
  carrier: Carrier,
): Pick<TransfersOptions, 'permitCall' | 'permitForward'> {
  const permit = async (to: string, ask: (party: string) => Promise<TransferPermit>) => {
    const party = carrier === 'acs' ? formatAcsParty(to) : to;
    // A user of Teams or ACS costs nothing to reach.
    const isFree = carrier === 'acs' && !party.startsWith('+');
    return isFree ? createFreePermit(party) : ask(party);
  };
  return {
    permitCall: (to, orderId) => permit(to, (party) => guard.permitConsultation(party, orderId)),
    permitForward: (to) => permit(to, (party) => guard.permitTransfer(party)),
  };
}

const createFreePermit = (number: string): TransferPermit => ({
  number,
  confirm: async () => {},
  giveBack: async () => {},
});
