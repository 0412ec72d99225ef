// Whether a schema is one that the chat service's strict mode takes: it knows a part of JSON Schema, and refuses the rest.

const known = new Set([
  'type',
  'description',
  'properties',
  'required',
  'additionalProperties',
  'items',
  'enum',
  'const',
  'anyOf',
  '$ref',
  '$defs',
]);
const maxLevels = 5;
const maxProperties = 100;

/** Undefined: it is taken. */
export function findSchemaFault(schema: unknown): string | undefined {
  let properties = 0;
  const look = (node: unknown, path: string, level: number): string | undefined => {
    if (typeof node !== 'object' || node === null) return `In context=(${path}), a schema must be an object.`;
    const { type, properties: children, required, additionalProperties, items } = node as Record<string, unknown>;
    const foreign = Object.keys(node).find((keyword) => !known.has(keyword));
    if (foreign) return `In context=(${path}), '${foreign}' is not permitted.`;
    if ([type].flat().includes('array')) return look(items, `${path}, 'items'`, level);
    if (![type].flat().includes('object')) return undefined;
    const names = Object.keys((children ?? {}) as object);
    properties += names.length;
    if (level > maxLevels) return `${level} levels of nesting exceeds limit of ${maxLevels}.`;
    if (properties > maxProperties) return `${properties} properties exceeds limit of ${maxProperties}.`;
    if (additionalProperties !== false)
      return `In context=(${path}), 'additionalProperties' is required to be supplied and to be false.`;
    const missing = names.find((name) => !(required as string[] | undefined)?.includes(name));
    if (missing !== undefined)
      return `In context=(${path}), 'required' is required to be supplied and to be an array including every key in properties. Missing '${missing}'.`;
    for (const name of names) {
      const fault = look((children as Record<string, unknown>)[name], `${path}, 'properties', '${name}'`, level + 1);
      if (fault) return fault;
    }
    return undefined;
  };
  return look(schema, '', 1);
}
