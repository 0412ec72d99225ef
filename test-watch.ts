// Ends a process of tests that lives on when it should long be over, and says what it still holds: none may hang the run.
import { isMainThread } from 'node:worker_threads';

/** Of a batch of files; on an idle machine it takes a minute. */
const longestProcessMs = 25 * 60_000;

// What a test starts itself inherits the options of this process, and is that test's to end.
if (isMainThread && process.env.NODE_TEST_CONTEXT !== undefined && process.send === undefined) {
  const startedAt = new Date().toISOString();
  // Loaded before time may become virtual, so it is a real timer; it keeps nothing alive.
  setTimeout(() => {
    const held = process.getActiveResourcesInfo().join(', ');
    console.error(`${process.argv[1]} runs since ${startedAt}: it is ended. It still holds: ${held}`);
    process.exit(1);
  }, longestProcessMs).unref();
}
