// What a carrier plays to a caller whom no bridge can take: recordings by language, and where the carrier fetches them.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../shared/errors.ts';
import type { RouteHandler } from './route-handler.ts';

const name = 'lines-busy.wav';

export class RecordedAnnouncements {
  readonly #publicUrl: string;
  /** By the language without its country: WAV of 16 bits, mono, at 16 kHz, as ACS wants it. */
  readonly #linesBusy: ReadonlyMap<string, Buffer>;

  constructor(options: { readonly folder: string; readonly publicUrl: string }) {
    const { folder, publicUrl } = options;
    this.#publicUrl = publicUrl;
    // A throw here would keep the whole app from starting.
    const folders = existsSync(folder) ? readdirSync(folder) : [];
    const languages = folders.filter((language) => existsSync(join(folder, language, name)));
    this.#linesBusy = new Map(languages.map((language) => [language, readFileSync(join(folder, language, name))]));
  }

  /** `language`: BCP 47. Undefined where it was not recorded: nobody is told in another one. */
  findLinesBusyUrl(language: string): string | undefined {
    const spoken = language.split(/[-_]/)[0]!.toLowerCase();
    return this.#linesBusy.has(spoken) ? `${this.#publicUrl}/announcements/${spoken}/${name}` : undefined;
  }

  readonly serve: RouteHandler = async ({ params }) => {
    const body = this.#linesBusy.get(params.language ?? '');
    if (!body) throw new AppError('CALL_NOT_FOUND', 'there is no such announcement');
    return { body, headers: { 'content-type': 'audio/wav', 'cache-control': 'max-age=86400' } };
  };
}
