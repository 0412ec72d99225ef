// Random numbers that one seed decides, in place of the machine's own: ids, keys, masks, jitter.
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { modulusBits, SeededRsaKeys } from './seeded-rsa.ts';

export class SeededRandom {
  #a: number;
  #b: number;
  #c: number;
  #d = 1;

  constructor(seed: number) {
    this.#a = seed | 0;
    this.#b = Math.floor(seed / 2 ** 32) | 0;
    this.#c = 0x9e3779b9;
    for (let n = 0; n < 15; n++) this.uint32();
  }

  /** The sfc32 generator: 32 bits. */
  uint32(): number {
    const sum = (this.#a + this.#b + this.#d++) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    this.#c |= 0;
    return sum >>> 0;
  }

  /** From 0 up to, not including, 1. */
  fraction(): number {
    return ((this.uint32() >>> 5) * 2 ** 26 + (this.uint32() >>> 6)) / 2 ** 53;
  }

  /** From `from` up to, not including, `to`. */
  integer(from: number, to: number): number {
    return from + Math.floor(this.fraction() * (to - from));
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.integer(0, items.length)]!;
  }

  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  fill(bytes: Uint8Array): void {
    let word = 0;
    for (let i = 0; i < bytes.length; i++) {
      if ((i & 3) === 0) word = this.uint32();
      bytes[i] = word & 0xff;
      word >>>= 8;
    }
  }

  /** Another one, decided by this one: so that one part's draws do not shift another's. */
  fork(): SeededRandom {
    return new SeededRandom(this.uint32() * 2 ** 21 + (this.uint32() >>> 11));
  }
}

type Done<Result> = (error: Error | null, result: Result) => void;

/** Puts `random` in the place of `Math.random` and of everything random in `node:crypto`. */
export function installSeededRandom(random: SeededRandom): void {
  const crypto = createRequire(import.meta.url)('node:crypto') as Record<string, unknown> &
    typeof import('node:crypto');
  const fillView = <View extends NodeJS.ArrayBufferView>(view: View, offset = 0, size?: number): View => {
    const bytesPerItem = 'BYTES_PER_ELEMENT' in view ? Number(view.BYTES_PER_ELEMENT) : 1;
    const start = view.byteOffset + offset * bytesPerItem;
    const length = size === undefined ? view.byteLength - offset * bytesPerItem : size * bytesPerItem;
    random.fill(new Uint8Array(view.buffer, start, length));
    return view;
  };
  const randomBytes = (size: number, done?: Done<Buffer>): Buffer | undefined => {
    const bytes = fillView(Buffer.alloc(size));
    if (!done) return bytes;
    process.nextTick(done, null, bytes);
    return undefined;
  };
  const randomInt = (first: number, second?: number | Done<number>, third?: Done<number>): number | undefined => {
    const [from, to] = typeof second === 'number' ? [first, second] : [0, first];
    const done = typeof second === 'function' ? second : third;
    const drawn = random.integer(from, to);
    if (!done) return drawn;
    process.nextTick(done, null, drawn);
    return undefined;
  };
  const randomUUID = (): string => {
    const bytes = fillView(Buffer.alloc(16));
    bytes[6] = (bytes[6]! & 0x0f) | 0x40;
    bytes[8] = (bytes[8]! & 0x3f) | 0x80;
    const hex = bytes.toString('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  };
  const randomFill = (view: NodeJS.ArrayBufferView, ...rest: unknown[]): void => {
    const done = rest.pop() as Done<NodeJS.ArrayBufferView>;
    const [offset, size] = rest as number[];
    process.nextTick(done, null, fillView(view, offset, size));
  };

  Math.random = () => random.fraction();
  const getRandomValues = <View extends NodeJS.ArrayBufferView>(view: View) => fillView(view);
  Object.assign(crypto, { randomBytes, pseudoRandomBytes: randomBytes, randomInt, randomUUID, randomFill });
  Object.assign(crypto, { randomFillSync: fillView });
  const web = Object.getPrototypeOf(crypto.webcrypto) as object;
  for (const [name, value] of Object.entries({ getRandomValues, randomUUID })) {
    Object.defineProperty(web, name, { value, configurable: true, writable: true });
  }
  installSeededKeys(crypto, random);
  syncBuiltinESMExports();
}

/** RSA alone: the keys that sign tokens in the simulated clouds. Its signatures are a function of key and text. */
function installSeededKeys(crypto: typeof import('node:crypto'), random: SeededRandom): void {
  const subtle = Object.getPrototypeOf(crypto.webcrypto.subtle) as Record<string, (...args: unknown[]) => unknown>;
  const { generateKey } = subtle;
  const keys = new SeededRsaKeys(random);
  subtle.generateKey = async function (this: SubtleCrypto, ...args: unknown[]) {
    const [algorithm, extractable, usages] = args as [RsaHashedKeyGenParams, boolean, KeyUsage[]];
    if (algorithm?.name !== 'RSASSA-PKCS1-v1_5' || algorithm.modulusLength !== modulusBits)
      return generateKey!.apply(this, args);
    const { privateJwk, publicJwk } = keys.draw();
    const { name, hash } = algorithm;
    const take = (jwk: object, usage: KeyUsage, exportable: boolean) =>
      this.importKey('jwk', jwk as JsonWebKey, { name, hash } as never, exportable, [usage]);
    return {
      privateKey: await take(privateJwk, 'sign', extractable),
      publicKey: await take(publicJwk, 'verify', true),
      usages,
    };
  } as never;
}

type SubtleCrypto = import('node:crypto').webcrypto.SubtleCrypto;
type RsaHashedKeyGenParams = import('node:crypto').webcrypto.RsaHashedKeyGenParams;
type KeyUsage = import('node:crypto').webcrypto.KeyUsage;
type JsonWebKey = import('node:crypto').webcrypto.JsonWebKey;
