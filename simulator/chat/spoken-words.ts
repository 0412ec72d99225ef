// Words as they are spoken: without case and punctuation, which nobody hears.

export function simplifyWords(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}
