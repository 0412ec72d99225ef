// Keeps the runner from following every promise, by which it knows whose an error is that nobody caught: a quarter of what a virtual call costs.
// Such an error still fails its file, and is told here; a file that somebody asks for is followed, and tells the test.
import hooks from 'node:async_hooks';

const { createHook } = hooks;
Object.assign(hooks, {
  createHook: (callbacks: hooks.HookCallbacks) => createHook(isAskedByRunner() ? {} : callbacks),
});
for (const event of ['uncaughtExceptionMonitor', 'unhandledRejection'])
  process.on(event, (error) => console.error(`${process.argv[1]}: nobody caught`, error));

function isAskedByRunner(): boolean {
  // Behind the error, this and what was called.
  const caller = new Error().stack!.split('\n')[3] ?? '';
  return caller.includes('node:internal/test_runner/');
}
