// The verdicts of a run, written as they come: a run that breaks off is taken up where it was.
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { WorldVerdict } from './world-verdict.ts';

export class Results {
  readonly verdicts: WorldVerdict[];
  readonly #path: string;

  static async open(path: string): Promise<Results> {
    await mkdir(dirname(path), { recursive: true });
    const text = await readFile(path, 'utf8').catch(() => '');
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

  async add(verdict: WorldVerdict): Promise<void> {
    this.verdicts.push(verdict);
    await appendFile(this.#path, `${JSON.stringify(verdict)}\n`);
  }
}

/** Of a line that was cut by a crash nothing is known: its world is played again. */
function parseVerdict(line: string): WorldVerdict[] {
  try {
    return [JSON.parse(line) as WorldVerdict];
  } catch {
    return [];
  }
}
