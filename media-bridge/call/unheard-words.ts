// What an interrupted reply went on to say: for those who read the call, never for the model, which must not believe it was heard.

/** What follows in `said` where `heard` ends, spaces apart; nothing where the one is no beginning of the other. */
export function findUnheardWords(said: string, heard: string): string {
  let at = 0;
  for (const character of heard) {
    if (/\s/.test(character)) continue;
    while (/\s/.test(said[at] ?? '')) at += 1;
    if (!said.startsWith(character, at)) return '';
    at += character.length;
  }
  return said.slice(at).trim();
}
