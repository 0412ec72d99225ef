// The pages of the console as the build left them: read once, and served compressed to who takes that.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { AppError } from '../../shared/errors.ts';
import type { RouteHandler } from '../route-handler.ts';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};
/** Their names change with what is in them. */
const forever = 'public, max-age=31536000, immutable';

interface BuiltFile {
  readonly body: Buffer;
  /** Brotli, by the build. */
  readonly compressed: Buffer | undefined;
  readonly type: string;
}

export interface ConsoleFilesOptions {
  readonly folder: string;
  /** Where pages may connect to, besides where they come from. */
  readonly connectsTo: readonly string[];
}

export class ConsoleFiles {
  readonly #page: BuiltFile | undefined;
  readonly #files: ReadonlyMap<string, BuiltFile>;
  readonly #policy: string;

  constructor({ folder, connectsTo }: ConsoleFilesOptions) {
    const assets = join(folder, 'assets');
    const names = existsSync(assets) ? readdirSync(assets).filter((name) => extname(name) in types) : [];
    this.#files = new Map(names.map((name) => [name, readBuilt(join(assets, name))]));
    const page = join(folder, 'index.html');
    // A throw here would keep calls from being answered.
    this.#page = existsSync(page) ? readBuilt(page) : undefined;
    this.#policy = [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' data:",
      "media-src 'self' blob:",
      `connect-src 'self' ${connectsTo.join(' ')}`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; ');
  }

  readonly page: RouteHandler = async (request) => {
    if (!this.#page) throw new AppError('NOT_CONFIGURED', 'the console is not built: npm run build');
    return answer(this.#page, request.headers, {
      'cache-control': 'no-cache',
      'content-security-policy': this.#policy,
      'permissions-policy': 'microphone=(self)',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    });
  };

  readonly file: RouteHandler = async (request) => {
    const file = this.#files.get(request.params.file ?? '');
    if (!file) throw new AppError('CALL_NOT_FOUND', 'there is no such file');
    return answer(file, request.headers, { 'cache-control': forever });
  };
}

function readBuilt(path: string): BuiltFile {
  const compressed = existsSync(`${path}.br`) ? readFileSync(`${path}.br`) : undefined;
  return { body: readFileSync(path), compressed, type: types[extname(path)]! };
}

function answer(file: BuiltFile, asked: { get(name: string): string | null }, headers: Record<string, string>) {
  const takesBrotli = /\bbr\b/.test(asked.get('accept-encoding') ?? '');
  const { body, compressed, type } = file;
  const packed = takesBrotli && compressed ? { 'content-encoding': 'br' } : undefined;
  return {
    body: packed ? compressed : body,
    headers: { 'content-type': type, vary: 'accept-encoding', ...headers, ...packed },
  };
}
