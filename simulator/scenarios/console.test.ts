// The console in a real Chromium: every screen, a call seen live in two tabs, a conversation by a page's own microphone.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BrowserContext, Page } from 'playwright-core';
import type { CallId } from '../../shared/call/call.ts';
import { newCallState } from '../../shared/call/call-state.ts';
import { createMemoryStores } from '../../shared/stores/memory-stores.ts';
import type { Stores } from '../../shared/stores/stores.ts';
import { buildConsole } from '../../web/build-console.ts';
import { openBrowser, openPage, readSound, splitUtterances, type TestBrowser, tapSound } from '../browser/browser.ts';
import { createPerson } from '../caller/person.ts';
import { receptionistRules } from '../chat/receptionist-phrases.ts';
import type { RealtimeSession } from '../realtime/realtime-session.ts';
import { openPhraseBook } from '../voice/phrase-book.ts';
import { agentVoice, speechSampleRate } from '../voice/speech.ts';
import { formatWav } from '../voice/wav.ts';
import { startProductHere } from '../world/product.ts';
import type { World } from '../world/world.ts';
import { startScenarioWorldWith } from './scenario-world.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const apiKey = 'key-of-this-test-0001';
const people = [
  { code: 'olga', name: 'olga@contoso.example', roles: ['operator'] },
  { code: 'vera', name: 'vera@contoso.example', roles: ['viewer'] },
];
const pastCalls = 500;
/** Long enough for a machine that has other things to do. */
const patienceMs = 20_000;
/** What is said by the microphone has its time, and that of the answer. */
const toBeSaid = { timeout: 2 * patienceMs };
const chromium = existsSync('/usr/bin/chromium') ? false : 'chromium is not installed';

let world: World;
let stores: Stores;
let browser: TestBrowser;
before(async () => {
  if (chromium) return;
  // The first page that talks directly would wait for it.
  await Promise.all([buildConsole(), import('../realtime/webrtc/werift-peer.ts')]);
  stores = createMemoryStores();
  await keepPastCalls();
  world = await startScenarioWorldWith(
    { people, settings: { WEBSITE_AUTH_ENABLED: 'true', API_KEY: apiKey } },
    (settings, given) => startProductHere(settings, { ...given, stores }),
  );
  const says = [
    [8_000, 'Please tell me about your company.'],
    [14_500, 'Stop, please.'],
    [22_000, 'What time is it?'],
    [30_000, 'Goodbye.'],
  ] as const;
  const speak = world.standIns.voice.speak.bind(world.standIns.voice);
  const spoken = await Promise.all(says.map(async ([atMs, text]) => ({ atMs, samples: await speak(text) })));
  browser = await openBrowser(spoken, speechSampleRate);
});
after(async () => {
  await browser?.close();
  await world?.stop();
});

/** Of an hour ago and before, one a minute. */
async function keepPastCalls(): Promise<void> {
  const now = Date.now();
  for (let n = 0; n < pastCalls; n++) {
    const createdAt = now - (60 + n) * 60_000;
    await stores.history.save({
      ...newCallState(`in-past-${n}` as CallId),
      version: 1,
      phase: 'ended',
      carrier: n % 3 === 0 ? 'twilio' : 'acs',
      direction: n % 4 === 0 ? 'outbound' : 'inbound',
      remoteParty: `+15550${String(100_000 + n).slice(1)}`,
      ourNumber: '+15550100',
      agent: 'receptionist',
      model: n % 2 === 0 ? 'gpt-realtime' : 'cascade',
      createdAt,
      connectedAt: createdAt + 1_000,
      endedAt: createdAt + 1_000 + ((n * 37) % 300) * 1_000,
      endReason: n % 25 === 7 ? 'busy' : 'caller-hung-up',
      turns: [
        {
          role: 'caller',
          text: n === 123 ? 'My wardrobe is crooked.' : 'Hello.',
          interrupted: false,
          at: createdAt + 5_000,
        },
      ],
      repliesMs: [400 + n],
    });
  }
}

interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  go(place: string): Promise<void>;
}

