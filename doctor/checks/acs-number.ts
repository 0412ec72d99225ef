// Whether ACS_PHONE_NUMBER is a number of the ACS resource, and one for calls.
import { createCommunicationAuthPolicy, parseClientArguments } from '@azure/communication-common';
import {
  createDefaultHttpClient,
  createEmptyPipeline,
  createHttpHeaders,
  createPipelineRequest,
} from '@azure/core-rest-pipeline';
import { z } from 'zod';
import { AzureCredential } from '../../shared/azure-credential.ts';
import { type Config, findAcsEndpoint } from '../../shared/config.ts';
import { absent, type Check, doubt, ok, problem } from '../check.ts';

/** Of the API of phone numbers, which no client of ours speaks. */
const apiVersion = '2022-12-01';
const numberSchema = z.object({ capabilities: z.object({ calling: z.string() }) });

export const acsNumber: Check = {
  name: 'ACS number',
  parts: ['functions'],
  async examine({ config }, abortSignal) {
    const { ACS_PHONE_NUMBER: number } = config;
    if (findAcsEndpoint(config) === undefined) return absent('no ACS resource');
    if (number === undefined && config.TEAMS_RESOURCE_ACCOUNT !== undefined)
      return absent('calls come and go by Teams');
    if (number === undefined)
      return doubt(
        'ACS_PHONE_NUMBER is not set',
        'Every call to the resource is answered, and nobody can be dialled through ACS.',
      );
    const { status, bodyAsText } = await readNumber(config, number, abortSignal);
    if (status === 404)
      return problem(
        'the resource has no such number',
        'Set ACS_PHONE_NUMBER to one of the resource’s Phone numbers in the portal.',
      );
    // Whoever may control calls need not be allowed to read numbers.
    if (status !== 200)
      return doubt(
        `the number could not be looked up (${status})`,
        'Compare it with Phone numbers of the resource in the portal.',
      );
    const calling = numberSchema.safeParse(JSON.parse(bodyAsText ?? '{}')).data?.capabilities.calling ?? 'none';
    if (calling === 'inbound+outbound') return ok('ours, for calls in and out');
    return doubt(
      `ours, for calls: ${calling}`,
      'Change its calling features in the portal if it is to ring and to be rung.',
    );
  },
};

function readNumber(config: Config, number: string, abortSignal: AbortSignal) {
  const { url, credential } =
    config.ACS_CONNECTION_STRING === undefined
      ? { url: findAcsEndpoint(config)!, credential: new AzureCredential() }
      : parseClientArguments(config.ACS_CONNECTION_STRING);
  const pipeline = createEmptyPipeline();
  pipeline.addPolicy(createCommunicationAuthPolicy(credential));
  const request = createPipelineRequest({
    url: `${url.replace(/\/$/, '')}/phoneNumbers/${encodeURIComponent(number)}?api-version=${apiVersion}`,
    headers: createHttpHeaders({ accept: 'application/json' }),
    abortSignal,
    allowInsecureConnection: url.startsWith('http://'),
  });
  return pipeline.sendRequest(createDefaultHttpClient(), request);
}
