// Whether TWILIO_PHONE_NUMBER is a number of the account, and its calls go to our functions.
import { z } from 'zod';
import { absent, type Check, doubt, ok, problem } from '../check.ts';
import { askTwilio } from '../twilio-api.ts';

const hook = z.string().nullish();
const numbersSchema = z.object({
  incoming_phone_numbers: z.array(
    z.object({
      voice_url: hook,
      voice_method: hook,
      status_callback: hook,
      status_callback_method: hook,
      capabilities: z.object({ voice: z.boolean() }).optional(),
    }),
  ),
});

export const twilioNumber: Check = {
  name: 'Twilio number',
  parts: ['functions'],
  async examine({ config }, signal) {
    const { TWILIO_PHONE_NUMBER: phoneNumber, PUBLIC_URL: publicUrl } = config;
    if (config.TWILIO_ACCOUNT_SID === undefined || phoneNumber === undefined || publicUrl === undefined)
      return absent('no number at Twilio');
    const path = `/IncomingPhoneNumbers.json?PhoneNumber=${encodeURIComponent(phoneNumber)}`;
    const answer = await askTwilio(config, path, signal);
    if (answer?.status !== 200)
      return doubt(`the number could not be looked up (${answer?.status})`, 'See to the account first.');
    const found = numbersSchema.safeParse(answer.body).data?.incoming_phone_numbers[0];
    if (!found)
      return problem(
        'the account has no such number',
        'Set TWILIO_PHONE_NUMBER to one under Active numbers in the console.',
      );
    if (found.capabilities?.voice === false)
      return problem('the number cannot call', 'Take one with the capability Voice.');
    const wrong = [
      findFault('voice URL', found.voice_url, found.voice_method, `${publicUrl}/twilio/voice`),
      findFault('status callback', found.status_callback, found.status_callback_method, `${publicUrl}/twilio/status`),
    ].filter((fault) => fault !== undefined);
    if (wrong.length === 0) return ok('ours; its calls come to our functions');
    return problem(
      wrong.map(({ saw }) => saw).join('; '),
      `Set at the number: ${wrong.map(({ wanted }) => wanted).join(', ')}.`,
    );
  },
};

/** What stands behind # tells Twilio how often to ask again. */
function findFault(what: string, given: string | null | undefined, method: string | null | undefined, wanted: string) {
  const isSame = given?.split('#')[0] === wanted && (method ?? 'POST').toUpperCase() === 'POST';
  return isSame ? undefined : { saw: `its ${what} is not ours`, wanted: `${what} ${wanted} by POST` };
}
