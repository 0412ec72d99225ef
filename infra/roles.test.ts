// Tests the table of role ids against Azure's own, and that each is given to somebody.
import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { it } from 'node:test';
import { infraFolder, readInfra } from './testing/bicep-source.ts';

const ids = JSON.parse(readInfra('role-ids.json')) as Record<string, string>;
const sources = globSync('modules/*.bicep', { cwd: infraFolder }).map((file) => readInfra(file));

/** As the portal shows them; Cosmos DB's is a data role of its own. A wrong one lets in somebody else, or nobody, in silence. */
const known: Record<string, string> = {
  AcrPull: '7f951dda-4ed3-4680-a7ca-43fe172d538d',
  AzureMapsDataReader: '423170ca-a8f6-4b0f-8487-9e4eb8f49bfa',
  CognitiveServicesOpenAIUser: '5e0bd9bd-7b93-4f28-af87-19fc36ad61bd',
  CognitiveServicesSpeechUser: 'f2dc8367-1007-4938-bd23-fe263f013447',
  CognitiveServicesUser: 'a97b65f3-24c7-4388-baec-2e87135dc908',
  CommunicationAndEmailServiceOwner: '09976791-48a7-449e-bb21-39d1a415f350',
  CosmosDataContributor: '00000000-0000-0000-0000-000000000002',
  EventGridDataSender: 'd5a91429-5739-47e2-a06b-3470a27159e7',
  FoundryUser: '53ca6127-db72-4b80-b1b0-d745d6d5456d',
  KeyVaultSecretsOfficer: 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7',
  KeyVaultSecretsUser: '4633458b-17de-408a-b874-0445c86b69e6',
  MonitoringMetricsPublisher: '3913510d-42f4-4e42-8a64-420c390055eb',
  SearchIndexDataReader: '1407120a-92aa-4202-b7e9-c0e197c71c8f',
  StorageBlobDataContributor: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe',
  StorageBlobDataOwner: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b',
};

it('has the ids that Azure has', () => {
  assert.deepEqual(ids, known);
});

it('gives every role in the table, and none that is not', () => {
  const given = new Set(sources.flatMap((source) => [...source.matchAll(/roleIds\.(\w+)/g)].map(([, name]) => name!)));
  assert.deepEqual([...given].sort(), Object.keys(ids).sort());
  assert.ok(!sources.some((source) => /'[0-9a-f]{8}-[0-9a-f]{4}-/.test(source)));
});

it('says of what kind whoever gets a role is: a new identity is not found by its id alone', () => {
  for (const source of sources) {
    const assignments = source.split(/^resource /m).filter((part) => part.includes('Authorization/roleAssignments@'));
    for (const assignment of assignments) assert.match(assignment, /principalType: /);
  }
});
