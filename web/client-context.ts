// Who looks at the console, for the parts of it that let operators do what viewers may not.
import { createContext, useContext } from 'react';
import type { z } from 'zod';
import type { clientSchema } from '../shared/console-api.ts';

export const ClientContext = createContext<z.output<typeof clientSchema> | undefined>(undefined);

export function useIsOperator(): boolean {
  return useContext(ClientContext)?.role === 'operator';
}
