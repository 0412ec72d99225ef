// Writes XML: elements with attributes and text, escaped so that no text becomes markup.

export class XmlElement {
  readonly #name: string;
  readonly #attributes: Readonly<Record<string, string | number | boolean>>;
  readonly #content: readonly (XmlElement | string)[];

  constructor(
    name: string,
    attributes: Readonly<Record<string, string | number | boolean>>,
    ...content: readonly (XmlElement | string)[]
  ) {
    this.#name = name;
    this.#attributes = attributes;
    this.#content = content;
  }

  toString(): string {
    const attributes = Object.entries(this.#attributes).map(
      ([name, value]) => ` ${name}="${escapeAttribute(String(value))}"`,
    );
    const content = this.#content.map((part) => (typeof part === 'string' ? escapeText(part) : part.toString()));
    const start = `<${this.#name}${attributes.join('')}`;
    return content.length === 0 ? `${start}/>` : `${start}>${content.join('')}</${this.#name}>`;
  }
}

/** XML has no way to write these. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const unwritable = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g;

function escapeText(text: string): string {
  return text
    .toWellFormed()
    .replace(unwritable, '')
    .replace(/[&<>\r]/g, formatReference);
}

/** A parser would make blanks of the line ends in an attribute. */
function escapeAttribute(text: string): string {
  return escapeText(text).replace(/["\t\n]/g, formatReference);
}

const named: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function formatReference(character: string): string {
  return named[character] ?? `&#x${character.charCodeAt(0).toString(16).toUpperCase()};`;
}
