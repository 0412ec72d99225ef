// The screens of the console in a real Chromium: a call seen live in two tabs, five hundred past ones, by keyboard alone, for everybody.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import type { CallId } from '../../shared/call/call.ts';
import { newCallState } from '../../shared/call/call-state.ts';
import type { Stores } from '../../shared/stores/stores.ts';
import { patientEndOfSpeechMs as endOfSpeechMs } from '../caller/agent-ear.ts';
import { createPerson } from '../caller/person.ts';
import { formatWav } from '../voice/wav.ts';
import { type ConsoleWorld, checkAccessible, lacksChromium, startConsoleWorld } from './console-world.ts';

const pastCalls = 500;

let world: ConsoleWorld;
before(async () => {
  if (!lacksChromium) world = await startConsoleWorld({ keepCalls: keepPastCalls });
});
after(() => world?.stop());

/** Of an hour ago and before, one a minute. */
async function keepPastCalls(stores: Stores): Promise<void> {
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

async function ring(number: string, ...words: string[]): Promise<void> {
  const speak = (text: string) => world.standIns.voice.speak(text);
  const said = words.flatMap((say) => [{ say }, { wait: 'agent-finished' } as const]);
  const script = [{ wait: 'agent-finished' } as const, ...said, { say: 'Goodbye.' }, { wait: 'line-closed' } as const];
  world.standIns.acs.ring({ from: number, phone: await createPerson({ script, speak, endOfSpeechMs }) });
}

describe('the console', { skip: lacksChromium, concurrency: 3 }, () => {
  it('shows a call from ringing to its end in two tabs, and misses nothing when a feed is cut', async (t) => {
    const first = await world.visit(t, 'olga');
    const second = await world.visit(t, 'vera');
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
    const { page } = await world.visit(t, 'olga');
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
      phone: await createPerson({ script, speak, endOfSpeechMs }),
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

  it('finds its way through five hundred calls', async (t) => {
    const { page, go } = await world.visit(t, 'olga');
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
    const { page, go } = await world.visit(t, 'vera');
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
      const { page, go } = await world.visit(t, 'olga', options);
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

  it('says so where the network is gone, and goes on when it is back', async (t) => {
    const { page, context, go } = await world.visit(t, 'vera');
    await go('numbers');
    await page.getByText('Calls by hour').waitFor();
    await context.setOffline(true);
    await page.getByLabel('Time').selectOption('168');
    await page.getByText('The server cannot be reached').waitFor();
    await context.setOffline(false);
    await page.getByText('Calls by hour').waitFor();
  });

  it('shows something within a blink', async (t) => {
    const { page } = await world.visit(t, 'vera');
    await page.reload();
    await page.getByRole('heading', { name: 'Live calls', exact: true }).waitFor();
    const paintMs = await page.evaluate<number>(`performance.getEntriesByName('first-contentful-paint')[0].startTime`);
    t.diagnostic(`first contentful paint after ${Math.round(paintMs)} ms`);
    assert.ok(paintMs < 5_000);
  });
});
