// What the stand-in chat model makes of a transcript that it is to judge: each answer is found in a turn of the caller, or is null.
import { simplifyWords } from './spoken-words.ts';

interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
}

interface SpokenTurn {
  readonly place: number;
  readonly role: string;
  readonly text: string;
}

const turnPattern = /^\[(\d+)\] (caller|agent)(?: \(cut off\))?: (.*)$/gm;

/** An object that fits the schema, with `{value, turns}` wherever it asks for that. */
export function judgeTranscript(schema: JsonSchema, transcript: string): unknown {
  const turns = [...transcript.matchAll(turnPattern)].map(([, place, role, text]): SpokenTurn => {
    return { place: Number(place), role: role!, text: text! };
  });
  const said = turns.filter(({ role }) => role === 'caller');
  const fill = (name: string, node: JsonSchema): unknown => {
    const { properties = {} } = node;
    if (properties.value && properties.turns) return find(name, properties.value, said);
    return Object.fromEntries(Object.entries(properties).map(([key, child]) => [key, fill(key, child)]));
  };
  return fill('', schema);
}

function find(name: string, value: JsonSchema, said: readonly SpokenTurn[]) {
  const types = [value.type].flat();
  const nothing = { value: null, turns: [] };
  const first = <Found>(look: (turn: SpokenTurn) => Found | undefined) => {
    for (const turn of said) {
      const found = look(turn);
      if (found !== undefined) return { value: found, turns: [turn.place] };
    }
    return nothing;
  };
  if (name === 'summary')
    return said.length === 0
      ? nothing
      : { value: `The caller said: ${said.map(({ text }) => text).join(' ')}`, turns: said.map(({ place }) => place) };
  if (name === 'satisfaction')
    return first(({ text }) =>
      /thank/i.test(text) ? 'satisfied' : /angry|useless/i.test(text) ? 'dissatisfied' : undefined,
    );
  if (value.enum) return first(({ text }) => value.enum!.find((one) => typeof one === 'string' && has(text, one)));
  if (types.includes('boolean'))
    return first(({ text }) => (has(text, 'yes') ? true : has(text, 'no') ? false : undefined));
  if (types.includes('number')) return first(({ text }) => readNumber(/\d+(?:\.\d+)?/.exec(text)?.[0]));
  if (types.includes('array'))
    return first(({ text }) => (text.includes(',') ? text.split(',').map((part) => part.trim()) : undefined));
  if (/YYYY-MM-DD/.test(value.description ?? '')) return first(({ text }) => /\d{4}-\d\d-\d\d/.exec(text)?.[0]);
  return first(({ text }) => (has(text, name.replaceAll('_', ' ')) ? text : undefined));
}

const has = (text: string, word: string) => ` ${simplifyWords(text)} `.includes(` ${simplifyWords(word)} `);
const readNumber = (text: string | undefined) => (text === undefined ? undefined : Number(text));
