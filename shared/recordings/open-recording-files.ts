// Chooses where recordings are kept, as the settings say.
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { FolderRecordingFiles } from './folder-recording-files.ts';
import type { RecordingFiles } from './recording-files.ts';

/** The client of Blob Storage takes some tenths of a second to load: whoever does not use it does not wait for it. */
export async function loadRecordingFiles(config: Config): Promise<RecordingFiles> {
  const { RECORDINGS_URL: containerUrl, RECORDINGS_KEY: key } = config;
  if (containerUrl === undefined) return new FolderRecordingFiles(join(config.DATA_FOLDER, 'recordings'));
  const { BlobRecordingFiles } = await import('./blob-recording-files.ts');
  return new BlobRecordingFiles({ containerUrl, key });
}
