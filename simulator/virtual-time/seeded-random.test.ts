// What is random in virtual time is decided by its seed.
import assert from 'node:assert/strict';
import { checkPrimeSync, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { describe, it } from 'node:test';
import primes from './rsa-primes.json' with { type: 'json' };
import { SeededRandom } from './seeded-random.ts';
import { SeededRsaKeys } from './seeded-rsa.ts';

describe('SeededRandom', () => {
  it('draws the same from the same seed, and something else from another', () => {
    const draw = (seed: number) => {
      const random = new SeededRandom(seed);
      return Array.from({ length: 20 }, () => random.uint32());
    };
    assert.deepEqual(draw(1), draw(1));
    assert.notDeepEqual(draw(1), draw(2));
    assert.notDeepEqual(draw(1), draw(1 + 2 ** 32));
  });

  it('spreads evenly', () => {
    const random = new SeededRandom(7);
    const counts = new Array<number>(10).fill(0);
    for (let n = 0; n < 100_000; n++) counts[random.integer(0, 10)]!++;
    for (const count of counts) assert.ok(Math.abs(count - 10_000) < 400, `${counts}`);
  });

  it('forks into draws that do not shift its own', () => {
    const [alone, forked] = [new SeededRandom(3), new SeededRandom(3)];
    alone.fork();
    const other = forked.fork();
    other.uint32();
    assert.equal(alone.uint32(), forked.uint32());
  });

  it('makes RSA keys that work, the same from the same seed, and never one twice', () => {
    const [keys, again] = [new SeededRsaKeys(new SeededRandom(5)), new SeededRsaKeys(new SeededRandom(5))];
    const pairs = Array.from({ length: 20 }, () => keys.draw());
    assert.deepEqual(
      pairs,
      pairs.map(() => again.draw()),
    );
    assert.equal(new Set(pairs.map(({ publicJwk }) => publicJwk.n)).size, pairs.length);
    for (const pair of pairs) {
      const key = createPrivateKey({ key: pair.privateJwk, format: 'jwk' });
      const signature = sign('sha256', Buffer.from('text'), key);
      const published = createPublicKey({ key: pair.publicJwk, format: 'jwk' });
      assert.equal(published.asymmetricKeyDetails?.modulusLength, 2048);
      assert.ok(verify('sha256', Buffer.from('text'), published, signature));
    }
  });

  it('knows primes for its RSA keys', () => {
    for (const hex of primes) assert.ok(checkPrimeSync(BigInt(`0x${hex}`)), hex);
    assert.equal(new Set(primes).size, primes.length);
  });
});
