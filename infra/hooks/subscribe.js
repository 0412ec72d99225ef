// Subscribes our functions to the events that they handle, after a deployment: before it, Event Grid refuses a function that is not there.
import { execFile } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

const arm = process.env.AZURE_RESOURCE_MANAGER_URL ?? 'https://management.azure.com';
const patienceMs = 5 * 60_000;
const pauseMs = 5_000;
const requestTimeoutMs = 30_000;
const siteVersion = '2025-03-01';
const topicVersion = '2025-02-15';

/** Of a filter of Event Grid. With more numbers nothing is filtered: the function leaves alone what is not ours. */
const mostValues = 25;

/** What Azure says no to: to ask again would not help. */
class Refusal extends Error {}

const giveUpAt = Date.now() + patienceMs;

try {
  const siteId = readSetting('FUNCTIONS_SITE_ID');
  const subscriptions = listSubscriptions();
  const token = await readToken();
  for (const subscription of subscriptions) await subscribe(token, siteId, subscription);
} catch (error) {
  process.stderr.write(`The Event Grid subscriptions could not be made: ${error.message}\n`);
  process.stderr.write('Run this step again by: azd hooks run postdeploy\n');
  process.exitCode = 1;
}

function listSubscriptions() {
  const acsTopic = readSetting('EVENT_TOPIC_ID');
  const callTopic = readSetting('CALL_TOPIC_ID');
  const { DEAD_LETTER_STORAGE_ID: ofAcs, CALL_DEAD_LETTER_STORAGE_ID: ofCalls } = process.env;
  return [
    {
      name: 'incoming-calls',
      topic: acsTopic,
      functionName: 'incomingCall',
      eventType: 'Microsoft.Communication.IncomingCall',
      filter: createLineFilter(),
      // A ring lasts half a minute: to deliver it later is to answer nobody.
      retryPolicy: { maxDeliveryAttempts: 2, eventTimeToLiveInMinutes: 1 },
      storageId: ofAcs,
    },
    {
      // Of all calls: a recording says nothing of the number that was rung.
      name: 'recording-files',
      topic: acsTopic,
      functionName: 'recordingReady',
      eventType: 'Microsoft.Communication.RecordingFileStatusUpdated',
      // ACS keeps the file for a day. What is put aside after two hours of trying, a timer of ours still fetches; what nobody
      // puts aside is tried all day.
      retryPolicy: ofAcs
        ? { maxDeliveryAttempts: 8, eventTimeToLiveInMinutes: 240 }
        : { maxDeliveryAttempts: 30, eventTimeToLiveInMinutes: 1440 },
      storageId: ofAcs,
    },
    {
      name: 'ended-calls',
      topic: callTopic,
      functionName: 'callEnded',
      eventType: 'Parley.CallEnded',
      // What is not told in an hour was found by a timer long before.
      retryPolicy: { maxDeliveryAttempts: 10, eventTimeToLiveInMinutes: 60 },
      storageId: ofCalls,
    },
  ];
}

async function subscribe(token, siteId, subscription) {
  const { name, topic, functionName } = subscription;
  const functionId = `${siteId}/functions/${functionName}`;
  const subscriptionId = `${topic}/eventSubscriptions/${name}`;

  say(`Waiting until Azure shows the function ${functionName}`);
  await ask(token, 'GET', functionId, siteVersion, { isTooEarly: (status) => status === 404 });

  say(`Subscribing it to ${subscription.eventType}`);
  await ask(token, 'PUT', subscriptionId, topicVersion, {
    body: createBody(functionId, subscription),
    // Another change is under way, or Event Grid does not see the function yet.
    isTooEarly: (status, text) => status === 409 || (status === 400 && /endpoint not found/i.test(text)),
  });
  await waitUntilProvisioned(token, subscriptionId);
  say(`The function ${functionName} is told`);
}

function createBody(functionId, { eventType, filter, retryPolicy, storageId }) {
  const destination = { endpointType: 'AzureFunction', properties: { resourceId: functionId, maxEventsPerBatch: 1 } };
  const deadLetterDestination = {
    endpointType: 'StorageBlob',
    properties: { resourceId: storageId, blobContainerName: process.env.DEAD_LETTER_CONTAINER },
  };
  return {
    properties: {
      destination,
      eventDeliverySchema: 'EventGridSchema',
      filter: { includedEventTypes: [eventType], ...(filter && { advancedFilters: [filter] }) },
      retryPolicy,
      ...(storageId && {
        deadLetterWithResourceIdentity: { identity: { type: 'SystemAssigned' }, deadLetterDestination },
      }),
    },
  };
}

/**
 * Undefined without a line yet, and with more lines than a filter takes: whatever comes to this resource; the function leaves alone
 * what is not ours. A Teams resource account has no phone number there.
 */
function createLineFilter() {
  const { ACS_PHONE_NUMBER: number, TEAMS_RESOURCE_ACCOUNT: account, AGENT_NUMBERS: routes = '' } = process.env;
  if (!account && !number) return undefined;
  const routed = routes.split(',').map((route) => route.split('=')[0].trim());
  const numbers = [...new Set([number ?? '', ...routed])].filter((line) => line.startsWith('+'));
  const values = account ? [`28:orgid:${account.toLowerCase()}`, ...numbers.map((line) => `4:${line}`)] : numbers;
  if (values.length > mostValues) return undefined;
  return { operatorType: 'StringIn', key: account ? 'data.to.rawId' : 'data.to.PhoneNumber.Value', values };
}

async function waitUntilProvisioned(token, subscription) {
  for (;;) {
    const { answer, retryMs } = await ask(token, 'GET', subscription, topicVersion, {});
    const state = answer.properties?.provisioningState;
    if (state === 'Succeeded') return;
    if (state === 'Failed' || state === 'Canceled') throw new Error(`Azure says ${state} of the subscription`);
    await waitMs(retryMs, `the subscription is ${state}`);
  }
}

/** Again while it is too early, while Azure is busy or does not answer. Throws what Azure says to anything else. */
async function ask(token, method, id, version, { body, isTooEarly = () => false }) {
  for (;;) {
    let why;
    let retryMs = pauseMs;
    try {
      const response = await fetch(`${arm}${id}?api-version=${version}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: body && JSON.stringify(body),
        signal: AbortSignal.timeout(requestTimeoutMs),
      });
      const text = await response.text();
      const retryAfter = Number.parseInt(response.headers.get('retry-after') ?? '', 10);
      if (Number.isFinite(retryAfter)) retryMs = retryAfter * 1000;
      if (response.ok) return { answer: text === '' ? {} : JSON.parse(text), retryMs };
      const { status } = response;
      why = `${method} ${id}: ${status} ${text.slice(0, 500)}`;
      if (!(status === 429 || status >= 500 || isTooEarly(status, text))) throw new Refusal(why);
    } catch (error) {
      if (error instanceof Refusal || error instanceof SyntaxError) throw error;
      why = `${method} ${id}: ${error.cause?.code ?? error.message}`;
    }
    await waitMs(retryMs, why);
  }
}

async function waitMs(ms, why) {
  if (Date.now() + ms > giveUpAt) throw new Error(`not within ${patienceMs / 60_000} minutes; last: ${why}`);
  await pause(ms);
}

async function readToken() {
  const { stdout } = await promisify(execFile)('azd', [
    'auth',
    'token',
    '--scope',
    `${arm}/.default`,
    '--output',
    'json',
  ]);
  return JSON.parse(stdout).token;
}

function readSetting(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not in azd's environment: run azd provision first`);
  return value;
}

function say(text) {
  process.stdout.write(`${text}\n`);
}
