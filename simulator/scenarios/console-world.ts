// A world whose console somebody visits in a real Chromium: signed in as an operator or a viewer, and complaining of nothing.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { createMemoryStores } from '../../shared/stores/memory-stores.ts';
import type { Stores } from '../../shared/stores/stores.ts';
import { buildConsole } from '../../web/build-console.ts';
import { openBrowser, openPage, tapSound } from '../browser/browser.ts';
import { speechSampleRate } from '../voice/speech.ts';
import { startProductHere } from '../world/product.ts';
import type { World } from '../world/world.ts';
import { startScenarioWorldWith } from './scenario-world.ts';

const apiKey = 'key-of-this-test-0001';
const people = [
  { code: 'olga', name: 'olga@contoso.example', roles: ['operator'] },
  { code: 'vera', name: 'vera@contoso.example', roles: ['viewer'] },
];
/** Long enough for a machine that has other things to do. */
export const patienceMs = 20_000;
/** Why a file of tests is skipped here. */
export const lacksChromium = existsSync('/usr/bin/chromium') ? false : 'chromium is not installed';

const expected =
  /ScriptProcessorNode is deprecated|closed before the connection is established|net::ERR_INTERNET_DISCONNECTED|status of 4\d\d/;

export interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  go(place: string): Promise<void>;
}

export interface VisitOptions extends BrowserContextOptions {
  /** What the page plays is kept. */
  readonly hasEar?: boolean;
}

export interface ConsoleWorld extends World {
  /** What the page complains of, a breach of its policy among it, fails the test. */
  visit(t: TestContext, code: 'olga' | 'vera', options?: VisitOptions): Promise<Visit>;
}

/** `says`: by the microphone, each so many ms after it was opened. */
export async function startConsoleWorld({
  says = [],
  keepCalls,
}: {
  says?: readonly (readonly [atMs: number, text: string])[];
  keepCalls?: (stores: Stores) => Promise<void>;
}): Promise<ConsoleWorld> {
  await buildConsole();
  const stores = createMemoryStores();
  await keepCalls?.(stores);
  const world = await startScenarioWorldWith(
    { people, settings: { WEBSITE_AUTH_ENABLED: 'true', API_KEY: apiKey } },
    (settings, given) => startProductHere(settings, { ...given, stores }),
  );
  const { voice } = world.standIns;
  const spoken = await Promise.all(says.map(async ([atMs, text]) => ({ atMs, samples: await voice.speak(text) })));
  const { browser, close } = await openBrowser(spoken, speechSampleRate);
  return {
    ...world,
    async visit(t, code, { hasEar = false, ...options } = {}) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'en-US', ...options });
      context.setDefaultTimeout(patienceMs);
      if (hasEar) await tapSound(context);
      const problems: string[] = [];
      const url = world.product.functionsUrl;
      const page = await openPage(context, `${url}/.auth/login/aad?code=${code}`, (text) => problems.push(text));
      t.after(async () => {
        await context.close();
        assert.deepEqual(
          problems.filter((text) => !expected.test(text)),
          [],
        );
      });
      await page.getByText('Live', { exact: true }).first().waitFor();
      return { page, context, go: async (place) => void (await page.goto(`${url}/#/${place}`)) };
    },
    async stop() {
      await close();
      await world.stop();
    },
  };
}

/** In the page, with axe-core, while nothing fades in or out, also of what arrives meanwhile: what does is pale for a moment. */
export async function checkAccessible(page: Page, where: string): Promise<void> {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.evaluate(stillness);
  if (!(await page.evaluate<boolean>('"axe" in globalThis'))) await page.evaluate(axe);
  const violations = await page.evaluate<Violation[]>('axe.run().then(({ violations }) => violations)');
  const told = violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).join('; ')}`,
  );
  await page.emulateMedia({ reducedMotion: null });
  assert.deepEqual(told, [], where);
}

/** A spinner never ends. */
const stillness = `Promise.allSettled(
  document.getAnimations()
    .filter(({ effect }) => effect.getComputedTiming().endTime !== Infinity)
    .map(({ finished }) => finished)
).then(() => {})`;

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary: string }[];
}

/** Of something that speech brings about: it has its time, and that of the answer. */
export async function waitUntil(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let left = (2 * patienceMs) / 100; left > 0; left--) {
    if (await isSo()) return;
    await sleep(100);
  }
  assert.ok(await isSo());
}
