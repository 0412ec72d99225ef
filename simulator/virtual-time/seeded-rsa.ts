// An RSA key pair that a seed decides. For the simulated clouds only: who knows the seed knows the key.
import { checkPrimeSync } from 'node:crypto';

export interface SeededKeyPair {
  readonly privateJwk: Readonly<Record<string, string>>;
  readonly publicJwk: Readonly<Record<string, string>>;
}

const publicExponent = 65537n;
/** Enough to spare most candidates the costly check. */
const smallPrimes = [...Array(2000).keys()].filter((n) => n > 2 && isSmallPrime(n)).map(BigInt);

export function createRsaKeyPair(random: { fill(bytes: Uint8Array): void }, modulusBits = 2048): SeededKeyPair {
  const primeBytes = modulusBits / 16;
  const p = drawPrime(random, primeBytes);
  let q = drawPrime(random, primeBytes);
  while (q === p) q = drawPrime(random, primeBytes);
  const d = invert(publicExponent, (p - 1n) * (q - 1n));
  const publicJwk = { kty: 'RSA', n: encode(p * q), e: encode(publicExponent) };
  const secret = { d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: invert(q, p) };
  const encoded = Object.fromEntries(Object.entries(secret).map(([name, value]) => [name, encode(value)]));
  return { publicJwk, privateJwk: { ...publicJwk, ...encoded } };
}

function drawPrime(random: { fill(bytes: Uint8Array): void }, bytes: number): bigint {
  const drawn = Buffer.alloc(bytes);
  random.fill(drawn);
  // The two highest bits make the product of two primes as long as it has to be.
  drawn[0]! |= 0xc0;
  drawn[bytes - 1]! |= 1;
  const candidate = BigInt(`0x${drawn.toString('hex')}`);
  const rests = smallPrimes.map((prime) => candidate % prime);
  for (let step = 0n; ; step += 2n) {
    const number = candidate + step;
    const isSieved = rests.some((rest, i) => (rest + step) % smallPrimes[i]! === 0n);
    if (isSieved || (number - 1n) % publicExponent === 0n) continue;
    if (checkPrimeSync(number, { checks: 10 })) return number;
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

function isSmallPrime(n: number): boolean {
  for (let divisor = 2; divisor * divisor <= n; divisor++) if (n % divisor === 0) return false;
  return n > 1;
}
