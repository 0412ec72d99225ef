// Tests the waterfall: which spans are a call's, and how they are drawn.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import type { Envelope } from './envelope.ts';
import { findLastCallId, findTrace, formatWaterfall, parseDuration } from './waterfall.ts';

function span(
  name: string,
  {
    id,
    parentId,
    at = 0,
    duration = '00:00:01.000',
    traceId = 'a',
    callId = '',
    code = '',
  }: Record<string, string | number>,
): Envelope {
  return {
    ver: 1,
    name: 'Microsoft.ApplicationInsights.RemoteDependency',
    time: new Date(Date.UTC(2026, 0, 1) + Number(at)).toISOString(),
    iKey: '00000000-0000-4000-8000-0000000000a1',
    tags: { 'ai.operation.id': String(traceId), ...(parentId ? { 'ai.operation.parentId': String(parentId) } : {}) },
    data: {
      baseType: 'RemoteDependencyData',
      baseData: {
        ver: 2,
        id: String(id),
        name,
        duration: String(duration),
        success: code === '',
        properties: {
          ...(callId ? { 'gen_ai.conversation.id': String(callId) } : {}),
          ...(code ? { 'parley.error.code': String(code) } : {}),
        },
      },
    },
  };
}

const told = [
  span('turn', { id: 3, parentId: 2, at: 1000, callId: 'in-1', code: 'MODEL_SILENT' }),
  span('answer', { id: 1, at: 0, duration: '00:00:00.100' }),
  span('call', { id: 2, parentId: 1, at: 100, duration: '00:00:03.900', callId: 'in-1' }),
  span('answer', { id: 9, traceId: 'b', callId: 'in-2' }),
];

it('reads durations as .NET writes them', () => {
  assert.equal(parseDuration('00:00:01.5'), 1500);
  assert.equal(parseDuration('1.02:03:04.250'), 93_784_250);
});

it('finds all of the trace that a call is in, also what does not name it', () => {
  assert.deepEqual(
    findTrace(told, 'in-1').map(({ name }) => name),
    ['answer', 'call', 'turn'],
  );
  assert.deepEqual(findTrace(told, 'in-3'), []);
  assert.equal(findLastCallId(told), 'in-2');
});

it('draws each span under its parent, where it lies in time, with what went wrong', () => {
  const lines = stripVTControlCharacters(formatWaterfall(findTrace(told, 'in-1'))).split('\n');
  assert.deepEqual(lines, [
    '   0.000 s     100 ms  █                                        answer',
    `   0.100 s    3900 ms   ${'█'.repeat(39)}   call`,
    `   1.000 s    1000 ms  ${' '.repeat(10)}${'█'.repeat(10)}${' '.repeat(20)}     turn                           MODEL_SILENT`,
  ]);
});
