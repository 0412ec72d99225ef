// What a carrier plays to a caller for whom no bridge speaks: recordings by language, and where the carrier fetches them.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../shared/errors.ts';
import type { RouteHandler } from './route-handler.ts';

/** `lines-busy`: no bridge has room, and the call ends. `one-moment`: the bridge was lost, and another one is awaited. */
export type Announcement = 'lines-busy' | 'one-moment';

export class RecordedAnnouncements {
  readonly #publicUrl: string;
  /** By "<language without its country>/<file>": WAV of 16 bits, mono, at 16 kHz, as ACS wants it. */
  readonly #recordings: ReadonlyMap<string, Buffer>;

  constructor(options: { readonly folder: string; readonly publicUrl: string }) {
    const { folder, publicUrl } = options;
    this.#publicUrl = publicUrl;
    // A throw here would keep the whole app from starting.
    const languages = existsSync(folder) ? readdirSync(folder) : [];
    const names = languages.flatMap((language) =>
      readdirSync(join(folder, language)).map((file) => `${language}/${file}`),
    );
    this.#recordings = new Map(names.map((name) => [name, readFileSync(join(folder, name))]));
  }

  /** `language`: BCP 47. Undefined where it was not recorded: nobody is told in another one. */
  findUrl(announcement: Announcement, language: string): string | undefined {
    const name = `${language.split(/[-_]/)[0]!.toLowerCase()}/${announcement}.wav`;
    return this.#recordings.has(name) ? `${this.#publicUrl}/announcements/${name}` : undefined;
  }

  readonly serve: RouteHandler = async ({ params }) => {
    const body = this.#recordings.get(`${params.language}/${params.file}`);
    if (!body) throw new AppError('CALL_NOT_FOUND', 'there is no such announcement');
    return { body, headers: { 'content-type': 'audio/wav', 'cache-control': 'max-age=86400' } };
  };
}
