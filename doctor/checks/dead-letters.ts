// Whether recordings whose events were lost can be fetched: what Event Grid has put aside can be read and removed.
import { absent, type Check } from '../check.ts';
import { tryContainer } from '../container-try.ts';

export const deadLetters: Check = {
  name: 'dead letters',
  parts: ['functions'],
  async examine({ config }, signal) {
    const { DEAD_LETTERS_URL: containerUrl, DEAD_LETTERS_KEY: key } = config;
    if (containerUrl === undefined)
      return absent('DEAD_LETTERS_URL is not set: a recording of ACS that nobody tells of goes after a day');
    return tryContainer({ containerUrl, key }, 'DEAD_LETTERS', signal);
  },
};
