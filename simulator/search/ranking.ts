// How well documents fit a question: by the words they share, by likeness of their letters in place of meaning, and by both together.

interface Ranked<Document> {
  readonly document: Document;
  readonly score: number;
}

/** As Azure AI Search joins rankings. */
const joinConstant = 60;
const leastLikeness = 0.12;

export function rankDocuments<Document extends Readonly<Record<string, unknown>>>(
  documents: readonly Document[],
  question: string,
  { byMeaning }: { readonly byMeaning: boolean },
): readonly Ranked<Document>[] {
  const texts = documents.map((document) => wordsOf(Object.values(document).filter(isText).join(' ')));
  const asked = wordsOf(question);
  const everything = question.trim() === '*' || asked.length === 0;
  const byWords = texts.map((words) => (everything ? 1 : asked.filter((word) => words.includes(word)).length));
  const rankings = [placesOf(byWords, 0)];
  if (byMeaning) {
    const grams = gramsOf(asked.join(' '));
    const likeness = texts.map((words) => {
      const own = gramsOf(words.join(' '));
      return [...grams].filter((gram) => own.has(gram)).length / Math.max(1, grams.size);
    });
    rankings.push(placesOf(likeness, leastLikeness));
  }
  return documents
    .map((document, index) => {
      const score = rankings.reduce(
        (sum, places) => sum + (places[index] === undefined ? 0 : 1 / (joinConstant + places[index]!)),
        0,
      );
      return { document, score };
    })
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score);
}

/** From 1; undefined for what is no better than nothing. */
function placesOf(values: readonly number[], least: number): (number | undefined)[] {
  const order = values.map((value, index) => ({ value, index })).filter(({ value }) => value > least);
  order.sort((a, b) => b.value - a.value);
  const places: (number | undefined)[] = values.map(() => undefined);
  for (const [place, { index }] of order.entries()) places[index] = place + 1;
  return places;
}

function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

function gramsOf(text: string): ReadonlySet<string> {
  const letters = ` ${text} `;
  return new Set(
    Array.from({ length: Math.max(0, letters.length - 2) }, (_, index) => letters.slice(index, index + 3)),
  );
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
