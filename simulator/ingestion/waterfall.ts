// The trace of one call as a waterfall in the terminal: each span under the one it belongs to, where it lies in time.
import { styleText } from 'node:util';
import type { Envelope } from './envelope.ts';

export interface TracedSpan {
  readonly id: string;
  readonly parentId: string | undefined;
  readonly name: string;
  readonly startMs: number;
  readonly durationMs: number;
  readonly success: boolean;
  readonly properties: Readonly<Record<string, string>>;
}

const callIdProperty = 'gen_ai.conversation.id';
const errorProperty = 'parley.error.code';
const barWidth = 40;
const nameWidth = 34;

/** All spans of the traces that the call is in, the first to begin first. */
export function findTrace(envelopes: readonly Envelope[], callId: string): readonly TracedSpan[] {
  const traceIds = new Set(
    envelopes
      .filter(({ data }) => data.baseData.properties?.[callIdProperty] === callId)
      .map(({ tags }) => tags['ai.operation.id']),
  );
  return envelopes
    .filter(({ tags }) => traceIds.has(tags['ai.operation.id']))
    .flatMap(readSpan)
    .toSorted((a, b) => a.startMs - b.startMs || b.durationMs - a.durationMs);
}

function readSpan({ time, tags, data }: Envelope): TracedSpan[] {
  if (data.baseType !== 'RequestData' && data.baseType !== 'RemoteDependencyData') return [];
  const { id = '', name, duration, success, properties = {} } = data.baseData;
  const parentId = tags['ai.operation.parentId'];
  return [{ id, parentId, name, startMs: Date.parse(time), durationMs: parseDuration(duration), success, properties }];
}

/** In ms. */
export function parseDuration(text: string): number {
  const [, days = 0, hours, minutes, seconds] = /^(?:(\d+)\.)?(\d+):(\d+):(\d+(?:\.\d+)?)$/.exec(text)!;
  return (((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
}

/** The call of which something was told last. */
export function findLastCallId(envelopes: readonly Envelope[]): string | undefined {
  return envelopes.findLast(({ data }) => data.baseData.properties?.[callIdProperty])?.data.baseData.properties?.[
    callIdProperty
  ];
}

export function formatWaterfall(spans: readonly TracedSpan[]): string {
  const startMs = Math.min(...spans.map((span) => span.startMs));
  const endMs = Math.max(...spans.map((span) => span.startMs + span.durationMs));
  const scale = barWidth / Math.max(1, endMs - startMs);
  const ids = new Set(spans.map(({ id }) => id));
  const lines: string[] = [];
  const write = (span: TracedSpan, depth: number) => {
    const from = Math.min(barWidth - 1, Math.floor((span.startMs - startMs) * scale));
    const length = Math.max(1, Math.min(barWidth - from, Math.round(span.durationMs * scale)));
    const bar = `${' '.repeat(from)}${'█'.repeat(length)}`.padEnd(barWidth);
    const name = `${'  '.repeat(depth)}${span.name}`.slice(0, nameWidth).padEnd(nameWidth);
    const at = `${((span.startMs - startMs) / 1000).toFixed(3)} s`.padStart(10);
    const took = `${Math.round(span.durationMs)} ms`.padStart(10);
    const code = span.properties[errorProperty];
    const problem = span.success ? '' : ` ${styleText('red', code ?? 'failed')}`;
    lines.push(`${at} ${took}  ${styleText(span.success ? 'cyan' : 'red', bar)} ${name}${problem}`.trimEnd());
    for (const child of spans.filter(({ parentId }) => parentId === span.id)) write(child, depth + 1);
  };
  for (const span of spans) if (span.parentId === undefined || !ids.has(span.parentId)) write(span, 0);
  return lines.join('\n');
}
