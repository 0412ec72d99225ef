// Tells the jobs of Node's own modules: files, names, compression, keys and workers.
import { AsyncLocalStorage } from 'node:async_hooks';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import type { Jobs } from './jobs.ts';
import { currentMachine } from './machine.ts';

type Callable = (this: unknown, ...args: unknown[]) => unknown;
type Functions = Record<string, Callable>;

const require = createRequire(import.meta.url);

/** Some jobs are made of smaller ones, which must not queue behind them. */
const insideJob = new AsyncLocalStorage<boolean>();

/** Callbacks that are no answer but go on for as long as something is watched. */
const watching = /^(watch|watchFile|unwatchFile)$/;
const keyJobs = /^(pbkdf2|scrypt|hkdf|generateKey|generateKeyPair|generatePrime|checkPrime|sign|verify|diffieHellman)$/;

export function installJobs(jobs: Jobs): void {
  const fs = require('node:fs') as Functions & { promises: Functions };
  wrapCallbacks(fs, 'file', (name) => `${name}Sync` in fs && !watching.test(name), jobs);
  wrapPromises(fs.promises, 'file', (name) => !/^(watch|constants|opendir|glob)$/.test(name), jobs);
  wrapHandles(fs.promises, jobs);
  const dns = require('node:dns') as Functions & { promises: Functions };
  wrapCallbacks(dns, 'name', (name) => /^(lookup|resolve|reverse)/.test(name), jobs);
  wrapPromises(dns.promises, 'name', (name) => /^(lookup|resolve|reverse)/.test(name), jobs);
  const crypto = require('node:crypto') as Functions & { webcrypto: { subtle: object } };
  wrapCallbacks(crypto, 'key', (name) => keyJobs.test(name), jobs);
  wrapPromises(Object.getPrototypeOf(crypto.webcrypto.subtle) as Functions, 'key', () => true, jobs);
  const zlib = require('node:zlib') as Functions;
  const isCompressor = (name: string) =>
    /^(deflate|inflate|gzip|gunzip|unzip|brotli|zstd)\w*$/.test(name) && !name.endsWith('Sync');
  wrapCallbacks(zlib, 'zlib', isCompressor, jobs);
  wrapStreams(zlib, jobs);
  wrapWorkers(jobs);
  syncBuiltinESMExports();
}

function wrapCallbacks(of: Functions, kind: string, isJob: (name: string) => boolean, jobs: Jobs): void {
  for (const [name, original] of Object.entries(of)) {
    if (typeof original !== 'function' || !isJob(name)) continue;
    const wrapped: Callable = function (...args) {
      const done = args.at(-1);
      // Without a callback it is done when it returns.
      if (typeof done !== 'function' || insideJob.getStore()) return original.apply(this, args);
      const end = jobs.begin(`${kind}: ${name}`);
      const machine = currentMachine();
      args[args.length - 1] = (...results: unknown[]) => {
        const step = () => (done as Callable).apply(undefined, results);
        end(machine ? () => machine.step(step) : step);
      };
      try {
        return insideJob.run(true, () => original.apply(this, args));
      } catch (error) {
        end(() => {});
        throw error;
      }
    };
    // util.promisify looks for what the original says of itself.
    for (const key of Object.getOwnPropertySymbols(original)) {
      Object.defineProperty(wrapped, key, Object.getOwnPropertyDescriptor(original, key)!);
    }
    of[name] = Object.assign(wrapped, original);
  }
}

function wrapPromises(of: Functions, kind: string, isJob: (name: string) => boolean, jobs: Jobs): void {
  for (const name of Object.getOwnPropertyNames(of)) {
    const original = Object.getOwnPropertyDescriptor(of, name)!.value as unknown;
    if (typeof original !== 'function' || name === 'constructor' || !isJob(name)) continue;
    const wrapped: Callable = function (...args) {
      if (insideJob.getStore()) return original.apply(this, args);
      const work = insideJob.run(true, () => original.apply(this, args)) as unknown;
      return work instanceof Promise ? ownedBy(jobs.track(`${kind}: ${name}`, work)) : work;
    };
    Object.defineProperty(of, name, { value: wrapped, configurable: true, writable: true, enumerable: true });
  }
}

/** The class of what `open` gives is not to be had before the first one is open. */
function wrapHandles(promises: Functions, jobs: Jobs): void {
  const open = promises.open!;
  let isWrapped = false;
  promises.open = async function (...args) {
    const handle = (await open.apply(this, args)) as object;
    if (!isWrapped) {
      const answers =
        /^(appendFile|chmod|chown|close|datasync|read|readFile|readv|stat|sync|truncate|utimes|write|writeFile|writev)$/;
      wrapPromises(Object.getPrototypeOf(handle) as Functions, 'file', (name) => answers.test(name), jobs);
    }
    isWrapped = true;
    // Each has a `close` of its own.
    wrapPromises(handle as Functions, 'file', (name) => name === 'close', jobs);
    return handle;
  };
}

/** A promise of a machine that was killed is never kept; that of a paused one, when it goes on. */
function ownedBy<Result>(work: Promise<Result>): Promise<Result> {
  const machine = currentMachine();
  if (!machine) return work;
  return new Promise((resolve, reject) => {
    work.then(
      (result) => machine.step(() => resolve(result)),
      (error) => machine.step(() => reject(error)),
    );
  });
}

/** Compression in streams: each chunk is a job. */
function wrapStreams(zlib: Functions, jobs: Jobs): void {
  const create = zlib.createDeflateRaw as () => object;
  const base = Object.getPrototypeOf(Object.getPrototypeOf(Object.getPrototypeOf(create()))) as Functions;
  const transform = base._transform!;
  base._transform = function (chunk, encoding, done) {
    if (insideJob.getStore()) return transform.call(this, chunk, encoding, done);
    const end = jobs.begin('zlib: stream');
    return transform.call(this, chunk, encoding, (...results: unknown[]) => end(() => (done as Callable)(...results)));
  };
}

/** A worker answers each message that it is sent with one of its own. */
function wrapWorkers(jobs: Jobs): void {
  const { Worker } = require('node:worker_threads') as { Worker: { prototype: Functions } };
  const { postMessage, emit, terminate } = Worker.prototype;
  Worker.prototype.terminate = function (...args) {
    return jobs.track('worker: terminate', terminate!.apply(this, args) as Promise<number>);
  };
  const waiting = new WeakMap<object, ((release: () => void) => void)[]>();
  Worker.prototype.postMessage = function (...args) {
    const ends = waiting.get(this as object) ?? [];
    waiting.set(this as object, ends);
    ends.push(jobs.begin('worker'));
    return postMessage!.apply(this, args);
  };
  Worker.prototype.emit = function (...args) {
    const ends = waiting.get(this as object) ?? [];
    const step = () => void emit!.apply(this, args);
    if (args[0] === 'message' && ends.length > 0) {
      ends.shift()!(step);
      return true;
    }
    if (args[0] === 'exit' || args[0] === 'error') for (const end of ends.splice(0)) end(() => {});
    return emit!.apply(this, args);
  };
}
