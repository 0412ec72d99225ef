// Reads TwiML: just as much XML as a voice response may hold.

export interface TwimlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly TwimlElement[];
  readonly text: string;
}

interface OpenElement {
  name: string;
  attributes: Record<string, string>;
  children: TwimlElement[];
  text: string;
}

const token = /<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!\[CDATA\[[\s\S]*?\]\]>|<[^>]*>|[^<]+/y;
const openTag = /^<([A-Za-z_][\w.-]*)((?:\s+[\w:.-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>$/;
const closeTag = /^<\/([A-Za-z_][\w.-]*)\s*>$/;
const attribute = /([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** The verbs of the response, in order. Throws for what Twilio calls a bad document (12100). */
export function parseTwiml(text: string): readonly TwimlElement[] {
  const top: OpenElement = { name: '', attributes: {}, children: [], text: '' };
  const stack: OpenElement[] = [top];
  token.lastIndex = 0;
  while (token.lastIndex < text.length) {
    const at = token.lastIndex;
    const part = token.exec(text)?.[0];
    if (part === undefined) throw new Error(`TwiML cannot be read at character ${at}`);
    const open = stack.at(-1)!;
    if (part.startsWith('<!--') || part.startsWith('<?')) continue;
    if (part.startsWith('<![CDATA[')) open.text += part.slice(9, -3);
    else if (part.startsWith('</')) {
      if (closeTag.exec(part)?.[1] !== open.name || stack.length === 1) throw new Error(`${part} closes nothing`);
      stack.pop();
    } else if (part.startsWith('<')) {
      const match = openTag.exec(part);
      if (!match) throw new Error(`${part} is no tag`);
      const element: OpenElement = { name: match[1]!, attributes: {}, children: [], text: '' };
      for (const [, name, double, single] of match[2]!.matchAll(attribute)) {
        if (Object.hasOwn(element.attributes, name!)) throw new Error(`${part} has an attribute twice`);
        element.attributes[name!] = decode(double ?? single ?? '');
      }
      open.children.push(element);
      if (match[3] === '') stack.push(element);
    } else open.text += decode(part);
  }
  const [root, ...more] = top.children;
  if (stack.length > 1) throw new Error(`<${stack.at(-1)!.name}> is not closed`);
  if (root?.name !== 'Response' || more.length > 0 || top.text.trim() !== '')
    throw new Error('TwiML is one <Response>');
  return root.children;
}

function decode(text: string): string {
  return text.replace(/&([^;\s]*);?/g, (whole, name: string) => {
    if (!whole.endsWith(';')) throw new Error('& stands alone');
    const number = /^#(?:x([0-9a-f]+)|(\d+))$/i.exec(name);
    if (number) return String.fromCodePoint(number[1] ? Number.parseInt(number[1], 16) : Number(number[2]));
    const character = entities[name];
    if (character === undefined) throw new Error(`&${name}; is not known`);
    return character;
  });
}
