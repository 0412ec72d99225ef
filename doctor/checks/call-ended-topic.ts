// Whether our Event Grid topic takes events: one that nobody subscribes to.
import { isRestError } from '@azure/core-rest-pipeline';
import { AzureKeyCredential, EventGridPublisherClient } from '@azure/eventgrid';
import { AzureCredential } from '../../shared/azure-credential.ts';
import { absent, type Check, ok, problem } from '../check.ts';

const event = { eventType: 'Parley.DoctorAsked', subject: '/doctor', dataVersion: '1', data: {} };

export const callEndedTopic: Check = {
  name: 'event topic',
  parts: ['functions'],
  async examine({ config }, abortSignal) {
    const { EVENT_TOPIC_ENDPOINT: endpoint, EVENT_TOPIC_KEY: key } = config;
    if (endpoint === undefined) return absent('EVENT_TOPIC_ENDPOINT is not set: nobody else is told of ended calls');
    const credential = key === undefined ? new AzureCredential() : new AzureKeyCredential(key);
    const options = { allowInsecureConnection: endpoint.startsWith('http://'), retryOptions: { maxRetries: 1 } };
    try {
      await new EventGridPublisherClient(endpoint, 'EventGrid', credential, options).send([event], { abortSignal });
      return ok('takes our events');
    } catch (error) {
      if (!isRestError(error) || error.statusCode === undefined) throw error;
      return judge(error.statusCode, key !== undefined);
    }
  },
};

function judge(status: number, hasKey: boolean) {
  if (status === 401 || status === 403)
    return hasKey
      ? problem(
          `it refuses EVENT_TOPIC_KEY (${status})`,
          'Copy a key of the topic anew, or leave it out and use an identity.',
        )
      : problem(`it takes nothing of our identity (${status})`, 'Give it the role EventGrid Data Sender on the topic.');
  return problem(
    `it answers ${status}`,
    'EVENT_TOPIC_ENDPOINT must be the topic’s own address, which ends with /api/events.',
  );
}
