// Which carrier a call goes out through, and who the callee sees calling.
import type { Carrier } from '../../shared/call/call.ts';
import type { Config } from '../../shared/config.ts';
import { AppError } from '../../shared/errors.ts';
import type { CallControl } from '../../shared/telephony/call-control.ts';
import type { CallControls } from '../../shared/telephony/call-controls.ts';
import { type DialTarget, formatResourceAccount } from '../../shared/telephony/dial-target.ts';

/** One carrier as far as dialling goes. With neither number nor account it is set up for incoming calls only. */
export interface OutboundLine {
  readonly control: CallControl;
  /** Our number. */
  readonly number: string | undefined;
  /** The Teams resource account that ACS calls in the name of, as ACS names it. */
  readonly account?: string | undefined;
}

export type OutboundLines = ReadonlyMap<Carrier, OutboundLine>;

export function createOutboundLines(config: Config, controls: CallControls): OutboundLines {
  const { ACS_PHONE_NUMBER, TWILIO_PHONE_NUMBER, TEAMS_RESOURCE_ACCOUNT } = config;
  const account = TEAMS_RESOURCE_ACCOUNT && formatResourceAccount(TEAMS_RESOURCE_ACCOUNT);
  const ours = {
    acs: { number: ACS_PHONE_NUMBER, account },
    twilio: { number: TWILIO_PHONE_NUMBER },
    // Nobody is dialled by it.
    web: { number: undefined },
  };
  return new Map([...controls].map(([carrier, control]) => [carrier, { control, ...ours[carrier] }]));
}

/** Throws NOT_CONFIGURED, and BAD_NUMBER for whom the wanted carrier does not reach. */
export function pickLine(
  lines: OutboundLines,
  target: DialTarget,
  wanted: Carrier | undefined,
): { readonly control: CallControl; readonly from: string } {
  if (target.kind !== 'phone' && wanted === 'twilio')
    throw new AppError('BAD_NUMBER', 'Twilio reaches phones only: this identifier is one of ACS');
  for (const [carrier, line] of lines) {
    const from = findCaller(carrier, line, target);
    if (from !== undefined && (wanted === undefined || wanted === carrier)) return { control: line.control, from };
  }
  throw new AppError('NOT_CONFIGURED', {
    what:
      target.kind === 'teams'
        ? 'calling Teams (TEAMS_RESOURCE_ACCOUNT)'
        : `dialling through ${wanted ?? 'any carrier'}, or a number for it,`,
  });
}

/** Undefined: this target cannot be called through it. */
function findCaller(carrier: Carrier, { number, account }: OutboundLine, { kind }: DialTarget): string | undefined {
  switch (kind) {
    case 'phone':
      return number ?? account;
    case 'teams':
      return carrier === 'acs' ? account : undefined;
    case 'acs':
      return carrier === 'acs' ? (account ?? number) : undefined;
    default:
      return kind satisfies never;
  }
}
