// Whether ACS takes our key or identity: it is asked for a call that there is not.
import { isRestError } from '@azure/core-rest-pipeline';
import { createAcsClient } from '../../shared/telephony/acs-client.ts';
import { absent, type Check, ok, problem } from '../check.ts';

const noCall = '00000000-0000-4000-8000-000000000000';

export const acsAccess: Check = {
  name: 'ACS',
  parts: ['functions', 'bridge'],
  async examine({ config }, abortSignal) {
    const client = createAcsClient(config);
    if (!client) return absent('no ACS resource');
    const hasKey = config.ACS_CONNECTION_STRING !== undefined;
    try {
      await client.getCallConnection(noCall).getCallConnectionProperties({ abortSignal });
    } catch (error) {
      if (!isRestError(error) || error.statusCode === undefined) throw error;
      return judge(error.statusCode, hasKey);
    }
    return ok('takes our requests');
  },
};

function judge(status: number, hasKey: boolean) {
  if (status === 404 || status === 400) return ok(`takes our ${hasKey ? 'key' : 'identity'}`);
  if (status === 401)
    return hasKey
      ? problem(
          'ACS refuses our key (401)',
          'Copy the connection string anew from the resource’s Keys, and see whether the clock is right.',
        )
      : problem('ACS refuses our identity (401)', 'The identity must be of the tenant that the resource is in.');
  if (status === 403)
    return problem(
      'ACS lets us do nothing (403)',
      'Give the identity the role Communication and Email Service Owner on the resource; a new assignment takes minutes.',
    );
  return problem(`ACS answers ${status}`, 'Look at the resource’s health in the portal, then try again.');
}
