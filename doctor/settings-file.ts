// Reads the settings that a file holds: local.settings.json as Core Tools have it, or lines of NAME=value as azd prints them.
import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { z } from 'zod';
import { AppError } from '../shared/errors.ts';

const localSettingsSchema = z.object({ Values: z.record(z.string(), z.string()) });

export type GivenSettings = Readonly<Record<string, string | undefined>>;

/** As Core Tools name it, in the folder that we are run in. */
export function findSettingsFile(): string | undefined {
  const file = 'local.settings.json';
  return existsSync(file) ? file : undefined;
}

/** Throws BAD_SETTING. */
export function readSettingsFile(file: string): GivenSettings {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new AppError('BAD_SETTING', `${file} cannot be read`, { cause });
  }
  if (!text.trimStart().startsWith('{')) return parseEnv(text);
  try {
    return localSettingsSchema.parse(JSON.parse(text)).Values;
  } catch (cause) {
    throw new AppError('BAD_SETTING', `${file} is not JSON with settings as text under "Values"`, { cause });
  }
}
