// The verdicts of a run, written as they come: a run that breaks off is taken up where it was.
import { constants } from 'node:fs';
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { WorldVerdict } from './world-verdict.ts';

/** Where there is no such file any more it fails. */
const flag = constants.O_WRONLY | constants.O_APPEND;

export class Results {
  readonly verdicts: WorldVerdict[];
  readonly #path: string;
  /** One at a time: workers end when they like. */
  #written = Promise.resolve();

  static async open(path: string): Promise<Results> {
    const text = await readFile(path, 'utf8').catch(() => '');
    // What a crash cut short must not take the next one with it.
    if (text !== '' && !text.endsWith('\n')) await appendFile(path, '\n');
    const lines = text.split('\n').filter((line) => line.endsWith('}'));
    return new Results(
      path,
      lines.flatMap((line) => parseVerdict(line)),
    );
  }

  private constructor(path: string, verdicts: WorldVerdict[]) {
    this.#path = path;
    this.verdicts = verdicts;
  }

  has(seed: number): boolean {
    return this.verdicts.some(({ plan }) => plan.seed === seed);
  }

  /** Somebody may have cleared the folder away meanwhile: nothing that was played is lost with it. */
  async add(verdict: WorldVerdict): Promise<void> {
    this.verdicts.push(verdict);
    this.#written = this.#written.then(() => this.#append(verdict));
    await this.#written;
  }

  async #append(verdict: WorldVerdict): Promise<void> {
    try {
      await appendFile(this.#path, format(verdict), { flag });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      await mkdir(dirname(this.#path), { recursive: true });
      const due = this.verdicts.slice(0, this.verdicts.indexOf(verdict) + 1);
      await writeFile(this.#path, due.map(format).join(''));
    }
  }
}

function format(verdict: WorldVerdict): string {
  return `${JSON.stringify(verdict)}\n`;
}

/** Of a line that was cut by a crash nothing is known: its world is played again. */
function parseVerdict(line: string): WorldVerdict[] {
  try {
    return [JSON.parse(line) as WorldVerdict];
  } catch {
    return [];
  }
}
