// Worker thread that owns the SQLite file of the history, so that a lock or a slow disk stops no audio. One answer a request.
import { parentPort, workerData } from 'node:worker_threads';
import type { CallStanding } from './call-query.ts';
import { type CallerRow, callersTable, SqliteCallers } from './sqlite-callers.ts';
import { type CallRow, type ListedPage, makeCallTables, SqliteCalls } from './sqlite-calls.ts';
import { SqliteFile } from './sqlite-file.ts';

export type SqliteRequest =
  | { readonly type: 'save'; readonly row: CallRow }
  | { readonly type: 'save-over'; readonly version: number; readonly row: CallRow }
  | { readonly type: 'find'; readonly id: string }
  | ({ readonly type: 'list' } & ListedPage)
  | { readonly type: 'list-standing'; readonly standing: CallStanding; readonly limit: number }
  | { readonly type: 'list-old-recordings'; readonly limit: number }
  | { readonly type: 'remove'; readonly id: string }
  | { readonly type: 'remove-older'; readonly createdBefore: number }
  | { readonly type: 'put-caller'; readonly row: CallerRow }
  | { readonly type: 'find-caller'; readonly caller: string; readonly id: string }
  | {
      readonly type: 'list-caller';
      readonly caller: string;
      readonly kind: CallerRow['kind'];
      readonly limit: number;
    }
  | { readonly type: 'remove-caller'; readonly caller: string }
  | { readonly type: 'remove-expired' }
  | { readonly type: 'probe' }
  | { readonly type: 'close' };

/** `problem`: in the words of SQLite or the file system, without a path. */
export type SqliteAnswer = { readonly serial: number } & ({ readonly value: unknown } | { readonly problem: string });

const file = new SqliteFile(String(workerData), (database) => {
  makeCallTables(database);
  database.exec(callersTable);
});
const calls = new SqliteCalls(file);
const callers = new SqliteCallers(file);

parentPort!.on('message', ({ serial, request }: { serial: number; request: SqliteRequest }) => {
  let answer: SqliteAnswer;
  try {
    answer = { serial, value: carryOut(request) };
  } catch (error) {
    answer = { serial, problem: describe(error) };
  }
  parentPort!.postMessage(answer);
});

function carryOut(request: SqliteRequest): unknown {
  switch (request.type) {
    case 'save':
      return calls.save(request.row);
    case 'save-over':
      return calls.saveOver(request.version, request.row);
    case 'find':
      return calls.find(request.id);
    case 'list':
      return calls.list(request);
    case 'list-standing':
      return calls.listStanding(request.standing, request.limit);
    case 'list-old-recordings':
      return calls.listOldRecordings(request.limit);
    case 'remove':
      return calls.remove(request.id);
    case 'remove-older':
      return calls.removeOlder(request.createdBefore);
    case 'put-caller':
      return callers.put(request.row);
    case 'find-caller':
      return callers.find(request.caller, request.id);
    case 'list-caller':
      return callers.list(request.caller, request.kind, request.limit);
    case 'remove-caller':
      return callers.remove(request.caller);
    case 'remove-expired':
      return callers.removeExpired();
    case 'probe':
      return calls.probe();
    case 'close':
      return file.close();
    default:
      return request satisfies never;
  }
}

function describe(error: unknown): string {
  const { errstr, code } = error as { errstr?: string; code?: string };
  return errstr ?? code ?? 'it failed';
}
