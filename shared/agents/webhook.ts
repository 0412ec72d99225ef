// Of an agent: who is told, by a signed request, what became of a call.
import { z } from 'zod';
import { secretSetting, serviceUrl } from './foreign-service.ts';

export const webhookEvents = ['call-ended', 'outcome-ready', 'recording-ready'] as const;

export const webhook = z.strictObject({
  url: serviceUrl,
  /** Signs each request (HMAC-SHA256). */
  secret: secretSetting,
  events: z.array(z.enum(webhookEvents)).min(1).default(['outcome-ready']),
});

export type Webhook = z.output<typeof webhook>;
