// Numbers that nobody may read, taken out of whatever text is about to be written down or shown.

/** Shorter ones are in half of all sentences. */
const leastDigits = 3;
/** What people and models put between digits. */
const gap = '[\\s.,-]*';

export class SecretDigits {
  #patterns: RegExp[] = [];

  add(digits: string): void {
    const known = digits.replace(/[^0-9]/g, '');
    if (known.length >= leastDigits) this.#patterns.push(new RegExp([...known].join(gap), 'g'));
  }

  hide(text: string): string {
    return this.#patterns.reduce((hidden, pattern) => hidden.replace(pattern, '•••'), text);
  }
}
