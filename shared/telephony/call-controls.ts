// The carriers that the settings name, each with its client.
import type { Carrier } from '../call/call.ts';
import type { Config } from '../config.ts';
import { AcsCallControl } from './acs-call-control.ts';
import { createAcsClient } from './acs-client.ts';
import { AcsRecordings } from './acs-recordings.ts';
import type { CallControl } from './call-control.ts';
import type { CarrierRecordings, CarrierRecordingsMap } from './carrier-recordings.ts';
import { TwilioCallControl } from './twilio-call-control.ts';
import { createTwilioClient } from './twilio-client.ts';
import { TwilioRecordings } from './twilio-recordings.ts';

export type CallControls = ReadonlyMap<Carrier, CallControl>;

export function createCarrierRecordings(config: Config): CarrierRecordingsMap {
  const recordings: CarrierRecordings[] = [];
  const acs = createAcsClient(config);
  if (acs) recordings.push(new AcsRecordings(acs));
  const twilio = createTwilioClient(config);
  if (twilio) recordings.push(new TwilioRecordings(twilio, { publicUrl: config.PUBLIC_URL ?? '' }));
  return new Map(recordings.map((one) => [one.carrier, one]));
}

export function createCallControls(config: Config): CallControls {
  const controls: CallControl[] = [];
  const acs = createAcsClient(config);
  if (acs) controls.push(new AcsCallControl(acs, { audioFormat: config.ACS_AUDIO_FORMAT }));
  const twilio = createTwilioClient(config);
  if (twilio)
    controls.push(new TwilioCallControl(twilio, { publicUrl: config.PUBLIC_URL ?? '', bridgeUrl: config.BRIDGE_URL }));
  return new Map(controls.map((control) => [control.carrier, control]));
}
