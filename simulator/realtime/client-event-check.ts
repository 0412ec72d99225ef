// Checks what a client sends against the schemas of the two services, and words the error as they would.
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { DialectName } from './dialect.ts';
import gaSchema from './realtime-client-events.schema.json' with { type: 'json' };
import voiceLiveSchema from './voice-live-client-events.schema.json' with { type: 'json' };

export interface ClientEvent {
  readonly type: string;
  readonly event_id?: string;
  readonly [field: string]: unknown;
}

/** The inner part of an `error` event. */
export interface WireError {
  readonly type: 'invalid_request_error' | 'server_error';
  readonly code: string;
  readonly message: string;
  readonly param: string | null;
  /** Of the client's event that is to blame. */
  readonly event_id: string | null;
}

type Check = { readonly event: ClientEvent } | { readonly error: WireError };

type Schema = object & { readonly $id: string; readonly $defs: object };

function createAjv(schema: Schema): Ajv {
  const ajv = new Ajv({ discriminator: true, allowUnionTypes: true, strictTypes: false, strictRequired: false });
  return ajv.addSchema(schema);
}

/** The schemas of one dialect. Most clients send few of its events: each is compiled when it first comes. */
class EventSchemas {
  readonly types: readonly string[];
  readonly #schema: Schema;
  readonly #compiled = new Map<string, ValidateFunction>();
  #ajv: Ajv | undefined;

  constructor(schema: Schema) {
    this.#schema = schema;
    this.types = Object.keys(schema.$defs).filter((name) => name.includes('.'));
  }

  /** Undefined: there is no such event. */
  find(type: unknown): ValidateFunction | undefined {
    let validate = this.#compiled.get(type as string);
    if (!validate) {
      if (typeof type !== 'string' || !this.types.includes(type)) return undefined;
      this.#ajv ??= createAjv(this.#schema);
      validate = this.#ajv.compile({ $ref: `${this.#schema.$id}#/$defs/${type}` });
      this.#compiled.set(type, validate);
    }
    return validate;
  }
}

const schemas: Readonly<Record<DialectName, EventSchemas>> = {
  'realtime-ga': new EventSchemas(gaSchema),
  'voice-live': new EventSchemas(voiceLiveSchema),
};

/** `text` as it came in one message. */
export function checkClientEvent(dialect: DialectName, text: string): Check {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return refuse('invalid_json', 'The message is not valid JSON.', null, null);
  }
  if (typeof message !== 'object' || message === null || Array.isArray(message)) {
    return refuse('invalid_event', 'The message is not a JSON object.', null, null);
  }
  const { type, event_id: givenId } = message as { type?: unknown; event_id?: unknown };
  const eventId = typeof givenId === 'string' ? givenId : null;
  if (type === undefined)
    return refuse('missing_required_parameter', "Missing required parameter: 'type'.", 'type', eventId);
  const known = schemas[dialect];
  const validate = known.find(type);
  if (!validate) {
    const supported = known.types.map((name) => `'${name}'`).join(', ');
    return refuse('invalid_value', `Invalid value: '${type}'. Supported values are: ${supported}.`, 'type', eventId);
  }
  if (validate(message)) return { event: message as ClientEvent };
  const { code, text: why, param } = describe(pick(validate.errors!), message);
  return refuse(code, why, param, eventId);
}

/** For the tests of others: why the service would refuse this event, or undefined. */
export function validateClientEvent(dialect: DialectName, message: unknown): string | undefined {
  const check = checkClientEvent(dialect, typeof message === 'string' ? message : JSON.stringify(message));
  return 'error' in check ? `${check.error.code}: ${check.error.message}` : undefined;
}

function refuse(code: string, message: string, param: string | null, eventId: string | null): { error: WireError } {
  return { error: { type: 'invalid_request_error', code, message, param, event_id: eventId } };
}

/** A union reports the errors of all its branches: the telling ones are the deepest, and these kinds before others. */
const telling = ['additionalProperties', 'required', 'discriminator', 'enum', 'type', 'const'];

function pick(errors: readonly ErrorObject[]): ErrorObject {
  const depth = (error: ErrorObject) => error.instancePath.split('/').length;
  const own = errors.filter(({ keyword }) => !['anyOf', 'oneOf', 'if'].includes(keyword));
  const deepest = own.filter((error) => depth(error) === Math.max(...own.map(depth)));
  const kind = telling.find((keyword) => deepest.some((error) => error.keyword === keyword));
  return deepest.find(({ keyword }) => keyword === kind) ?? deepest[0] ?? errors[0]!;
}

/** Each of these comes with its own keyword only. */
interface ErrorParams {
  readonly additionalProperty: string;
  readonly missingProperty: string;
  readonly allowedValues?: readonly unknown[];
  readonly allowedValue?: unknown;
}

function describe(error: ErrorObject, message: unknown): { code: string; text: string; param: string } {
  const path = error.instancePath.split('/').slice(1);
  const param = formatPath(path);
  const inner = (name: string) => formatPath([...path, name]);
  const { additionalProperty, missingProperty, allowedValues, allowedValue } = error.params as ErrorParams;
  switch (error.keyword) {
    case 'additionalProperties':
      return {
        code: 'unknown_parameter',
        text: `Unknown parameter: '${inner(additionalProperty)}'.`,
        param: inner(additionalProperty),
      };
    case 'required':
      return {
        code: 'missing_required_parameter',
        text: `Missing required parameter: '${inner(missingProperty)}'.`,
        param: inner(missingProperty),
      };
    case 'type':
      return { code: 'invalid_type', text: `Invalid type for '${param}': ${error.message}.`, param };
    case 'discriminator': {
      const tag = error.params.tag as string;
      const value = readPath(message, [...path, tag]);
      return { code: 'invalid_value', text: `Invalid value: '${value}'.`, param: inner(tag) };
    }
    case 'enum':
    case 'const': {
      const supported = [allowedValues ?? allowedValue].flat().map((value) => `'${value}'`);
      const text = `Invalid value: '${readPath(message, path)}'. Supported values are: ${supported.join(', ')}.`;
      return { code: 'invalid_value', text, param };
    }
    default:
      return { code: 'invalid_value', text: `Invalid value for '${param}': ${error.message}.`, param };
  }
}

function formatPath(path: readonly string[]): string {
  return path.map((part, i) => (/^\d+$/.test(part) ? `[${part}]` : i === 0 ? part : `.${part}`)).join('');
}

function readPath(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((inner, name) => (inner as Record<string, unknown> | undefined)?.[name], value);
}
