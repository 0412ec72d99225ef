// Reads queries with Kusto's own parser, over the tables of Application Insights: what the portal would say of them.
import { createRequire } from 'node:module';
import { insightsTables } from './insights-schema.ts';

/** As much of the library as is used: its own types are made for another kind of module. */
interface Kusto {
  readonly Language: {
    readonly GlobalState: { readonly Default: { WithDatabase(database: object): object } };
    readonly KustoCode: { ParseAndAnalyze(query: string, globals: object): { GetDiagnostics(): Diagnostics } };
    readonly Symbols: {
      readonly TableSymbol: { From(columns: string): { WithName(name: string): object } };
      readonly DatabaseSymbol: { readonly $ctor1: new (name: string, tables: readonly object[]) => object };
    };
  };
}
interface Diagnostics {
  readonly Count: number;
  getItem(index: number): { readonly Message: string };
}

function load(): Kusto {
  const require = createRequire(import.meta.url);
  require('@kusto/language-service-next/bridge.min.js');
  require('@kusto/language-service-next/Kusto.Language.Bridge.min.js');
  return (globalThis as unknown as { Kusto: Kusto }).Kusto;
}

/** What is wrong with a query, in the parser's words. */
export function createQueryCheck(): (query: string) => readonly string[] {
  const { GlobalState, KustoCode, Symbols } = load().Language;
  const tables = Object.entries(insightsTables).map(([name, columns]) =>
    Symbols.TableSymbol.From(`(${columns})`).WithName(name),
  );
  const globals = GlobalState.Default.WithDatabase(new Symbols.DatabaseSymbol.$ctor1('component', tables));
  return (query) => {
    const found = KustoCode.ParseAndAnalyze(query, globals).GetDiagnostics();
    return Array.from({ length: found.Count }, (_, i) => found.getItem(i).Message);
  };
}
