// Whether recordings can be kept where they are to be kept, and removed from there.
import { access, constants, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { absent, type Check, problem } from '../check.ts';
import { tryContainer } from '../container-try.ts';

export const recordings: Check = {
  name: 'recordings',
  parts: ['functions', 'bridge'],
  async examine({ config }, signal) {
    const { RECORDINGS_URL: containerUrl, RECORDINGS_KEY: key, DATA_FOLDER } = config;
    if (containerUrl !== undefined) return tryContainer({ containerUrl, key }, 'RECORDINGS', signal);
    const folder = join(DATA_FOLDER, 'recordings');
    try {
      await mkdir(folder, { recursive: true });
      await access(folder, constants.W_OK);
      return absent(`in the folder ${folder}, which can be written`);
    } catch {
      return problem(
        `nothing can be written to the folder ${folder}`,
        'Set DATA_FOLDER to a folder that this user may write to, or RECORDINGS_URL to a container.',
      );
    }
  },
};
