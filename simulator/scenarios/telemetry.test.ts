// What Application Insights is sent of a day of calls: one trace a call, held against the wire; events, metrics, log lines; nothing personal.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, describe, it } from 'node:test';
import { attributeNames, eventNames, metricNames, spanNames } from '../../shared/telemetry/names.ts';
import type { BaseType, Envelope } from '../ingestion/envelope.ts';
import { findTrace, parseDuration, type TracedSpan } from '../ingestion/waterfall.ts';
import { findEmitted } from './emitted-telemetry.ts';
import { liveObservedDay, type ObservedDay } from './observed-day.ts';

/** What the wire tells is right to a frame of 20 ms, at either end. */
const frameMs = 20;
/** Durations are told in ms. */
const roundingMs = 2;

type Data<Type extends BaseType> = Extract<Envelope['data'], { baseType: Type }>['baseData'];

describe('what Application Insights is sent of a day of calls', () => {
  let day: ObservedDay;
  let spans: readonly TracedSpan[];
  before(async () => {
    day = await liveObservedDay();
    spans = findTrace(day.ingestion.envelopes, day.callId);
  });

  const of = <Type extends BaseType>(type: Type) =>
    day.ingestion.envelopes.flatMap(({ data }) => (data.baseType === type ? [data.baseData as Data<Type>] : []));
  const named = (name: string) => spans.filter((span) => span.name === name);
  const childrenOf = ({ id }: TracedSpan) => spans.filter(({ parentId }) => parentId === id);
  const events = (name: string) => of('EventData').filter((event) => event.name === name);

  it('is what the service takes, to the last field', () => {
    assert.deepEqual(day.ingestion.refused, []);
    assert.ok(day.ingestion.envelopes.length > 100);
  });

  it('is one trace a call, from the answer in the functions to the hang-up at the bridge', () => {
    const [answer] = named(spanNames.answer);
    const [call] = named(`${spanNames.call} receptionist`);
    assert.equal(call!.parentId, answer!.id);
    assert.equal(call!.properties[attributeNames.callId], day.callId);
    const parts = new Set(childrenOf(call!).map(({ name }) => name));
    for (const name of [
      spanNames.media,
      spanNames.connectModel,
      spanNames.modelSession,
      spanNames.greeting,
      spanNames.turn,
      spanNames.hangUp,
    ])
      assert.ok(parts.has(name), `${name} is not a part of the call`);
    // Above it is the invocation, of which the host itself would tell.
    const ids = new Set(spans.map(({ id }) => id));
    assert.deepEqual(
      spans.filter(({ parentId }) => parentId === undefined || !ids.has(parentId)),
      [answer],
    );
  });

  it('is one trace of an order too, from the API to the callee who hangs up, whoever the carrier is', () => {
    const dialled = findTrace(day.ingestion.envelopes, day.dialledId);
    const [dial] = dialled.filter(({ name }) => name === spanNames.dial);
    const [call] = dialled.filter(({ name }) => name === `${spanNames.call} receptionist`);
    assert.equal(call!.parentId, dial!.id);
    assert.equal(call!.properties[attributeNames.carrier], 'twilio');
    assert.equal(dialled.filter(({ name }) => name === spanNames.wait).length, 1);
  });

  it('tells of each turn what its caller waited, stage by stage, as it was on the wire', (t) => {
    const waits = named(spanNames.wait);
    assert.equal(waits.length, 5);
    const { stops } = day.phone;
    assert.equal(stops.length, waits.length);
    for (const [i, wait] of waits.entries()) {
      const stages = childrenOf(wait);
      assert.deepEqual(
        stages.map(({ name }) => name),
        [spanNames.endpointing, spanNames.firstAudio, spanNames.playout],
      );
      const sumMs = stages.reduce((sum, { durationMs }) => sum + durationMs, 0);
      assert.ok(Math.abs(sumMs - wait.durationMs) <= roundingMs, `${sumMs} ms of ${wait.durationMs}`);
      for (const [before, after] of [stages.slice(0, 2), stages.slice(1)] as [TracedSpan, TracedSpan][])
        assert.ok(Math.abs(before.startMs + before.durationMs - after.startMs) <= roundingMs, 'a gap between stages');

      const stoppedMs = stops[i]!;
      const answeredMs = day.framesAtMs.find((atMs) => atMs > stoppedMs)!;
      const waitedMs = answeredMs - stoppedMs;
      t.diagnostic(`waited ${waitedMs} ms on the wire, ${wait.durationMs} ms in the trace`);
      assert.ok(Math.abs(wait.durationMs - waitedMs) <= frameMs, `${wait.durationMs} ms, ${waitedMs} ms on the wire`);
      assert.ok(Math.abs(wait.startMs - day.clockMs - stoppedMs) <= frameMs, 'the caller stopped at another time');
      assert.ok(
        Math.abs(wait.startMs + wait.durationMs - day.clockMs - answeredMs) <= frameMs,
        'the answer sounded at another time',
      );
    }
  });

  it('puts tools and interruptions where they belong', () => {
    const turns = named(spanNames.turn);
    const toolsOf = (turn: TracedSpan) =>
      childrenOf(turn).flatMap(({ name }) => (name.startsWith(spanNames.tool) ? [name] : []));
    assert.deepEqual(turns.map(toolsOf), [
      [],
      [`${spanNames.tool} current_time`],
      [],
      [],
      [`${spanNames.tool} hang_up`],
    ]);
    const cut = named(spanNames.reply).map(({ properties }) => properties[attributeNames.interrupted] === 'true');
    assert.deepEqual(cut, [false, false, true, false, false]);
    // The caller let it speak for 2.5 s; where the bridge decides whose turn it is, it stops half a second later than a model does.
    const heardMs = Number(named(spanNames.reply)[2]!.properties[attributeNames.heardMs]);
    assert.ok(heardMs > 2500 && heardMs < 4000, `${heardMs} ms`);
  });

  it('shows a failover: what failed, with its code, and what went on', () => {
    const [throttled] = events(eventNames.modelThrottled);
    const trace = findTrace(day.ingestion.envelopes, throttled!.properties![attributeNames.callId]!);
    const failed = trace.find(({ success, name }) => !success && name === spanNames.connectModel)!;
    assert.equal(failed.properties[attributeNames.error], 'MODEL_THROTTLED');
    const failover = trace.find(({ name }) => name === spanNames.failover)!;
    const next = trace.find(({ parentId }) => parentId === failover.id)!;
    assert.deepEqual([next.name, next.properties[attributeNames.model]], [spanNames.connectModel, 'voice-live']);
  });

  it('tells the end of each call once, and what an operator is woken for', () => {
    const reasons = events(eventNames.callEnded).map(({ properties }) => properties![attributeNames.reason]);
    assert.deepEqual(reasons.toSorted(), [
      'agent-hung-up',
      'bridge-full',
      'busy',
      'caller-hung-up',
      'caller-hung-up',
      'caller-hung-up',
      'caller-hung-up',
      'carrier-error',
      'model-unavailable',
    ]);
    const [first] = events(eventNames.callEnded);
    assert.partialDeepStrictEqual(first!.properties, {
      [attributeNames.callId]: day.callId,
      [attributeNames.model]: 'gpt-realtime',
      [attributeNames.turns]: '11',
      [attributeNames.interruptions]: '1',
    });
    assert.ok(Math.abs(Number(first!.properties![attributeNames.seconds]) - 34) < 2);
    for (const [name, count] of [
      [eventNames.bridgeFull, 1],
      [eventNames.callNotAnswered, 2],
      [eventNames.modelThrottled, 1],
      [eventNames.callbackRefused, 1],
      [eventNames.transferFailed, 1],
      [eventNames.outcomeFailed, 1],
      [eventNames.recordingMissing, 1],
    ] as const)
      assert.equal(events(name).length, count, name);
  });

  it('counts, once a minute', () => {
    const points = of('MetricData').map(({ metrics: [metric], properties = {} }) => ({ ...metric!, properties }));
    const sum = (name: string, properties: Record<string, string> = {}) =>
      points
        .filter((point) => point.name === name)
        .filter((point) => Object.entries(properties).every(([key, value]) => point.properties[key] === value))
        .reduce((total, { value }) => total + value, 0);
    for (const name of Object.values(metricNames))
      assert.ok(
        points.some((point) => point.name === name),
        `${name} was not sent`,
      );
    assert.equal(sum(metricNames.callsStarted), 9);
    assert.equal(sum(metricNames.callsEnded), 9);
    assert.equal(sum(metricNames.callsEnded, { [attributeNames.reason]: 'bridge-full' }), 1);
    assert.equal(sum(metricNames.reconnects), 1);
    assert.equal(sum(metricNames.dialRefusals, { [attributeNames.error]: 'DIAL_NOT_ALLOWED' }), 1);
    assert.equal(sum(metricNames.failovers, { [attributeNames.model]: 'voice-live' }), 1);
    const waitedMs = of('RemoteDependencyData')
      .filter(({ name, properties }) => name === spanNames.wait && properties![attributeNames.model] === 'gpt-realtime')
      .reduce((total, { duration }) => total + parseDuration(duration), 0);
    const countedMs = sum(metricNames.turnMs, { [attributeNames.model]: 'gpt-realtime' });
    assert.ok(Math.abs(countedMs - waitedMs) <= 6 * roundingMs, `${countedMs} ms, ${waitedMs} ms in the traces`);
  });

  it('has each error as one exception, and each log line with its call and its trace', () => {
    const errors = day.lines.filter(({ level }) => level >= 50);
    assert.ok(errors.length > 0);
    assert.equal(of('ExceptionData').length, errors.length);
    assert.equal(of('MessageData').length, day.lines.length - errors.length);
    const withoutTrace = day.ingestion.envelopes.filter(
      ({ data, tags }) =>
        (data.baseType === 'ExceptionData' || data.baseType === 'MessageData') &&
        data.baseData.properties?.[attributeNames.callId] !== undefined &&
        tags['ai.operation.id'] === undefined,
    );
    assert.deepEqual(
      withoutTrace.map(({ data }) => JSON.stringify(data)),
      [],
    );
    assert.match(JSON.stringify(of('ExceptionData')), /no voice model can be had.*AppError/);
  });

  it('holds no number and no word of anybody', () => {
    const sent = JSON.stringify(day.ingestion.envelopes);
    // An id of hexadecimal digits may hold the first few of a number.
    for (const plant of [
      /\+1555/,
      /(?<![0-9a-f])1555\d{7}(?![0-9a-f])/,
      /opening hours/i,
      /nine to five/i,
      /garage/,
      /4420794/,
    ])
      assert.doesNotMatch(sent, plant);
  });

  it('has something for each alert that looks at events, in every column that it shows', () => {
    const alerts: { name: string; query: string }[] = JSON.parse(
      readFileSync(new URL('../../infra/alerts.json', import.meta.url), 'utf8'),
    );
    const looking = alerts.filter(({ query }) => query.startsWith('customEvents'));
    assert.ok(looking.length >= 8);
    for (const { name, query } of looking) {
      const wanted = /where name == '([^']+)'/.exec(query)![1]!;
      const columns = [...query.matchAll(/customDimensions\['([^']+)'\]/g)].map(([, column]) => column!);
      const full = events(wanted).filter(({ properties = {} }) => columns.every((column) => properties[column]));
      assert.ok(full.length > 0, `${name}: ${JSON.stringify(events(wanted).map(({ properties }) => properties))}`);
    }
  });

  it('has all that the queries in infra/ ask for', () => {
    const wanted = JSON.parse(readFileSync(new URL('../../infra/workbook/emitted.json', import.meta.url), 'utf8'));
    assert.deepEqual(findEmitted(day.ingestion.envelopes), wanted, 'infra/workbook/emitted.json tells of another day');
  });
});
