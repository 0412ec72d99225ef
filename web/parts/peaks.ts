// The peaks of a recording: read from the API's answer, and folded into as many columns as a drawing has.

/** Signed bytes in turn: low, high, low, … */
export function decodePeaks(base64: string): Int8Array {
  const text = atob(base64);
  const bytes = new Int8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}

/** The lowest and highest of each of `columns` equal stretches. */
export function foldPeaks(peaks: Int8Array, columns: number): readonly (readonly [low: number, high: number])[] {
  const pairs = peaks.length / 2;
  return Array.from({ length: columns }, (_, column) => {
    const from = Math.floor((column * pairs) / columns);
    const to = Math.max(from + 1, Math.floor(((column + 1) * pairs) / columns));
    let low = 0;
    let high = 0;
    for (let pair = from; pair < to && pair < pairs; pair++) {
      low = Math.min(low, peaks[pair * 2]!);
      high = Math.max(high, peaks[pair * 2 + 1]!);
    }
    return [low, high] as const;
  });
}
