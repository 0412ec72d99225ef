// RSA keys that a seed decides. For the simulated clouds only: their primes stand in a file that everybody can read.
import primes from './rsa-primes.json' with { type: 'json' };

export interface SeededKeyPair {
  readonly privateJwk: Readonly<Record<string, string>>;
  readonly publicJwk: Readonly<Record<string, string>>;
}

interface Draws {
  /** From `from` up to, not including, `to`. */
  integer(from: number, to: number): number;
}

/** Of two primes of 1,024 bits. */
export const modulusBits = 2048;
const publicExponent = 65537n;

/** To look for primes would take a tenth of a second a key. These are known ones, each pair of which makes a key once. */
export class SeededRsaKeys {
  readonly #random: Draws;
  readonly #unused: (readonly [bigint, bigint])[];

  constructor(random: Draws) {
    this.#random = random;
    const known = primes.map((hex) => BigInt(`0x${hex}`));
    this.#unused = known.flatMap((p, i) => known.slice(i + 1).map((q) => [p, q] as const));
  }

  draw(): SeededKeyPair {
    const [pair] = this.#unused.splice(this.#random.integer(0, this.#unused.length), 1);
    if (!pair) throw new Error('all pairs of primes are keys already: add primes');
    const [p, q] = pair;
    const d = invert(publicExponent, (p - 1n) * (q - 1n));
    const publicJwk = { kty: 'RSA', n: encode(p * q), e: encode(publicExponent) };
    const secret = { d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: invert(q, p) };
    const encoded = Object.fromEntries(Object.entries(secret).map(([name, value]) => [name, encode(value)]));
    return { publicJwk, privateJwk: { ...publicJwk, ...encoded } };
  }
}

/** The number that makes `a` one, modulo `m`. */
function invert(a: bigint, m: bigint): bigint {
  let [rest, nextRest, factor, nextFactor] = [a % m, m, 1n, 0n];
  while (nextRest !== 0n) {
    const quotient = rest / nextRest;
    [rest, nextRest] = [nextRest, rest - quotient * nextRest];
    [factor, nextFactor] = [nextFactor, factor - quotient * nextFactor];
  }
  return ((factor % m) + m) % m;
}

function encode(value: bigint): string {
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex').toString('base64url');
}
