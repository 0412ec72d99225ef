// Asks the local world, which `npm start` runs in another terminal, how its parts are set.
import { z } from 'zod';
import { AppError } from '../shared/errors.ts';
import { deskUrl } from '../simulator/world/desk-address.ts';
import type { GivenSettings } from './settings-file.ts';

const timeoutMs = 3_000;

/** Throws NOT_CONFIGURED when none runs. */
export async function readLocalWorld(url = deskUrl): Promise<GivenSettings> {
  try {
    const response = await fetch(`${url}/settings`, { signal: AbortSignal.timeout(timeoutMs) });
    return z.record(z.string(), z.string()).parse(await response.json());
  } catch (cause) {
    throw new AppError('NOT_CONFIGURED', 'There is no local world. Start it with "npm start" in another terminal.', {
      cause,
    });
  }
}
