// Cuts a reply's transcript to the part that the caller heard.

/**
 * Speech runs evenly enough over a sentence that time and text can be set in proportion. Cuts at a word's end: half a word
 * heard is not counted.
 */
export function cutToHeard(text: string, heardMs: number, totalMs: number): string {
  if (heardMs <= 0 || totalMs <= 0) return '';
  if (heardMs >= totalMs) return text;
  const length = Math.floor(text.length * (heardMs / totalMs));
  if (/\s/.test(text[length] ?? ' ')) return text.slice(0, length).trimEnd();
  return text.slice(0, length).replace(/\S+$/, '').trimEnd();
}
