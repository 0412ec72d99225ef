// Shows the trace of a call in the running local world as a waterfall: `npm run trace -- [call id]`.
import { readCommandLine } from './command-line.ts';
import { traceUrl } from './world/desk-address.ts';

const help = `Shows what a call in the local world was made of, and how long each part took. "npm start" runs the world in another terminal.

  npm run trace -- [call id]      without a call id: the last call

Parts come within five seconds of their end.`;

const { positionals } = readCommandLine(help, { allowPositionals: true });
await show(positionals[0]);

async function show(callId: string | undefined): Promise<void> {
  const url = `${traceUrl}/${encodeURIComponent(callId ?? '')}`;
  const answer = await fetch(url).catch(() => undefined);
  const text = answer ? await answer.text() : 'There is no local world. Start it with "npm start" in another terminal.';
  if (answer?.ok) console.log(text);
  else {
    console.error(text);
    process.exitCode = 1;
  }
}
