// Runs the hook as azd does, against a stand-in of Azure Resource Manager on loopback and a stand-in of azd.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

const folder = mkdtempSync(join(tmpdir(), 'hook-'));
after(() => rmSync(folder, { recursive: true }));
writeFileSync(
  join(folder, 'azd'),
  '#!/bin/sh\necho "{\\"token\\":\\"token for $4\\",\\"expiresOn\\":\\"2026-11-21T12:00:00Z\\"}"\n',
  { mode: 0o755 },
);

const group = '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/test-rg/providers';
const site = `${group}/Microsoft.Web/sites/func-test`;
const topic = `${group}/Microsoft.EventGrid/systemTopics/evgt-test`;
const storage = `${group}/Microsoft.Storage/storageAccounts/sttest`;
const getFunction = `GET ${site}/functions/incomingCall?api-version=2025-03-01`;
const putSubscription = `PUT ${topic}/eventSubscriptions/incoming-calls?api-version=2025-02-15`;
const getSubscription = putSubscription.replace('PUT', 'GET');
const callTopic = `${group}/Microsoft.EventGrid/topics/evgt-calls-test`;

type Answer = readonly [status: number, body?: object];
const provisioned = (provisioningState: string): Answer => [200, { properties: { provisioningState } }];

interface Run {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
  readonly asked: readonly string[];
  /** By the name of the subscription. */
  readonly sent: Readonly<Record<string, unknown>>;
}

