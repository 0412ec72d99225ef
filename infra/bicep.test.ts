// Compiles the templates with the Bicep CLI where it is installed, and checks them with a checker beside the checkout where one is.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { infraFolder } from './testing/bicep-source.ts';

const templates = globSync('{,modules/}*.bicep', { cwd: infraFolder }).map((file) => join(infraFolder, file));
const checker = fileURLToPath(new URL('../../shared/bicep-check/run.sh', import.meta.url));
const hasBicep = spawnSync('bicep', ['--version']).status === 0;

function run(command: string, args: readonly string[], env = process.env) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: 200_000, env });
  return { status, stdout, stderr };
}

describe('the templates', () => {
  it('have no error and no warning for the Bicep CLI', { skip: !hasBicep && 'bicep is not installed' }, () => {
    for (const template of ['main.bicep', 'bridge.bicep'].map((file) => join(infraFolder, file))) {
      assert.partialDeepStrictEqual(run('bicep', ['build', '--stdout', template]), { status: 0, stderr: '' });
      assert.partialDeepStrictEqual(run('bicep', ['lint', template]), { status: 0, stderr: '' });
    }
  });

  it('take the parameters of the bridge that azd gives, for the Bicep CLI', {
    skip: !hasBicep && 'bicep is not installed',
  }, () => {
    const file = join(infraFolder, 'bridge.bicepparam');
    const read = [...readFileSync(file, 'utf8').matchAll(/readEnvironmentVariable\('(\w+)'\)/g)].map(
      ([, name]) => name!,
    );
    const given = Object.fromEntries(read.map((name) => [name, name === 'HAS_TWILIO' ? 'true' : `example-${name}`]));
    const built = run('bicep', ['build-params', '--stdout', file], { ...process.env, ...given });
    assert.partialDeepStrictEqual(built, { status: 0, stderr: '' });
    // Without one of them azd would deploy a bridge that lacks it.
    assert.notEqual(
      run('bicep', ['build-params', '--stdout', file], { ...process.env, ...given, BRIDGE_URL: undefined }).status,
      0,
    );
  });

  it('have no error and no warning for the checker', { skip: !existsSync(checker) && `there is no ${checker}` }, () => {
    const { stdout } = run('bash', [checker, ...templates]);
    assert.equal(stdout, `${templates.length} files, 0 errors, 0 warnings\n`);
  });

  it('are short, and say in their first line what they make', () => {
    for (const template of templates) {
      const text = readFileSync(template, 'utf8');
      assert.match(text, /^\/\/ [A-Z].*\.\n/, template);
      assert.ok(text.split('\n').length < 300, template);
    }
  });
});
