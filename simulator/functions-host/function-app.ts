// The functions and hooks of one app, and what Azure's worker does to run one of them.
import { randomUUID } from 'node:crypto';
import {
  type Binding,
  Disposable,
  type FunctionCallback,
  type FunctionMetadata,
  getProgrammingModel,
  type HttpAnswer,
  type InvocationRequest,
  type Registry,
} from './functions-core.ts';

const hookNames = ['appStart', 'appTerminate', 'preInvocation', 'postInvocation', 'log'] as const;
type HookName = (typeof hookNames)[number];
type Hook = (context: unknown) => unknown;

export interface LoadedFunction {
  readonly name: string;
  readonly triggerName: string;
  readonly trigger: Binding;
}

export type LogLine = (level: string, message: string, functionName?: string) => void;

export class FunctionApp implements Registry {
  readonly #functions = new Map<string, { metadata: FunctionMetadata; callback: FunctionCallback }>();
  readonly #hooks = new Map<HookName, Hook[]>(hookNames.map((name) => [name, []]));
  readonly #appHookData = {};
  readonly #writeLog: LogLine;
  #loaded = false;

  constructor(writeLog: LogLine) {
    this.#writeLog = writeLog;
  }

  log(level: string, message: string): void {
    this.#writeLog(level, message);
  }

  registerFunction(metadata: FunctionMetadata, callback: FunctionCallback): Disposable {
    if (this.#loaded) throw new Error('functions can only be registered while the app is loaded');
    const { name } = metadata;
    if (!/^[A-Za-z][\w-]{0,127}$/.test(name)) throw new Error(`"${name}" is no name for a function`);
    const taken = [...this.#functions.keys()].find((other) => other.toLowerCase() === name.toLowerCase());
    if (taken !== undefined) throw new Error(`there is a function "${taken}" already`);
    this.#functions.set(name, { metadata, callback });
    return new Disposable(() => this.#functions.delete(name));
  }

  registerHook(name: string, callback: Hook): Disposable {
    const hooks = this.#hooks.get(name as HookName);
    if (!hooks) throw new RangeError(`there is no hook "${name}"`);
    hooks.push(callback);
    return new Disposable(() => hooks.splice(hooks.indexOf(callback), 1));
  }

  async start(functionAppDirectory: string): Promise<void> {
    this.#loaded = true;
    await this.#run('appStart', { hookData: {}, appHookData: this.#appHookData, functionAppDirectory });
  }

  /** In the order in which the host looks at them: by name, whatever the case. */
  get functions(): readonly LoadedFunction[] {
    return [...this.#functions.values()]
      .map(({ metadata }) => {
        const found = Object.entries(metadata.bindings).find(([, binding]) => /trigger$/i.test(binding.type));
        if (!found) throw new Error(`the function "${metadata.name}" has no trigger`);
        return { name: metadata.name, triggerName: found[0], trigger: found[1] };
      })
      .sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
  }

  /** Rejects with what the function threw. */
  async invoke(name: string, request: InvocationRequest): Promise<HttpAnswer | undefined> {
    const { metadata, callback } = this.#functions.get(name)!;
    const invocationId = randomUUID();
    const core = {
      invocationId,
      metadata,
      state: undefined as string | undefined,
      request: { invocationId, functionId: name, ...request },
      log: (level: string, _category: string, message: string) => this.#writeLog(level, message, name),
    };
    const invocation = getProgrammingModel().getInvocationModel(core);
    const { context, inputs } = await invocation.getArguments();
    const shared = { hookData: {}, appHookData: this.#appHookData, invocationContext: context };

    core.state = 'preInvocationHooks';
    const before = { ...shared, inputs, functionCallback: callback };
    await this.#run('preInvocation', before);

    core.state = 'invocation';
    const after = { ...shared, inputs: before.inputs, result: null as unknown, error: null as unknown };
    try {
      after.result = await invocation.invokeFunction(context, before.inputs, before.functionCallback);
    } catch (error) {
      after.error = error;
    }

    core.state = 'postInvocationHooks';
    await this.#run('postInvocation', after);
    core.state = undefined;
    if (after.error !== null && after.error !== undefined) throw after.error;
    const { returnValue } = await invocation.getResponse(context, after.result);
    return returnValue?.http;
  }

  async stop(): Promise<void> {
    await this.#run('appTerminate', { hookData: {}, appHookData: this.#appHookData });
  }

  async #run(name: HookName, context: unknown): Promise<void> {
    for (const hook of this.#hooks.get(name)!) await hook(context);
  }
}
