// Whether the keys can be had by which callbacks and media sockets show that they are from ACS.
import { z } from 'zod';
import { findAcsEndpoint } from '../../shared/config.ts';
import { findAcsOpenIdUrl } from '../../shared/telephony/acs-token-verifier.ts';
import { absent, type Check, ok, problem } from '../check.ts';

const openIdSchema = z.object({ jwks_uri: z.url() });
const keysSchema = z.object({ keys: z.array(z.unknown()).nonempty() });

export const acsSigningKeys: Check = {
  name: 'ACS signing keys',
  parts: ['functions', 'bridge'],
  async examine({ config }, signal) {
    const endpoint = findAcsEndpoint(config);
    if (endpoint === undefined) return absent('no ACS resource');
    const read = async (url: string) => (await fetch(url, { signal })).json().catch(() => undefined);
    const openId = openIdSchema.safeParse(await read(findAcsOpenIdUrl(config.ACS_OPENID_URL, endpoint))).data;
    const keys = openId && keysSchema.safeParse(await read(openId.jwks_uri)).data;
    if (keys) return ok(`${keys.keys.length} found`);
    return problem(
      'there are none where we look',
      'Take ACS_OPENID_URL out of the settings: the public address is the default.',
    );
  },
};
