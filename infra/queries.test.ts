// Tests the queries of alerts and workbook: Kusto understands them, and what they ask for is what calls really send.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { readInfra } from './testing/bicep-source.ts';
import { insightsTables } from './testing/insights-schema.ts';
import { createQueryCheck } from './testing/kusto.ts';

interface Alert {
  readonly name: string;
  readonly description: string;
  readonly severity: number;
  readonly query: string;
  readonly timeAggregation: string;
  readonly measure?: string;
  readonly dimension?: string;
  readonly threshold: number;
  readonly frequency: string;
  readonly window: string;
}
interface WorkbookItem {
  readonly type: number;
  readonly content: { readonly query?: string; readonly title?: string; readonly timeContextFromParameter?: string };
}

const read = (path: string) => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));
const alerts: readonly Alert[] = read('alerts.json');
const workbook: { readonly items: readonly WorkbookItem[] } = read('workbook/calls.json');
/** What a day of calls sent: the simulator's own test holds it against that. */
const emitted: Readonly<Record<string, { names: string[]; dimensions: string[] }>> = read('workbook/emitted.json');

const charts = workbook.items.filter(({ type }) => type === 3).map(({ content }) => content);
const queries = [
  ...alerts.map(({ name, query }) => [`the alert ${name}`, query] as const),
  ...charts.map(({ title, query }) => [`the chart ${title}`, query!] as const),
];
const minutes = (span: string) => Number(/^PT(\d+)M$/.exec(span)![1]);

describe('a query', () => {
  const check = createQueryCheck();

  it('is refused where it asks for a column, a table or a function that is not there', () => {
    for (const wrong of [
      'customEvents | where nam == "x"',
      'customEvent | count',
      'dependencies | summarize percentil(duration, 95)',
      'dependencies | where name ==',
      'requests | summarize n = count() | project duration',
    ])
      assert.notDeepEqual(check(wrong), [], wrong);
    for (const table of Object.keys(insightsTables)) assert.deepEqual(check(`${table} | count`), []);
  });

  for (const [what, query] of queries) {
    it(`of ${what} is understood, and asks for what is sent`, () => {
      assert.deepEqual(check(query), []);
      const table = query.split('\n')[0]!;
      const { names, dimensions } = emitted[table]!;
      const asked = [...query.matchAll(/customDimensions\['([^']+)'\]/g)].map(([, dimension]) => dimension!);
      assert.deepEqual(
        asked.filter((dimension) => !dimensions.includes(dimension)),
        [],
      );
      // Read in no other way, which this would not see.
      assert.equal(query.match(/custom(Dimensions|Measurements)/g)?.length ?? 0, asked.length);
      const literals = [...query.matchAll(/\bname (?:==|in) ('[^']+'|\([^)]+\))/g)].flatMap(([, given]) =>
        [...given!.matchAll(/'([^']+)'/g)].map(([, name]) => name!),
      );
      assert.deepEqual(
        literals.filter((name) => !names.includes(name)),
        [],
      );
    });
  }
});

describe('the alerts', () => {
  it('look at least as often as their window is long, and compare with what they measure', () => {
    for (const { name, frequency, window, timeAggregation, measure, dimension, query, threshold } of alerts) {
      assert.ok(minutes(frequency) <= minutes(window), name);
      assert.equal(timeAggregation === 'Count', measure === undefined, name);
      for (const column of [measure, dimension]) if (column) assert.match(query, new RegExp(`\\b${column} = `), name);
      assert.ok(Number.isInteger(threshold), name);
    }
  });

  it('are deployed, each under its name, and told to people', () => {
    assert.match(readInfra('modules/alerts.bicep'), /loadJsonContent\('\.\.\/alerts\.json'\)/);
    assert.equal(new Set(alerts.map(({ name }) => name)).size, alerts.length);
    const shortName = /groupShortName: '([^']+)'/.exec(readInfra('modules/alerts.bicep'))![1]!;
    assert.ok(shortName.length <= 12);
    assert.match(readInfra('modules/monitoring.bicep'), /module alerts 'alerts\.bicep'/);
  });

  it('are explained in docs/operations.md, each with what to do', () => {
    const text = readFileSync(new URL('../docs/operations.md', import.meta.url), 'utf8');
    const explained = [...text.matchAll(/^### `([\w-]+)`$/gm)].map(([, name]) => name!);
    assert.deepEqual(
      explained,
      alerts.map(({ name }) => name),
    );
  });
});

describe('the workbook', () => {
  it('is deployed over our component, and all of its charts obey its time', () => {
    assert.match(
      readInfra('modules/workbook.bicep'),
      /loadTextContent\('\.\.\/workbook\/calls\.json'\), '\{\{component\}\}'/,
    );
    assert.match(readInfra('modules/monitoring.bicep'), /module workbook 'workbook\.bicep'/);
    const names = workbook.items.filter(({ type }) => type === 9);
    assert.equal(names.length, 1);
    for (const chart of charts) assert.equal(chart.timeContextFromParameter, 'Time', chart.title);
  });
});
