// Rehearses agents in virtual time: `npm run rehearse -- [agent] [scenario] [options]`.
import { enableCompileCache } from 'node:module';
import { parseArgs } from 'node:util';

const usage = `Plays an agent's conversations in virtual time, and says what did not go as expected.

  npm run rehearse -- [agent] [scenario] [options]

Options
  --carrier NAME    acs (default) or twilio
  --model NAME      gpt-realtime, voice-live or cascade; the agent's first one without it
  --wav             keeps the sound of each conversation in out/
  --seed NUMBER     plays with other random ids, keys and orders; 1 without it
  --verbose         the log of the product too
  -h, --help        what there is to play`;

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}

function readCommandLine() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        carrier: { type: 'string' },
        model: { type: 'string' },
        wav: { type: 'boolean' },
        seed: { type: 'string' },
        verbose: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (positionals.length > 2) throw new Error(`What is "${positionals[2]}"? There is one agent and one scenario.`);
    if (values.seed !== undefined && !/^\d{1,15}$/.test(values.seed))
      throw new Error(`--seed must be a whole number, not ${values.seed}.`);
    return { ...values, agent: positionals[0], scenario: positionals[1] };
  } catch (error) {
    return fail(`${(error as Error).message}\n\n${usage}`);
  }
}

// It is run again and again: a quarter less to load.
enableCompileCache();
// Whoever reads no more has seen enough.
process.stdout.once('error', () => process.exit(1));
const { seed, ...order } = readCommandLine();
if (seed !== undefined) process.env.SEED = seed;
// Before anything else is imported: all of it lives in virtual time.
const { virtualTime } = await import('./virtual-time/install.ts');
const { runRehearsal } = await import('./rehearsal/rehearsal-command.ts');
process.exitCode = await runRehearsal({ ...order, usage }, virtualTime);
