// Of an agent: requests to services of the house that the model may make, each as a tool with a schema.
import { z } from 'zod';
import { isServiceUrl, serviceSecret } from './foreign-service.ts';
import { explanation, fieldName } from './spoken-words.ts';

const placeholder = /(?<!\{)\{([a-z][a-z0-9_]*)\}(?!\})/g;
/** Filled from the call, not by the model. */
const callPlaceholder = /\{\{([a-z][a-z0-9_]*)\}\}/g;
const withoutPlaceholders = (text: string, by = '') => text.replace(callPlaceholder, by).replace(placeholder, by);

/** The host stands in the file: the model fills in parts of the path and of the query, and no more. */
const urlTemplate = z
  .string()
  .refine((text) => isServiceUrl(withoutPlaceholders(text, 'x')), {
    error: 'must be a URL that starts with https:// (unencrypted only on this machine), without a name',
    abort: true,
  })
  .refine((text) => !/[{}]/.test(/^[a-z]+:\/\/[^/?#]*/i.exec(text)?.[0] ?? ''), 'must have no {…} in its host')
  .refine((text) => !/[{}]/.test(withoutPlaceholders(text)), 'has a brace that belongs to no {name} or {{name}}');

const jsonSchema = z.looseObject({
  type: z.literal('object', "must be 'object'"),
  properties: z.record(fieldName, z.looseObject({ type: z.string().optional(), description: z.string().optional() })),
  required: z.array(z.string()).default([]),
});

const httpTool = z
  .strictObject({
    description: explanation,
    method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).default('GET'),
    /** `https://host/orders/{order_number}`. */
    url: urlTemplate,
    /** JSON Schema of what the model gives. What the URL does not take goes into the query of a GET, and else into the body. */
    input: jsonSchema.default({ type: 'object', properties: {}, required: [] }),
    secret: serviceSecret.optional(),
    timeout_seconds: z.number().min(0.5).max(30).default(8),
    /** Of a GET: how long an answer is good for, for all calls. */
    cache_seconds: z.int().min(0).max(86_400).default(0),
    /** When the answer is spoken. */
    speak: z.enum(['when-idle', 'interrupt', 'silent']).default('when-idle'),
  })
  .superRefine((tool, context) => {
    for (const name of findPlaceholders(tool.url)) {
      if (!Object.hasOwn(tool.input.properties, name))
        context.addIssue({ code: 'custom', path: ['url'], message: `{${name}} is none of the input's properties` });
      else if (!tool.input.required.includes(name))
        context.addIssue({
          code: 'custom',
          path: ['input', 'required'],
          message: `must have ${name}: the URL needs it`,
        });
    }
    for (const name of tool.input.required)
      if (!Object.hasOwn(tool.input.properties, name))
        context.addIssue({ code: 'custom', path: ['input', 'required'], message: `${name} is none of the properties` });
    const fault = findSchemaFault(tool.input);
    if (fault !== undefined) context.addIssue({ code: 'custom', path: ['input'], message: fault });
    if (tool.cache_seconds > 0 && tool.method !== 'GET')
      context.addIssue({ code: 'custom', path: ['cache_seconds'], message: 'goes with GET only' });
  });

export const httpTools = z.record(fieldName, httpTool).default({});

export type HttpToolDefinition = z.output<typeof httpTool>;

/** What models give is checked by it. */
function findSchemaFault(schema: object): string | undefined {
  try {
    z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
    return undefined;
  } catch (error) {
    return `is a JSON Schema that cannot be checked here: ${(error as Error).message}`;
  }
}

/** Those in double braces, each once: `caller_number`, `call_id` and what the agent's context has. */
export function findCallPlaceholders(template: string): readonly string[] {
  return [...new Set([...template.matchAll(callPlaceholder)].map(([, name]) => name!))];
}

/** The names in braces, each once. */
export function findPlaceholders(template: string): readonly string[] {
  return [...new Set([...template.matchAll(placeholder)].map(([, name]) => name!))];
}
