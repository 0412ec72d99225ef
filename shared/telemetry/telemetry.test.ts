// Tests that telemetry gets through: to a service that is busy, takes a part, or is away for a while; and that it is off unless it is wanted.
import '../../simulator/virtual-time/install.ts';

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { trace } from '@opentelemetry/api';
import { type Ingestion, startIngestion } from '../../simulator/ingestion/ingestion.ts';
import { quietenLibrary } from '../../simulator/ingestion/quiet-library.ts';
import type { CallId } from '../call/call.ts';
import { readConfig } from '../config.ts';
import { AppError } from '../errors.ts';
import { createLogger } from '../logger.ts';
import { emitCustomEvent } from './custom-events.ts';
import { noTelemetry, openTelemetry, type Telemetry } from './telemetry.ts';
import { findTraceparent } from './trace-context.ts';
import { traceStep } from './traced-step.ts';

/** Three tries and their pauses. */
const untilSentAgainMs = 30_000;
const callId = 'in-1' as CallId;

async function open(t: TestContext): Promise<{ ingestion: Ingestion; telemetry: Telemetry }> {
  quietenLibrary();
  const ingestion = await startIngestion();
  t.after(() => ingestion.stop());
  const telemetry = await openTelemetry(
    readConfig({ APPLICATIONINSIGHTS_CONNECTION_STRING: ingestion.connectionString }),
    'test',
  );
  t.after(() => telemetry.close());
  return { ingestion, telemetry };
}

const namesOf = ({ envelopes }: Ingestion) =>
  envelopes.flatMap(({ data }) => (data.baseType === 'EventData' ? [data.baseData.name] : []));

describe('telemetry', () => {
  it('is off without a connection string: nothing is traced, and nothing is loaded', async () => {
    assert.equal(await openTelemetry(readConfig({}), 'test'), noTelemetry);
    await traceStep('answer', callId, async () => {
      assert.equal(findTraceparent(), undefined);
      assert.notEqual(trace.getActiveSpan()?.isRecording(), true);
    });
  });

  it('gets through to a service that is throttled, breaks down or takes a part of it', async (t) => {
    const { ingestion } = await open(t);
    ingestion.faults.next.push({ status: 503 }, { status: 429, retryAfterSeconds: 2 });
    for (let n = 0; n < 20; n++) emitCustomEvent('call.ended', { n });
    await sleep(untilSentAgainMs);
    ingestion.faults.again = 5;
    for (let n = 20; n < 40; n++) emitCustomEvent('call.ended', { n });
    await sleep(untilSentAgainMs);
    assert.deepEqual(ingestion.refused, []);
    assert.ok(ingestion.answers.includes(206));
    const sent = ingestion.envelopes.map(({ data }) => Number(data.baseData.properties?.n)).filter(Number.isFinite);
    assert.deepEqual(
      sent.toSorted((a, b) => a - b),
      Array.from({ length: 40 }, (_, n) => n),
    );
  });

  it('sends what waits when it is closed', async (t) => {
    const { ingestion, telemetry } = await open(t);
    emitCustomEvent('bridge.full', {});
    await telemetry.close();
    assert.deepEqual(namesOf(ingestion), ['bridge.full']);
    await telemetry.close();
  });

  it('tells of a step, of what failed in it, and of a line that was logged meanwhile, in one trace', async (t) => {
    const { ingestion, telemetry } = await open(t);
    const log = createLogger({
      level: 'info',
      showPii: false,
      service: 'test',
      destination: { write() {} },
      onLine: telemetry.onLine,
    });
    const failing = traceStep('dial', callId, async () => {
      assert.match(findTraceparent()!, /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
      log.child({ callId }).error({ error: new Error('+15550163801'), pii: { number: '+15550163801' } }, 'it broke');
      throw new AppError('CARRIER_REFUSED', { carrier: 'acs', action: 'dial', answer: 403 });
    });
    await assert.rejects(failing, { code: 'CARRIER_REFUSED' });
    await telemetry.close();
    assert.deepEqual(ingestion.refused, []);
    const [step] = ingestion.envelopes.filter(({ data }) => data.baseType === 'RemoteDependencyData');
    const thrown = ingestion.envelopes.filter(({ data }) => data.baseType === 'ExceptionData');
    assert.partialDeepStrictEqual(step?.data.baseData, {
      name: 'dial',
      success: false,
      properties: { 'parley.error.code': 'CARRIER_REFUSED', 'gen_ai.conversation.id': 'in-1' },
    });
    assert.equal(thrown.length, 1);
    assert.equal(thrown[0]!.tags['ai.operation.id'], step!.tags['ai.operation.id']);
    assert.equal(thrown[0]!.tags['ai.cloud.role'], 'test');
    assert.doesNotMatch(JSON.stringify(ingestion.envelopes), /5550163801/);
  });
});
