// Through whom a call goes out, and who is seen calling, by what is set up and who is called.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Carrier } from '../../shared/call/call.ts';
import { readConfig } from '../../shared/config.ts';
import { parseDialTarget } from '../../shared/telephony/dial-target.ts';
import { FakeCallControl } from '../testing/fake-call-control.ts';
import { createOutboundLines, pickLine } from './outbound-lines.ts';

const account = '00000000-0000-4000-8000-00000000000c';
const guid = '00000000-0000-4000-8000-00000000000a';
const phone = '+15550142';
const user = `8:orgid:${guid}`;
const acsUser = `8:acs:${guid}_${guid}`;
const number = { ACS_PHONE_NUMBER: '+15550100' };
const teams = { TEAMS_RESOURCE_ACCOUNT: account };
const twilio = { TWILIO_PHONE_NUMBER: '+15550150' };
const asAccount = `28:orgid:${account}`;

const table: readonly [settings: Record<string, string>, to: string, wanted: Carrier | undefined, through: string][] = [
  [{ ...number, ...teams }, phone, undefined, 'acs +15550100'],
  [teams, phone, undefined, `acs ${asAccount}`],
  [{ ...number, ...teams }, user, undefined, `acs ${asAccount}`],
  [{ ...number, ...teams, ...twilio }, user, 'twilio', 'BAD_NUMBER'],
  [{ ...number, ...twilio }, user, undefined, 'NOT_CONFIGURED'],
  [number, acsUser, undefined, 'acs +15550100'],
  [{ ...number, ...teams }, acsUser, 'acs', `acs ${asAccount}`],
  [twilio, acsUser, undefined, 'NOT_CONFIGURED'],
  [twilio, phone, undefined, 'twilio +15550150'],
  [{ ...twilio, ...number }, phone, 'twilio', 'twilio +15550150'],
  [{}, phone, undefined, 'NOT_CONFIGURED'],
];
describe('a call', () => {
  for (const [settings, to, wanted, through] of table)
    it(`to ${to} with ${Object.keys(settings).join(' and ') || 'nothing'}${wanted ? ` by ${wanted}` : ''}: ${through}`, () => {
      const controls = new Map([new FakeCallControl('acs'), new FakeCallControl('twilio')].map((c) => [c.carrier, c]));
      const lines = createOutboundLines(readConfig(settings), controls);
      const pick = () => pickLine(lines, parseDialTarget(to), wanted);
      if (/^[A-Z_]+$/.test(through)) return assert.throws(pick, { code: through });
      const { control, from } = pick();
      assert.equal(`${control.carrier} ${from}`, through);
    });
});
