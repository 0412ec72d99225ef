// What the model has to answer about a call: the JSON Schema that it is held to, and the check that nothing in its answer is made up.
import { z } from 'zod';
import type { OutcomeField } from '../../shared/agents/outcome-fields.ts';
import type { Turn } from '../../shared/call/call.ts';
import { type CallOutcome, type Finding, type OutcomeValue, satisfactions } from '../../shared/call/call-outcome.ts';

export type OutcomeFields = Readonly<Record<string, OutcomeField>>;

/** Only what the service's strict mode knows: bounds and forms are ours to check. */
type Schema = Readonly<Record<string, unknown>>;

export function formatOutcomeSchema(fields: OutcomeFields): Schema {
  return strictObject({
    summary: finding(
      { type: ['string', 'null'] },
      'Two or three sentences for a colleague: what was wanted, what was done.',
    ),
    satisfaction: finding(
      { type: ['string', 'null'], enum: [...satisfactions, null] },
      'How the caller seems to have taken it.',
    ),
    next_action: finding({ type: ['string', 'null'] }, 'What has to be done now, and by whom. Null if nothing.'),
    fields: strictObject(
      Object.fromEntries(
        Object.entries(fields).map(([name, field]) => [name, finding(formatValue(field), describeField(field))]),
      ),
    ),
  });
}

const cited = z.object({ value: z.unknown(), turns: z.array(z.number().int()) });
const answerSchema = z.object({
  summary: cited,
  satisfaction: cited,
  next_action: cited,
  fields: z.record(z.string(), cited),
});

/** Undefined: it is not what was asked for, or it cites turns that there are not, or the summary is of nothing. */
export function parseOutcome(text: string, fields: OutcomeFields, turns: readonly Turn[]): CallOutcome | undefined {
  const answer = answerSchema.safeParse(parseJson(text)).data;
  if (!answer) return undefined;
  const all = [answer.summary, answer.satisfaction, answer.next_action, ...Object.values(answer.fields)];
  if (all.some(({ turns: places }) => places.some((place) => turns[place - 1] === undefined))) return undefined;
  const cite = <Value extends OutcomeValue>(schema: z.ZodType<Value>, found: z.output<typeof cited>) => {
    if (found.value === null) return { value: null, turns: [] };
    const value = schema.safeParse(found.value);
    return value.success ? support(value.data, found.turns, turns) : undefined;
  };
  const summary = cite(z.string().trim().min(1), answer.summary);
  const satisfaction = cite(z.enum(satisfactions), answer.satisfaction);
  const nextAction = cite(z.string().trim().min(1), answer.next_action);
  const found = Object.entries(fields).map(([name, field]) => {
    const given = answer.fields[name];
    return [name, given && cite(valueSchema(field), given)] as const;
  });
  if (!summary || summary.value === null || !satisfaction || !nextAction) return undefined;
  if (found.some(([, finding]) => finding === undefined)) return undefined;
  return { summary, satisfaction, nextAction, fields: Object.fromEntries(found) as Record<string, Finding> };
}

/** What no turn supports is not known. */
function support<Value>(value: Value, places: readonly number[], turns: readonly Turn[]): Finding<Value> {
  if (places.length === 0) return { value: null, turns: [] };
  return { value, turns: [...new Set(places)].sort((a, b) => a - b).map((place) => turns[place - 1]!.at) };
}

function valueSchema(field: OutcomeField): z.ZodType<OutcomeValue> {
  switch (field.type) {
    case 'text':
      return z.string().trim().min(1);
    case 'yes-no':
      return z.boolean();
    case 'date':
      return z.iso.date();
    case 'list':
      return z.array(z.string().trim().min(1)).min(1);
    case 'choice':
      return z.enum(field.choices as [string, ...string[]]);
    case 'number':
      return z
        .number()
        .min(field.min ?? Number.NEGATIVE_INFINITY)
        .max(field.max ?? Number.POSITIVE_INFINITY);
    default:
      return field satisfies never;
  }
}

function formatValue(field: OutcomeField): Schema {
  switch (field.type) {
    case 'text':
    case 'date':
      return { type: ['string', 'null'] };
    case 'yes-no':
      return { type: ['boolean', 'null'] };
    case 'list':
      return { type: ['array', 'null'], items: { type: 'string' } };
    case 'choice':
      return { type: ['string', 'null'], enum: [...field.choices, null] };
    case 'number':
      return { type: ['number', 'null'] };
    default:
      return field satisfies never;
  }
}

function describeField(field: OutcomeField): string {
  const form = {
    text: '',
    'yes-no': '',
    date: ' As YYYY-MM-DD.',
    list: '',
    choice: '',
    number: field.type === 'number' ? describeRange(field) : '',
  }[field.type];
  return `${field.description}${form}`;
}

function describeRange({ min, max }: { readonly min?: number; readonly max?: number }): string {
  const from = min === undefined ? '' : ` Not below ${min}.`;
  return max === undefined ? from : `${from} Not above ${max}.`;
}

function finding(value: Schema, description: string): Schema {
  return strictObject({
    value: { ...value, description: `${description} Null if the call does not tell.` },
    turns: { type: 'array', items: { type: 'integer' }, description: 'Numbers of the turns that say so.' },
  });
}

function strictObject(properties: Readonly<Record<string, Schema>>): Schema {
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
