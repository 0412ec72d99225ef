// Checks what somebody sent against its schema, and says what is wrong with it.
import { z } from 'zod';
import { AppError } from '../shared/errors.ts';

/** Throws BAD_REQUEST, naming each field that is wrong and never its value. */
export function parseBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map(({ path, message }) => `${z.core.toDotPath(path) || 'body'}: ${message}`);
  throw new AppError('BAD_REQUEST', wrong.join('; '));
}
