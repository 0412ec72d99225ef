// Places a call in the running local world: `npm run call -- [scenario] [options]`.
import { readFileSync } from 'node:fs';
import { readCommandLine, refuse } from './command-line.ts';
import type { DemoOrderInput } from './world/demo-order.ts';
import { demoScenarios } from './world/demo-scenarios.ts';
import { deskUrl } from './world/desk-address.ts';

const list = Object.entries(demoScenarios).map(([name, { title }]) => `  ${name.padEnd(14)}the caller ${title}`);
const help = `Places a call in the local world, which "npm start" runs in another terminal.

  npm run call -- [scenario] [options]

Scenarios
${list.join('\n')}

Options
  --wav FILE        a recording as the caller's voice, in place of a scenario (WAV, PCM 16 bit)
  --carrier NAME    acs (default) or twilio
  --outbound        the agent rings the person
  --model NAME      gpt-realtime, voice-live or cascade (the call is then outbound)`;

function readOrder(): DemoOrderInput {
  const { values, positionals } = readCommandLine(help, {
    allowPositionals: true,
    options: {
      wav: { type: 'string' },
      carrier: { type: 'string' },
      model: { type: 'string' },
      outbound: { type: 'boolean' },
    },
  });
  const { wav, ...rest } = values;
  const order = { ...rest, scenario: positionals[0], wav: wav && readWav(wav) };
  return JSON.parse(JSON.stringify(order)) as DemoOrderInput;
}

function readWav(path: string): string {
  try {
    return readFileSync(path).toString('base64');
  } catch (error) {
    return refuse(`${(error as Error).message}\n\n${help}`);
  }
}

const order = readOrder();
const answer = await fetch(deskUrl, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(order),
}).catch(() => refuse('There is no local world. Start it with "npm start" in another terminal.'));
if (!answer.ok) refuse(await answer.text());
let last = '';
for await (const part of answer.body!.pipeThrough(new TextDecoderStream())) {
  last = part;
  process.stdout.write(part.replace(/^FAILED\n/m, ''));
}
process.exitCode = last.endsWith('FAILED\n') ? 1 : 0;
