// The carriers that the settings name, each with its client.
import type { Carrier } from '../call/call.ts';
import type { Config } from '../config.ts';
import { AcsCallControl } from './acs-call-control.ts';
import { createAcsClient } from './acs-client.ts';
import type { CallControl } from './call-control.ts';
import { TwilioCallControl } from './twilio-call-control.ts';
import { createTwilioClient } from './twilio-client.ts';

export type CallControls = ReadonlyMap<Carrier, CallControl>;

export function createCallControls(config: Config): CallControls {
  const controls: CallControl[] = [];
  const acs = createAcsClient(config);
  if (acs) controls.push(new AcsCallControl(acs, { audioFormat: config.ACS_AUDIO_FORMAT }));
  const twilio = createTwilioClient(config);
  if (twilio)
    controls.push(new TwilioCallControl(twilio, { publicUrl: config.PUBLIC_URL ?? '', bridgeUrl: config.BRIDGE_URL }));
  return new Map(controls.map((control) => [control.carrier, control]));
}
