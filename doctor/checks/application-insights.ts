// Whether Application Insights takes what we send: one line of log, which can be found there by its words.
import { z } from 'zod';
import { AzureCredential } from '../../shared/azure-credential.ts';
import type { Config } from '../../shared/config.ts';
import { absent, type Check, ok, problem } from '../check.ts';

const publicEndpoint = 'https://dc.services.visualstudio.com';
const scope = 'https://monitor.azure.com/.default';
const answerSchema = z.object({ itemsAccepted: z.number() });

export const applicationInsights: Check = {
  name: 'App Insights',
  parts: ['functions', 'bridge'],
  async examine({ config }, signal) {
    const { APPLICATIONINSIGHTS_CONNECTION_STRING: connection } = config;
    if (connection === undefined) return absent('no telemetry: APPLICATIONINSIGHTS_CONNECTION_STRING is not set');
    const read = (name: string) => new RegExp(`(?:^|;)${name}=([^;]+)`, 'i').exec(connection)?.[1];
    const endpoint = (read('IngestionEndpoint') ?? publicEndpoint).replace(/\/+$/, '');
    const response = await fetch(`${endpoint}/v2.1/track`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(await signIn(config)) },
      body: JSON.stringify([formatMessage(read('InstrumentationKey')!)]),
      signal,
    });
    const accepted = answerSchema.safeParse(await response.json().catch(() => undefined)).data?.itemsAccepted;
    return judge(response.status, accepted);
  },
};

async function signIn(config: Config): Promise<Record<string, string>> {
  if (config.APPLICATIONINSIGHTS_AUTHENTICATION_STRING === undefined) return {};
  const { token } = await new AzureCredential().getToken(scope);
  return { authorization: `Bearer ${token}` };
}

function formatMessage(iKey: string) {
  const baseData = { ver: 2, message: 'npm run doctor was here', severityLevel: 'Information' };
  return {
    ver: 1,
    name: 'Microsoft.ApplicationInsights.Message',
    time: new Date().toISOString(),
    iKey,
    tags: { 'ai.cloud.role': 'doctor' },
    data: { baseType: 'MessageData', baseData },
  };
}

function judge(status: number, accepted: number | undefined) {
  if (status === 200 && accepted === 1) return ok('takes what we send');
  if (status === 401)
    return problem(
      'it refuses to take anything without an identity (401)',
      'Set APPLICATIONINSIGHTS_AUTHENTICATION_STRING=Authorization=AAD: the component takes no keys.',
    );
  if (status === 403)
    return problem(
      'it takes nothing of our identity (403)',
      'Give it the role Monitoring Metrics Publisher on the component.',
    );
  return problem(
    `it does not take what we send (${status})`,
    'Copy the connection string anew from the component’s overview: its key and its endpoint go together.',
  );
}
