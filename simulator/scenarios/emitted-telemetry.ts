// Which names and dimensions each table of Application Insights has after telemetry was taken in: what queries may ask for.
import type { BaseType, Envelope } from '../ingestion/envelope.ts';

/** The tables of a component, by the kind of telemetry that fills them. */
const tables: Readonly<Record<BaseType, string>> = {
  RequestData: 'requests',
  RemoteDependencyData: 'dependencies',
  EventData: 'customEvents',
  MessageData: 'traces',
  ExceptionData: 'exceptions',
  MetricData: 'customMetrics',
};
/** Ours: the libraries of others have dimensions of their own. */
const isOurs = (dimension: string) => /^(parley|gen_ai)\./.test(dimension);

export interface EmittedTable {
  readonly names: readonly string[];
  readonly dimensions: readonly string[];
}

export function findEmitted(envelopes: readonly Envelope[]): Readonly<Record<string, EmittedTable>> {
  const found = Object.values(tables).map((table) => [table, findTable(envelopes, table)] as const);
  return Object.fromEntries(found);
}

function findTable(envelopes: readonly Envelope[], table: string): EmittedTable {
  const names = new Set<string>();
  const dimensions = new Set<string>();
  for (const { data } of envelopes) {
    if (tables[data.baseType] !== table) continue;
    const name = readName(data);
    if (name !== undefined) names.add(name);
    for (const dimension of Object.keys(data.baseData.properties ?? {}).filter(isOurs)) dimensions.add(dimension);
  }
  return { names: [...names].sort(), dimensions: [...dimensions].sort() };
}

/** What a message says is no name; what an address says of a request to others is not ours. */
function readName(data: Envelope['data']): string | undefined {
  if (data.baseType === 'MetricData') {
    const { name } = data.baseData.metrics[0]!;
    return isOurs(name) ? name : undefined;
  }
  if (!('name' in data.baseData)) return undefined;
  return /^[A-Z]+ \//.test(data.baseData.name) ? undefined : data.baseData.name;
}
