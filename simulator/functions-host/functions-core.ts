// Stands in for '@azure/functions-core', the module which Azure's worker hands to the @azure/functions library.
import { AsyncLocalStorage } from 'node:async_hooks';

export interface Binding {
  readonly type: string;
  readonly direction: 'in' | 'out';
  readonly authLevel?: string;
  readonly methods?: readonly string[];
  readonly route?: string;
  /** Of a timer. */
  readonly schedule?: string;
  readonly runOnStartup?: boolean;
}

export interface FunctionMetadata {
  readonly name: string;
  readonly bindings: Readonly<Record<string, Binding>>;
}

export type FunctionCallback = (...inputs: unknown[]) => unknown;

export interface NullableString {
  readonly value?: string;
}

/** What travels between host and worker, as far as HTTP and Event Grid need it. */
export interface HttpData {
  readonly method: string;
  readonly url: string;
  readonly nullableHeaders: Record<string, NullableString>;
  readonly nullableParams: Record<string, NullableString>;
  readonly nullableQuery: Record<string, NullableString>;
  readonly body?: { bytes: Uint8Array };
}
export interface HttpAnswer {
  readonly statusCode?: string;
  readonly headers?: Record<string, string>;
  readonly cookies?: readonly AnswerCookie[];
  readonly body?: { bytes?: Uint8Array; string?: string } | null;
}
export interface AnswerCookie {
  readonly name: string;
  readonly value: string;
  readonly domain?: { value: string };
  readonly path?: { value: string };
  readonly expires?: { value: { seconds: number } };
  readonly secure?: { value: boolean };
  readonly httpOnly?: { value: boolean };
  readonly sameSite?: 'none' | 'lax' | 'strict' | 'explicitNone';
  readonly maxAge?: { value: number };
}
export interface TypedData {
  readonly json?: string;
  readonly string?: string;
  readonly http?: HttpData;
}
export interface InvocationRequest {
  readonly inputData: readonly { readonly name: string; readonly data: TypedData }[];
  readonly triggerMetadata: Record<string, TypedData>;
  readonly traceContext?: { readonly traceParent: string; readonly traceState?: string };
}

export interface Invocation {
  getArguments(): Promise<{ context: unknown; inputs: unknown[] }>;
  invokeFunction(context: unknown, inputs: unknown[], callback: FunctionCallback): Promise<unknown>;
  getResponse(context: unknown, result: unknown): Promise<{ returnValue?: { http?: HttpAnswer } | null }>;
}
export interface ProgrammingModel {
  getInvocationModel(coreContext: object): Invocation;
}

export class Disposable {
  #undo: (() => void) | undefined;

  constructor(undo: () => void) {
    this.#undo = undo;
  }

  dispose(): void {
    this.#undo?.();
    this.#undo = undefined;
  }
}

/** Who takes what the library registers. */
export interface Registry {
  registerFunction(metadata: FunctionMetadata, callback: FunctionCallback): Disposable;
  registerHook(name: string, callback: (context: unknown) => unknown): Disposable;
  log(level: string, message: string): void;
}

/** The library asks for this module once a process, so the app that is being loaded is told by the context it is loaded in. */
export const loadingApp = new AsyncLocalStorage<Registry>();

/** The library gives its model once a process, whichever app is loaded first. */
const given: { model?: ProgrammingModel } = {};

export const version = '0.0.0-local';
export const hostVersion = '4.0.0-local';

export function setProgrammingModel(model: ProgrammingModel): void {
  given.model = model;
}

export function getProgrammingModel(): ProgrammingModel {
  if (!given.model) throw new Error('nothing has been registered through @azure/functions yet');
  return given.model;
}

export function registerFunction(metadata: FunctionMetadata, callback: FunctionCallback): Disposable {
  return registryNow('a function').registerFunction(metadata, callback);
}

export function registerHook(name: string, callback: (context: unknown) => unknown): Disposable {
  return registryNow('a hook').registerHook(name, callback);
}

export function log(level: string, _category: string, message: string): void {
  loadingApp.getStore()?.log(level, message);
}

function registryNow(what: string): Registry {
  const registry = loadingApp.getStore();
  if (!registry) throw new Error(`${what} can only be registered while the app is loaded`);
  return registry;
}
