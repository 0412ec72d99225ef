// Whether Twilio takes our credentials, and the account may call.
import { z } from 'zod';
import { absent, type Check, ok, problem } from '../check.ts';
import { askTwilio } from '../twilio-api.ts';

const accountSchema = z.object({ status: z.string() });

export const twilioAccount: Check = {
  name: 'Twilio',
  parts: ['functions', 'bridge'],
  async examine({ config }, signal) {
    const answer = await askTwilio(config, '.json', signal);
    if (!answer) return absent('no Twilio account');
    if (answer.status === 401)
      return problem(
        'Twilio refuses TWILIO_ACCOUNT_SID with TWILIO_AUTH_TOKEN (401)',
        'Copy both from the console’s first page: the token is the primary one, not an API key’s secret, and not of a subaccount.',
      );
    const account = accountSchema.safeParse(answer.body).data;
    if (answer.status !== 200 || !account)
      return problem(`Twilio answers ${answer.status}`, 'Look at TWILIO_API_URL, which nobody needs but a stand-in.');
    if (account.status !== 'active')
      return problem(`the account is ${account.status}`, 'See to it in Twilio’s console: billing, or a review.');
    return ok('takes our credentials; the account is active');
  },
};
