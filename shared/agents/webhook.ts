// Of an agent: who is told, by a signed request, what became of a call.
import { z } from 'zod';
import { deliveryEvents } from '../call/call-delivery.ts';
import { secretSetting, serviceUrl } from './foreign-service.ts';

export const webhook = z.strictObject({
  url: serviceUrl,
  /** Signs each request (HMAC-SHA256). */
  secret: secretSetting,
  events: z.array(z.enum(deliveryEvents)).min(1).default(['outcome-ready']),
});

export type Webhook = z.output<typeof webhook>;
