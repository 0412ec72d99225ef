// Shows the trace of a call in the running local world as a waterfall: `npm run trace -- [call id]`.
import { parseArgs } from 'node:util';
import { traceUrl } from './world/desk-address.ts';

const help = `Shows what a call in the local world was made of, and how long each part took. "npm start" runs the world in another terminal.

  npm run trace -- [call id]      without a call id: the last call

Parts come within five seconds of their end.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { help: { type: 'boolean', short: 'h' } },
});
if (values.help) console.log(help);
else await show(positionals[0]);

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
