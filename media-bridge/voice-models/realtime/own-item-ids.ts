// Names of the items that we add to a session's conversation.
import { randomUUID } from 'node:crypto';

/** `isShared`: others were beside this session before, or will be, and name theirs as well. A name has 32 characters at most. */
export function createItemIds(isShared: boolean): () => string {
  const prefix = isShared ? `own_${randomUUID().slice(0, 8)}` : 'own';
  let count = 0;
  return () => {
    count += 1;
    return `${prefix}_${count}`;
  };
}