/** What the page complains of, a breach of its policy among it, fails the test. */
async function visit(
  t: TestContext,
  code: string,
  { hasEar = false, ...options }: Parameters<typeof browser.browser.newContext>[0] & { hasEar?: boolean } = {},
): Promise<Visit> {
  const context = await browser.browser.newContext({
    viewport: { width: 1280, height: 900 },
    locale: 'en-US',
    ...options,
  });
  context.setDefaultTimeout(patienceMs);
  if (hasEar) await tapSound(context);
  const problems: string[] = [];
  const url = world.product.functionsUrl;
  const page = await openPage(context, `${url}/.auth/login/aad?code=${code}`, (text) => problems.push(text));
  t.after(async () => {
    await context.close();
    assert.deepEqual(
      problems.filter(
        (text) =>
          !/ScriptProcessorNode is deprecated|closed before the connection is established|net::ERR_INTERNET_DISCONNECTED|status of 4\d\d/.test(
            text,
          ),
      ),
      [],
    );
  });
  await page.getByText('Live', { exact: true }).first().waitFor();
  return { page, context, go: async (place) => void (await page.goto(`${url}/#/${place}`)) };
}

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly target: readonly string[]; readonly failureSummary: string }[];
}

async function checkAccessible(page: Page, where: string): Promise<void> {
  if (!(await page.evaluate<boolean>('"axe" in globalThis'))) await page.evaluate(axe);
  const violations = await page.evaluate<Violation[]>('axe.run().then(({ violations }) => violations)');
  const told = violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).join('; ')}`,
  );
  assert.deepEqual(told, [], where);
}

async function ring(number: string, ...words: string[]): Promise<void> {
  const speak = (text: string) => world.standIns.voice.speak(text);
  const said = words.flatMap((say) => [{ say }, { wait: 'agent-finished' } as const]);
  const script = [{ wait: 'agent-finished' } as const, ...said, { say: 'Goodbye.' }, { wait: 'line-closed' } as const];
  world.standIns.acs.ring({ from: number, phone: await createPerson({ script, speak }) });
}

/** What the page played: the answers, the long one of them cut off, the goodbye. */
async function checkSound(page: Page): Promise<void> {
  const sound = await readSound(page);
  const replies = receptionistRules.phrases.flatMap((rule) => ('reply' in rule ? [rule.reply] : []));
  const speak = (text: string) => world.standIns.voice.speak(text, agentVoice);
  const book = await openPhraseBook([...replies, 'Goodbye.'], speak);
  const heard = splitUtterances(sound, 24_000).map((piece) => book.recognize(piece, 24_000)?.phrase);
  assert.ok(heard.includes('Of course. What else can I do for you?'), `${heard}`);
  assert.equal(heard.at(-1), 'Goodbye.');
  // Cut off: the whole answer takes ten seconds.
  assert.ok(!heard.includes(replies.find((reply) => reply.startsWith('Contoso'))!));
}

/** Microphone and loudspeaker of Chromium live in real time: on a busy machine sound has holes, and words with holes are not understood. */
const conversationsAtMost = 5;

/** In the page: the microphones that it opened, and the end of the last one of them. */
const keepMicrophones = `
globalThis.microphones = [];
const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wanted) => {
  const stream = await open(wanted);
  microphones.push(stream);
  return stream;
};
globalThis.unplug = () => {
  const [track] = microphones.at(-1).getAudioTracks();
  track.stop();
  track.dispatchEvent(new Event('ended'));
};
`;

/** Of the caller, whatever was said in them. */
const countTurns = (session: RealtimeSession) => session.log.of('input_audio_buffer.speech_started').length;

async function waitUntil(isSo: () => boolean): Promise<void> {
  for (let left = toBeSaid.timeout / 100; left > 0; left--) {
    if (isSo()) return;
    await sleep(100);
  }
  assert.ok(isSo());
}

const ways = { direct: 'Direct (WebRTC)', bridge: 'Through the bridge (WebSocket)' } as const;

/** To its end. Resolves with its page. */
async function holdConversation(t: TestContext, way: keyof typeof ways): Promise<Page> {
  for (let left = conversationsAtMost - 1; ; left--) {
    const { page, context, go } = await visit(t, 'olga', { hasEar: true, permissions: ['microphone'] });
    try {
      await go('talk');
      await page.getByLabel('Connection').selectOption(way);
      await page.getByRole('button', { name: 'Start talking' }).click();
      await page.getByText('You are talking with the agent').waitFor();
      await page.locator('.way', { hasText: ways[way] }).waitFor();
      await page.getByText('Of course. What else can I do for you?').waitFor(toBeSaid);
      assert.match((await page.locator('del').allTextContents()).join(' '), /Our chairs are known all over the world/);
      await page.getByText('Used current_time').waitFor(toBeSaid);
      await checkAccessible(page, 'talk');
      await page.getByText('The call is over').waitFor(toBeSaid);
      await checkSound(page);
      return page;
    } catch (error) {
      if (left === 0) throw error;
      t.diagnostic(`the conversation is held once more: ${(error as Error).message}`);
      await context.close();
    }
  }
}

describe('the console', { skip: chromium, concurrency: 3 }, () => {
  const converse = (way: keyof typeof ways) =>
    it(`holds a conversation by the microphone of a page, barge-in, a tool, the end, and its sound: ${ways[way]}`, async (t) => {
      const page = await holdConversation(t, way);
      await page.getByRole('link', { name: 'See the whole call' }).click();
      await page.getByText('Agent hung up').first().waitFor();
    });

  // What is said takes its time and the processor's: apart from each other.
  converse('direct');

  it('says what is to be done where the microphone is refused', async (t) => {
    const { page, go } = await visit(t, 'olga');
    await go('talk');
    await page.evaluate(
      `navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('no', 'NotAllowedError'); }`,
    );
    await page.getByRole('button', { name: 'Start talking' }).click();
    await page.getByText('This page may not use the microphone').waitFor();
    await page.getByRole('button', { name: 'Talk again' }).waitFor();
  });

  it('shows a call from ringing to its end in two tabs, and misses nothing when a feed is cut', async (t) => {
    const first = await visit(t, 'olga');
    const second = await visit(t, 'vera');
    const cuts: (() => Promise<void>)[] = [];
    await second.page.routeWebSocket(/\/ws\/events/, (socket) => {
      socket.connectToServer();
      cuts.push(() => socket.close({ code: 3001 }));
    });
    await second.page.reload();
    await second.page
      .getByText('Nobody is on the phone')
      .or(second.page.getByText(/calls? now/))
      .waitFor();
    await ring('+15550177001', 'What are your opening hours?');
    const card = first.page.getByRole('link', { name: '+15550177001' });
    await card.waitFor();
    await card.click();
    await second.page.getByRole('link', { name: '+••••••01' }).click();
    assert.equal(await second.page.getByRole('button', { name: 'Hang up' }).count(), 0);
    await second.page.getByText('Thank you for calling Contoso').first().waitFor();
    for (const cut of cuts.splice(0)) await cut();
    for (const { page } of [first, second]) {
      await page.getByText('We are open from nine to five, Monday to Friday.').waitFor();
      await page.getByText('Agent hung up').first().waitFor();
      const turns = await page.locator('.turn:not(.partial) p').allTextContents();
      assert.deepEqual(turns, [
        'Thank you for calling Contoso. How can I help you today?',
        'What are your opening hours?',
        'We are open from nine to five, Monday to Friday.',
        'Goodbye.',
        'Goodbye.',
      ]);
    }
    assert.ok(cuts.length >= 1, 'the feed was opened again');
    await checkAccessible(first.page, 'call');
  });

  it('places a call by keyboard alone, says what the dial guard thinks, and hangs up', async (t) => {
    const { page } = await visit(t, 'olga');
    const press = (key: string) => page.keyboard.press(key);
    await page.getByRole('button', { name: 'Place a call' }).focus();
    await press('Enter');
    await press('Tab');
    await page.keyboard.type('+442079460000');
    await press('Enter');
    await page.getByText('DIAL_ALLOWED_PREFIXES').waitFor();
    await checkAccessible(page, 'dial form');
    const field = page.getByLabel('Number');
    await field.focus();
    await press('Control+a');
    await page.keyboard.type('+15550177002');
    const speak = (text: string) => world.standIns.voice.speak(text);
    const script = [{ wait: 'agent-finished' } as const, { wait: 'line-closed' } as const];
    world.standIns.acs.phones.set('+15550177002', {
      kind: 'answers',
      afterMs: 100,
      phone: await createPerson({ script, speak }),
    });
    await press('Enter');
    const watch = page.getByRole('link', { name: 'Watch the call' });
    await watch.focus();
    await press('Enter');
    const hangUp = page.getByRole('button', { name: 'Hang up' });
    await hangUp.focus();
    await press('Enter');
    await page.getByRole('dialog').getByRole('button', { name: 'Hang up' }).focus();
    await press('Enter');
    await page.getByText('Operator hung up').first().waitFor();
    await page.getByText('Hung up by olga@contoso.example').waitFor();
  });

  it('is heard by another microphone when one is unplugged, and goes on when the direct connection is lost', async (t) => {
    const { page, context, go } = await visit(t, 'olga', { permissions: ['microphone'] });
    await context.addInitScript({ content: keepMicrophones });
    await page.reload();
    await go('talk');
    await page.getByLabel('Connection').selectOption('direct');
    const before = new Set(world.standIns.realtime.calls.live);
    await page.getByRole('button', { name: 'Start talking' }).click();
    await page.getByText('You are talking with the agent').waitFor();
    const [call] = world.standIns.realtime.calls.live.filter((one) => !before.has(one));
    // Somebody speaks into the next one from its beginning.
    const heardBefore = countTurns(call!.session);
    await page.evaluate('unplug()');
    await waitUntil(() => countTurns(call!.session) > heardBefore);
    assert.equal(await page.evaluate('microphones.length'), 2);
    const others = new Set(world.standIns.realtime.sessions);
    call!.drop();
    await page.getByText('The direct connection was lost').waitFor();
    await page.locator('.way', { hasText: ways.bridge }).waitFor();
    const its = () => world.standIns.realtime.sessions.find((one) => !others.has(one) && countTurns(one) > 0);
    await waitUntil(() => its() !== undefined);
  });

  it('finds its way through five hundred calls', async (t) => {
    const { page, go } = await visit(t, 'olga');
    await go('history');
    const rows = page.locator('tbody tr');
    await page.getByRole('button', { name: 'Show more' }).waitFor();
    while ((await rows.count()) < pastCalls) {
      const before = await rows.count();
      await page.getByRole('button', { name: 'Show more' }).click();
      await rows.nth(before).waitFor();
    }
    // All of them, not those that are here: the longest of the five hundred may be anywhere.
    const startedAt = performance.now();
    await page.getByRole('button', { name: 'Length' }).click();
    await page.locator('tbody tr:first-child', { hasText: '4:59' }).waitFor();
    t.diagnostic(`sorting ${pastCalls} calls took ${Math.round(performance.now() - startedAt)} ms`);
    assert.equal(await rows.count(), 50);
    await page.getByRole('button', { name: 'Length' }).click();
    await page.locator('th[aria-sort="ascending"]').waitFor();
    await rows.filter({ hasText: '0:00' }).first().waitFor();
    await page.getByRole('button', { name: 'Number' }).click();
    await page.locator('tbody tr:first-child', { hasText: '+1555000000' }).waitFor();
    await page.getByLabel('Words').fill('wardrobe');
    await page.locator('tbody tr:nth-child(1):last-child').waitFor();
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export CSV' }).click();
    const csv = readFileSync(await (await download).path(), 'utf8').split('\r\n');
    assert.match(csv[1]!, /^in-past-123,ended,inbound,'\+15550/);
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await page.locator('select[name=end_reason]').selectOption('busy');
    await page.locator('tbody tr:nth-child(20):last-child').waitFor();
    await checkAccessible(page, 'history');
    await page.getByLabel('Words').fill('nobody said this');
    await page.getByText('Nothing fits these filters.').waitFor();
  });

  it('draws both sides of an hour at once, and plays it from a word that is clicked', async (t) => {
    const { page, go } = await visit(t, 'vera');
    const hour = { intervals: 180_000, intervalMs: 20 };
    const side = Buffer.from(
      Int8Array.from({ length: hour.intervals * 2 }, (_, n) => (n % 2 === 0 ? -1 : 1) * ((n >> 6) % 100)).buffer,
    );
    await page.route('**/api/calls/in-past-200', async (route) => {
      const call = (await (await route.fetch()).json()) as { created_at: string };
      const recording = {
        status: 'kept',
        started_at: new Date(Date.parse(call.created_at) + 4_000).toISOString(),
        files: [{ url: '/api/calls/in-past-200/recording', bytes: 1 }],
        peaks_url: '/api/calls/in-past-200/peaks',
        removed_at_carrier: true,
      };
      await route.fulfill({ json: { ...call, recording } });
    });
    const peaks = {
      interval_ms: hour.intervalMs,
      started_at: new Date().toISOString(),
      caller: side.toString('base64'),
      agent: side.toString('base64'),
    };
    await page.route('**/peaks', (route) => route.fulfill({ json: peaks }));
    const wav = formatWav(new Int16Array(3 * 16_000), 16_000);
    // A player that may not ask for a part of it cannot jump.
    await page.route('**/recording', (route) => {
      const from = Number(/bytes=(\d+)/.exec(route.request().headers().range ?? '')?.[1] ?? 0);
      const range = `bytes ${from}-${wav.length - 1}/${wav.length}`;
      const headers = { 'content-type': 'audio/wav', 'accept-ranges': 'bytes', 'content-range': range };
      return route.fulfill({ status: 206, body: wav.subarray(from), headers });
    });
    const startedAt = performance.now();
    await go('calls/in-past-200');
    await page.getByRole('img', { name: '3600 seconds, 1 turns' }).waitFor();
    t.diagnostic(`an hour was drawn after ${Math.round(performance.now() - startedAt)} ms`);
    await page.getByRole('button', { name: 'Hello.' }).click();
    const at = await page.locator('audio').evaluate<number, { currentTime: number }>(({ currentTime }) => currentTime);
    assert.ok(at > 0.3 && at < 2, `at ${at} s`);
    await checkAccessible(page, 'recording');
  });

  const looks = {
    light: { colorScheme: 'light' },
    'dark, on a phone': { colorScheme: 'dark', viewport: { width: 390, height: 844 } },
  } as const;
  for (const [name, options] of Object.entries(looks))
    it(`is readable for everybody on every screen: ${name}`, async (t) => {
      const { page, go } = await visit(t, 'olga', options);
      const screens = {
        live: 'Live calls',
        history: 'History',
        numbers: 'Calls by hour',
        talk: 'Start talking',
        agents: 'receptionist',
        health: 'Who has which call',
        'calls/in-past-123': 'My wardrobe is crooked.',
        nowhere: 'There is no such screen',
      };
      for (const [place, text] of Object.entries(screens)) {
        await go(place);
        await page.getByText(text).first().waitFor();
        await checkAccessible(page, place);
        const width = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
        assert.ok(width <= 0, `${place} is ${width} pixels too wide`);
      }
    });

  it('talks through the bridge where no WebRTC gets through, and goes on when the tab has slept', async (t) => {
    const { page, context, go } = await visit(t, 'olga', { permissions: ['microphone'] });
    await go('talk');
    await page.evaluate(`globalThis.RTCPeerConnection = class { constructor() { throw new Error('blocked'); } }`);
    await page.getByLabel('Connection').selectOption('direct');
    const sockets: string[] = [];
    page.on('websocket', (socket) => socket.url().includes('/media/web/') && sockets.push(socket.url()));
    await page.getByRole('button', { name: 'Start talking' }).click();
    await page.getByText('This network lets no direct connection through').waitFor();
    await page.getByText('You are talking with the agent').waitFor();
    // Chromium puts no page to sleep that has the microphone; its script can be stopped.
    const sleeper = await context.newCDPSession(page);
    await sleeper.send('Debugger.enable');
    await sleeper.send('Debugger.pause');
    // Longer than the bridge waits for a page that says nothing, shorter than it waits for one that is lost.
    await sleep(4_000);
    await sleeper.send('Debugger.resume');
    await sleeper.detach();
    await waitUntil(() => sockets.length > 1);
    await page.getByText('You are talking with the agent').waitFor();
    await page.getByRole('button', { name: 'Hang up' }).click();
    await page.getByText('The call is over').waitFor();
  });

  converse('bridge');

  it('says so where the network is gone, and goes on when it is back', async (t) => {
    const { page, context, go } = await visit(t, 'vera');
    await go('numbers');
    await page.getByText('Calls by hour').waitFor();
    await context.setOffline(true);
    await page.getByLabel('Time').selectOption('168');
    await page.getByText('The server cannot be reached').waitFor();
    await context.setOffline(false);
    await page.getByText('Calls by hour').waitFor();
  });

  it('shows something within a blink', async (t) => {
    const { page } = await visit(t, 'vera');
    await page.reload();
    await page.getByRole('heading', { name: 'Live calls', exact: true }).waitFor();
    const paintMs = await page.evaluate<number>(`performance.getEntriesByName('first-contentful-paint')[0].startTime`);
    t.diagnostic(`first contentful paint after ${Math.round(paintMs)} ms`);
    assert.ok(paintMs < 5_000);
  });
});