/** ARM gives its answers in this order, whatever is asked, and then lets all else succeed. */
async function runHook(
  t: TestContext,
  answers: readonly Answer[],
  settings: Record<string, string> = {},
): Promise<Run> {
  const asked: string[] = [];
  const sent: Record<string, unknown> = {};
  let arm = '';
  const server = createServer(async (request, response) => {
    assert.equal(request.headers.authorization, `Bearer token for ${arm}/.default`);
    const body = await text(request);
    if (body !== '') sent[/eventSubscriptions\/([\w-]+)/.exec(request.url!)![1]!] = JSON.parse(body);
    const next = answers[asked.push(`${request.method} ${request.url}`) - 1] ?? provisioned('Succeeded');
    const [status, answer = {}] = next;
    response.writeHead(status, { 'retry-after': '0' }).end(JSON.stringify(answer));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => server.close());
  arm = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const env = {
    PATH: [folder, dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter),
    AZURE_RESOURCE_MANAGER_URL: arm,
    FUNCTIONS_SITE_ID: site,
    EVENT_TOPIC_ID: topic,
    DEAD_LETTER_STORAGE_ID: storage,
    DEAD_LETTER_CONTAINER: 'dead-letters',
    CALL_TOPIC_ID: callTopic,
    CALL_DEAD_LETTER_STORAGE_ID: storage,
    ACS_PHONE_NUMBER: '+15550100',
    ...settings,
  };
  const hook = fileURLToPath(new URL('./subscribe.js', import.meta.url));
  return new Promise((resolve) => {
    execFile(process.execPath, [hook], { env, timeout: 60_000 }, (error, output, errors) => {
      resolve({ code: Number(error?.code ?? 0), output, errors, asked, sent });
    });
  });
}

describe('the hook after a deployment', () => {
  it('waits for the function, subscribes it, and takes a conflict for what it is', async (t) => {
    const run = await runHook(t, [
      [404],
      [404],
      [200],
      [409],
      [201],
      provisioned('Creating'),
      provisioned('Succeeded'),
    ]);
    assert.deepEqual(
      { code: run.code, errors: run.errors, asked: run.asked.slice(0, 7) },
      {
        code: 0,
        errors: '',
        asked: [
          ...[getFunction, getFunction, getFunction],
          ...[putSubscription, putSubscription],
          ...[getSubscription, getSubscription],
        ],
      },
    );
    assert.deepEqual(run.sent['incoming-calls'], {
      properties: {
        destination: {
          endpointType: 'AzureFunction',
          properties: { resourceId: `${site}/functions/incomingCall`, maxEventsPerBatch: 1 },
        },
        eventDeliverySchema: 'EventGridSchema',
        filter: {
          includedEventTypes: ['Microsoft.Communication.IncomingCall'],
          advancedFilters: [{ operatorType: 'StringIn', key: 'data.to.PhoneNumber.Value', values: ['+15550100'] }],
        },
        retryPolicy: { maxDeliveryAttempts: 2, eventTimeToLiveInMinutes: 1 },
        deadLetterWithResourceIdentity: {
          identity: { type: 'SystemAssigned' },
          deadLetterDestination: {
            endpointType: 'StorageBlob',
            properties: { resourceId: storage, blobContainerName: 'dead-letters' },
          },
        },
      },
    });
  });

  it('subscribes a function to calls that have ended, at the topic of our own', async (t) => {
    const run = await runHook(t, []);
    const { asked, sent } = run;
    assert.deepEqual(asked.slice(6, 9), [
      `GET ${site}/functions/callEnded?api-version=2025-03-01`,
      `PUT ${callTopic}/eventSubscriptions/ended-calls?api-version=2025-02-15`,
      `GET ${callTopic}/eventSubscriptions/ended-calls?api-version=2025-02-15`,
    ]);
    assert.partialDeepStrictEqual(sent['ended-calls'], {
      properties: {
        destination: { properties: { resourceId: `${site}/functions/callEnded` } },
        filter: { includedEventTypes: ['Parley.CallEnded'] },
        retryPolicy: { maxDeliveryAttempts: 10, eventTimeToLiveInMinutes: 60 },
      },
    });
  });

  it('subscribes a function to the files of recordings, whatever number was rung', async (t) => {
    const { asked, sent } = await runHook(t, []);
    assert.deepEqual(asked.slice(3, 5), [
      `GET ${site}/functions/recordingReady?api-version=2025-03-01`,
      `PUT ${topic}/eventSubscriptions/recording-files?api-version=2025-02-15`,
    ]);
    const { properties } = sent['recording-files'] as { properties: { filter: object; retryPolicy: object } };
    const includedEventTypes = ['Microsoft.Communication.RecordingFileStatusUpdated'];
    assert.deepEqual(properties.filter, { includedEventTypes });
    // ACS keeps a file for a day: what nobody takes is put aside, and fetched from there, long before.
    assert.deepEqual(properties.retryPolicy, { maxDeliveryAttempts: 8, eventTimeToLiveInMinutes: 240 });
    const elsewhere = await runHook(t, [], { DEAD_LETTER_STORAGE_ID: '' });
    const alone = elsewhere.sent['recording-files'] as { properties: { retryPolicy: object } };
    assert.deepEqual(alone.properties.retryPolicy, { maxDeliveryAttempts: 30, eventTimeToLiveInMinutes: 1440 });
  });

  it('changes nothing when it runs again', async (t) => {
    const run = await runHook(t, [[200], [200], provisioned('Succeeded')]);
    assert.deepEqual([run.code, run.asked.slice(0, 3)], [0, [getFunction, putSubscription, getSubscription]]);
  });

  it('asks again while Event Grid does not see the function yet, and while Azure is busy', async (t) => {
    const unseen: Answer = [400, { error: { code: 'InvalidRequest', message: 'Destination endpoint not found.' } }];
    const run = await runHook(t, [[503], [200], [429], unseen, [201], provisioned('Succeeded')]);
    assert.deepEqual([run.code, run.asked.indexOf(getSubscription)], [0, 5]);
  });

  it('lets through the numbers that agents have of their own', async (t) => {
    const filterOf = async (AGENT_NUMBERS: string) => {
      const { sent } = await runHook(t, [[200], [201], provisioned('Succeeded')], { AGENT_NUMBERS });
      return (sent['incoming-calls'] as { properties: { filter: { advancedFilters?: { values: string[] }[] } } })
        .properties.filter;
    };
    const filter = await filterOf('+15550101=screening, +15550100=receptionist, 28:orgid:1=receptionist');
    assert.deepEqual(filter.advancedFilters?.[0]?.values, ['+15550100', '+15550101']);
    const many = Array.from({ length: 25 }, (_, index) => `+155502${index + 10}=screening`).join(',');
    assert.equal((await filterOf(many)).advancedFilters, undefined);
  });

  it('filters nothing without a number, and puts nothing aside for a topic that is not ours', async (t) => {
    const run = await runHook(t, [[200], [201], provisioned('Succeeded')], {
      ACS_PHONE_NUMBER: '',
      DEAD_LETTER_STORAGE_ID: '',
    });
    assert.equal(run.code, 0);
    const { properties } = run.sent['incoming-calls'] as { properties: { filter: object } };
    assert.deepEqual(properties.filter, { includedEventTypes: ['Microsoft.Communication.IncomingCall'] });
    assert.ok(!('deadLetterWithResourceIdentity' in properties));
  });

  it('asks for the calls of a Teams resource account too, which have no number', async (t) => {
    const account = '00000000-0000-4000-8000-00000000000C';
    const run = await runHook(t, [[200], [201], provisioned('Succeeded')], { TEAMS_RESOURCE_ACCOUNT: account });
    const { properties } = run.sent['incoming-calls'] as { properties: { filter: { advancedFilters: object } } };
    const values = ['28:orgid:00000000-0000-4000-8000-00000000000c', '4:+15550100'];
    assert.deepEqual(properties.filter.advancedFilters, [{ operatorType: 'StringIn', key: 'data.to.rawId', values }]);
  });

  it('gives up at once when it may not, and says what Azure said and what to do', async (t) => {
    const run = await runHook(t, [[403, { error: { code: 'AuthorizationFailed' } }]]);
    assert.equal(run.code, 1);
    assert.match(run.errors, /403 .*AuthorizationFailed/);
    assert.match(run.errors, /azd hooks run postdeploy/);
    assert.equal(run.asked.length, 1);
  });

  it('fails when the subscription fails', async (t) => {
    const run = await runHook(t, [[200], [201], provisioned('Failed')]);
    assert.equal(run.code, 1);
    assert.match(run.errors, /Azure says Failed/);
  });

  it('names what azd has not provisioned', async (t) => {
    const run = await runHook(t, [], { EVENT_TOPIC_ID: '' });
    assert.deepEqual([run.code, run.asked], [1, []]);
    assert.match(run.errors, /EVENT_TOPIC_ID is not in azd's environment: run azd provision first/);
  });
});
