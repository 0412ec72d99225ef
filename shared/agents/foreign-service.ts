// What an agent's file says of a service that is not ours: its address, the secret by a setting's name, and nothing of the secret.
import { z } from 'zod';

/** Only these may be named: an agent's file cannot send any other setting somewhere. */
export const secretSettingPrefix = 'AGENT_SECRET_';

export const secretSetting = z
  .string()
  .regex(
    new RegExp(`^${secretSettingPrefix}[A-Z0-9_]{1,64}$`),
    `must be the name of a setting that begins with ${secretSettingPrefix}`,
  );

/** Unencrypted only on this machine. */
export function isServiceUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  const isLocal = ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
  return (protocol === 'https:' || (protocol === 'http:' && isLocal)) && username === '' && password === '';
}

export const serviceUrl = z
  .string()
  .refine(isServiceUrl, 'must be a URL that starts with https:// (unencrypted only on this machine), without a name');

/** How the secret is shown: the whole of a header. */
export const serviceSecret = z.strictObject({
  setting: secretSetting,
  header: z
    .string()
    .regex(/^[A-Za-z0-9-]{1,64}$/, 'must be the name of a header')
    .default('authorization'),
  /** Before the secret. */
  prefix: z.string().max(32).default('Bearer '),
});

export type ServiceSecret = z.output<typeof serviceSecret>;
