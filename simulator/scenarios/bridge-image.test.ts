// A whole call through the bridge's image, run as what it is: a container named by BRIDGE_CONTAINER, which .ci/bridge-image makes.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { PartProcess, type Settings } from '../world/product.ts';
import { startWorldWith } from '../world/world.ts';
import { holdWholeCall } from './inbound-call.ts';

const container = process.env.BRIDGE_CONTAINER ?? '';
const apiKey = 'the key of the API';
const run = promisify(execFile);

interface ImageConfig {
  readonly User: string;
  readonly Cmd: readonly string[];
  readonly Healthcheck: { readonly Test: readonly string[] };
}

async function readImage(): Promise<ImageConfig> {
  const { stdout } = await run('buildah', ['inspect', '--type', 'container', container]);
  return (JSON.parse(stdout) as { Docker: { config: ImageConfig } }).Docker.config;
}

function runArguments(command: readonly string[], settings: Settings): readonly string[] {
  const env = Object.entries(settings).flatMap(([name, value]) => ['--env', `${name}=${value}`]);
  return ['run', ...env, container, '--', ...command];
}

interface Running {
  readonly pid: number;
  readonly command: string;
  readonly user: string;
}

/** What runs in the container: whatever buildah started, and what that started. */
function findProcesses(parent: number): readonly Running[] {
  return readdirSync('/proc').flatMap((name) => {
    const pid = Number(name);
    if (!Number.isInteger(pid)) return [];
    try {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      if (Number(/^PPid:\t(\d+)/m.exec(status)![1]) !== parent) return [];
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim();
      const user = /^Uid:\t(\d+)/m.exec(status)![1]!;
      return [{ pid, command, user }, ...findProcesses(pid)];
    } catch {
      // It has ended meanwhile.
      return [];
    }
  });
}

async function startContainer(t: TestContext, settings: Settings = {}) {
  const { Cmd } = await readImage();
  const DATA_FOLDER = '/tmp/parley';
  const world = await startWorldWith(
    { timeScale: 0.1, settings: { API_KEY: apiKey, HOST: '127.0.0.1', ...settings } },
    async (given) => {
      const folder = mkdtempSync(join(tmpdir(), 'parley-image-'));
      t.after(() => rmSync(folder, { recursive: true, force: true }));
      const functions = await PartProcess.start('simulator/functions-host/main.ts', { ...given, DATA_FOLDER: folder });
      t.after(() => functions.stop());
      const bridge = await PartProcess.start(
        runArguments(Cmd, { ...given, DATA_FOLDER }),
        process.env as Settings,
        'buildah',
      );
      t.after(() => bridge.stop());
      const stop = async () => void (await Promise.all([functions.stop(), bridge.stop()]));
      return { functionsUrl: functions.url, bridgeUrl: bridge.url, bridge, stop };
    },
  );
  t.after(() => world.stop());
  return world;
}

describe("the bridge's image", { skip: container === '' && 'BRIDGE_CONTAINER names no container' }, () => {
  it('holds a whole call, as one process that is nobody in particular, and ends in order when it is told to', async (t) => {
    const world = await startContainer(t);
    const { bridge, bridgeUrl } = world.product;
    let inside: ReturnType<typeof findProcesses> = [];
    await holdWholeCall(world, '+15550114', () => {
      inside = findProcesses(bridge.pid).filter(({ command }) => !command.includes('buildah'));
    });
    assert.deepEqual(
      inside.map(({ command, user }) => [command.replace(/^\S+\//, ''), user]),
      [['node --single-threaded-gc --max-semi-space-size=4 --expose-gc media-bridge/main.js', '1000']],
    );

    const { Healthcheck, User } = await readImage();
    assert.equal(User, 'node');
    assert.equal(Healthcheck.Test[0], 'CMD');
    const check = Healthcheck.Test.slice(1);
    await run('buildah', [...runArguments(check, { PORT: new URL(bridgeUrl).port })]);
    await assert.rejects(run('buildah', [...runArguments(check, { PORT: '1' })]));

    const doctor = runArguments(['node', 'doctor/main.js', 'bridge', '--json'], {
      ...world.settings,
      DATA_FOLDER: '/tmp',
    });
    const { stdout } = await run('buildah', [...doctor]);
    const findings = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { name: string; type: string });
    assert.deepEqual(
      findings.filter(({ type }) => type !== 'ok' && type !== 'absent'),
      [],
    );
    assert.ok(findings.some(({ name, type }) => name === 'Speech' && type === 'ok'));

    process.kill(inside[0]!.pid, 'SIGTERM');
    assert.equal(await bridge.exited(), 0);
  });

  it('holds what it needs and no more', async () => {
    const { stdout } = await run('buildah', ['run', container, '--', 'find', '/app', '-type', 'f']);
    const files = stdout.trim().split('\n').sort();
    assert.deepEqual(
      files.filter(
        (file) =>
          !/^\/app\/(agents\/\w+\.md|media-bridge\/announcements\/[\w-]+\/[\w-]+\.ulaw|media-bridge\/[\w-]+-[A-Z0-9]{8}\.js)$/.test(
            file,
          ),
      ),
      [
        ...['doctor', 'media-bridge'].flatMap((part) => [`/app/${part}/main.js`, `/app/${part}/sqlite-worker.js`]),
        '/app/package.json',
      ],
    );
    await assert.rejects(run('buildah', ['run', container, '--', 'touch', '/app/new']), /Permission denied/);
  });
});
