// Asks the functions what the scale rule asks them, as KEDA's metrics-api scaler would, and tests what it makes of the answer.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { startTestApp } from '../functions/testing/test-app.ts';
import { findObject, readInfra } from './testing/bicep-source.ts';

const bridge = readInfra('bridge.bicep');
const rule = findObject(bridge, 'custom:');
const metadata = Object.fromEntries(
  [...findObject(rule, 'metadata:').matchAll(/^\s*(\w+): (.+)$/gm)].map(([, name, value]) => [
    name,
    value!.replace(/^'|'$/g, ''),
  ]),
);
const path = /\}(\/[\w/-]+)'$/.exec(/^param liveCallsUrl = (.*)$/m.exec(readInfra('bridge.bicepparam'))![1]!)![1]!;
const scaleKey = 'key-of-the-scaler-01';

it('finds the number where the functions tell it, by the key in the header they look at', async (t) => {
  const app = await startTestApp({ settings: { SCALE_KEY: scaleKey } });
  t.after(() => app.stop());
  await app.stores.bridgeLoads.report({ replica: 'one', calls: 31, freePlaces: 19 }, 60_000);
  assert.deepEqual([metadata.authMode, metadata.method, metadata.format], ['apiKey', 'header', 'json']);
  const response = await fetch(`${app.url}${path}`, { headers: { [metadata.keyParamName!]: scaleKey } });
  const answer = (await response.json()) as Record<string, unknown>;
  assert.equal(answer[metadata.valueLocation!], 31);
});

it('starts a replica more when the ones there are six tenths full', () => {
  const percent = Number(/^var targetPercent = (\d+)$/m.exec(bridge)![1]);
  assert.equal(metadata.targetValue, 'string(maxCalls * targetPercent / 100)');
  const replicas = (calls: number, maxCalls: number) => Math.ceil(calls / Math.floor((maxCalls * percent) / 100));
  assert.deepEqual([replicas(60, 50), replicas(61, 50), replicas(1, 2)], [2, 3, 1]);
});

it('asks by no identity: elsewhere than at three scalers that would empty the rule', () => {
  assert.doesNotMatch(rule, /identity/);
  assert.match(rule, /auth: \[\{ secretRef: 'scale-key', triggerParameter: 'apiKey' \}\]/);
});

it('never runs fewer than two replicas, and gives them all the time that Azure grants', () => {
  assert.match(bridge, /@minValue\(2\)\nparam minReplicas int/);
  assert.match(bridge, /^var graceSeconds = 600$/m);
  assert.match(bridge, /terminationGracePeriodSeconds: graceSeconds/);
  assert.match(bridge, /'DRAIN_SECONDS', value: string\(graceSeconds - 30\)/);
});
