// Whether the functions answer Event Grid's handshake, which it asks for before it delivers the first incoming call.
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { findAcsEndpoint, isLoopback } from '../../shared/config.ts';
import { absent, type Check, doubt, ok, problem } from '../check.ts';

const answerSchema = z.object({ validationResponse: z.string() });

export const eventGridHandshake: Check = {
  name: 'Event Grid',
  parts: ['functions'],
  async examine({ config, functionsKey }, signal) {
    const { PUBLIC_URL: url } = config;
    if (url === undefined || findAcsEndpoint(config) === undefined) return absent('no ACS resource');
    const code = randomUUID();
    const key = functionsKey ?? config.API_KEY;
    const query = key === undefined ? '' : `?code=${encodeURIComponent(key)}`;
    const response = await fetch(`${url}/api/incomingCall${query}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'aeg-event-type': 'SubscriptionValidation' },
      body: JSON.stringify([formatValidation(code)]),
      redirect: 'manual',
      signal,
    });
    const answer = answerSchema.safeParse(await response.json().catch(() => undefined)).data;
    if (response.status === 200 && answer?.validationResponse === code) return ok('the handshake is answered');
    if (response.status === 401 || response.status === 403)
      return functionsKey === undefined && !isLoopback(new URL(url).hostname)
        ? doubt(
            'the web hook wants a key of the host',
            'Give one with --functions-key to have it tried; infra/ subscribes the function itself, without it.',
          )
        : problem(
            `the web hook refuses our key (${response.status})`,
            'Put the key into the address that Event Grid is given: …/api/incomingCall?code=<key>.',
          );
    return problem(
      `the handshake is answered with ${response.status}`,
      'No incoming call will be told: look at the functions’ log, and that PUBLIC_URL is theirs.',
    );
  },
};

function formatValidation(validationCode: string) {
  return {
    id: randomUUID(),
    topic: '/subscriptions/doctor',
    subject: '',
    eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
    eventTime: new Date().toISOString(),
    metadataVersion: '1',
    dataVersion: '2',
    data: { validationCode },
  };
}
