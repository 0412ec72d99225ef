// What a command was asked to do; whoever asks for help, or for what there is not, is told what there is.
import { type ParseArgsConfig, parseArgs } from 'node:util';

/** Ends the process where there is nothing to do. */
export function readCommandLine<Config extends ParseArgsConfig>(usage: string, config: Config) {
  const options = { ...config.options, help: { type: 'boolean', short: 'h' } } as const;
  if (process.argv.slice(2).some((word) => word === '--help' || word === '-h')) {
    console.log(usage);
    process.exit(0);
  }
  try {
    return parseArgs<Config>({ ...config, options });
  } catch (error) {
    return refuse(`${(error as Error).message}\n\n${usage}`);
  }
}

/** A whole number from 1 on. */
export function readCount(name: string, value: string): number {
  const count = Number(value);
  if (!Number.isSafeInteger(count) || count < 1) refuse(`--${name} is a whole number from 1 on, not ${value}.`);
  return count;
}

export function refuse(message: string): never {
  console.error(message);
  process.exit(1);
}
