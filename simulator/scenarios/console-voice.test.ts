// Talking from the console in a real Chromium: whole conversations by the page's own microphone, each way, and what may befall them.
import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { readSound, splitUtterances } from '../browser/browser.ts';
import { receptionistRules } from '../chat/receptionist-phrases.ts';
import type { RealtimeSession } from '../realtime/realtime-session.ts';
import { openPhraseBook } from '../voice/phrase-book.ts';
import { agentVoice } from '../voice/speech.ts';
import {
  type ConsoleWorld,
  checkAccessible,
  lacksChromium,
  patienceMs,
  startConsoleWorld,
  waitUntil,
} from './console-world.ts';

/** What is said by the microphone has its time, and that of the answer. */
const toBeSaid = { timeout: 2 * patienceMs };

/** After the microphone was opened. */
const saysFromMs = 8_000;

let world: ConsoleWorld;
before(async () => {
  if (lacksChromium) return;
  // The first page that talks directly would wait for it.
  await import('../realtime/webrtc/werift-peer.ts');
  world = await startConsoleWorld({
    says: [
      [saysFromMs, 'Please tell me about your company.'],
      [14_500, 'Stop, please.'],
      [22_000, 'What time is it?'],
      [30_000, 'Goodbye.'],
    ],
  });
});
after(() => world?.stop());

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
const conversationsAtMost = 3;

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

/** In the page: the first so many sockets of calls never open, as those to a machine that hangs. */
const hangSockets = `
globalThis.hangs = 3;
globalThis.tried = 0;
globalThis.WebSocket = new Proxy(WebSocket, {
  construct(Real, given) {
    const hangs = given[0].includes('/media/web/') && ++tried <= globalThis.hangs;
    return hangs ? { readyState: Real.CONNECTING, close() {}, send() {} } : new Real(...given);
  },
});
`;

/** What is left of silence by a codec that loses. */
const quiet = 64;

/** Of the caller, whatever was said in them. */
const countTurns = (session: RealtimeSession) => session.log.of('input_audio_buffer.speech_started').length;

const ways = { direct: 'Direct (WebRTC)', bridge: 'Through the bridge (WebSocket)' } as const;

/** To its end. Resolves with its page. */
async function holdConversation(t: TestContext, way: keyof typeof ways): Promise<Page> {
  for (let left = conversationsAtMost - 1; ; left--) {
    const { page, context, go } = await world.visit(t, 'olga', { hasEar: true, permissions: ['microphone'] });
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

describe('talking from the console', { skip: lacksChromium }, () => {
  for (const way of Object.keys(ways) as (keyof typeof ways)[])
    it(`is a conversation with an interruption, a tool, the end, and its sound: ${ways[way]}`, async (t) => {
      const page = await holdConversation(t, way);
      await page.getByRole('link', { name: 'See the whole call' }).click();
      await page.getByText('Agent hung up').first().waitFor();
      await page.getByText('A page in a browser calls').waitFor();
      await page.getByText('There is no recording and no waveform of a call from a browser').waitFor();
    });

  it('says what is to be done where the microphone is refused', async (t) => {
    const { page, go } = await world.visit(t, 'olga');
    await go('talk');
    await page.evaluate(
      `navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('no', 'NotAllowedError'); }`,
    );
    await page.getByRole('button', { name: 'Start talking' }).click();
    await page.getByText('This page may not use the microphone').waitFor();
    await page.getByRole('button', { name: 'Talk again' }).waitFor();
  });

  it('is heard by another microphone when one is unplugged, and goes on when the direct connection is lost', async (t) => {
    const { page, context, go } = await world.visit(t, 'olga', { permissions: ['microphone'] });
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

  it('is not heard by the service while it is muted, and comes back from a network that was gone', async (t) => {
    const { page, context, go } = await world.visit(t, 'olga', { permissions: ['microphone'] });
    await go('talk');
    await page.getByLabel('Connection').selectOption('direct');
    const before = new Set(world.standIns.realtime.calls.live);
    const sockets: string[] = [];
    page.on('websocket', (socket) => socket.url().includes('/media/web/') && sockets.push(socket.url()));
    await page.getByRole('button', { name: 'Start talking' }).click();
    await page.getByText('You are talking with the agent').waitFor();
    await page.getByRole('button', { name: 'Mute' }).click();
    const [call] = world.standIns.realtime.calls.live.filter((one) => !before.has(one));
    const { log } = call!.session;
    // Somebody speaks into the microphone meanwhile.
    await sleep(saysFromMs + 3_000);
    const { samples } = log.audio;
    assert.ok(samples.length > 0);
    assert.ok(!samples.some((sample) => Math.abs(sample) > quiet), 'silence goes to the service');
    await page.getByRole('button', { name: 'Unmute' }).click();
    await waitUntil(() => countTurns(call!.session) > 0);
    await context.setOffline(true);
    await page.getByText('The connection is being restored…').waitFor();
    await context.setOffline(false);
    await page.getByText('You are talking with the agent').waitFor();
    assert.ok(sockets.length > 1);
    await page.getByRole('button', { name: 'Hang up' }).click();
    await page.getByText('The call is over').waitFor();
  });

  it('tries another way where a bridge does not take the socket, and says so when all were tried', async (t) => {
    const { page, context, go } = await world.visit(t, 'olga', { permissions: ['microphone'] });
    await context.addInitScript({ content: hangSockets });
    await page.clock.install();
    await page.reload();
    await go('talk');
    await page.getByLabel('Connection').selectOption('bridge');
    const trying = page.getByText('The agent does not answer yet: trying another way…');
    const attempt = async (count: number) => {
      await waitUntil(async () => (await page.evaluate('tried')) === count);
      await page.clock.fastForward(5_000);
    };
    await page.getByRole('button', { name: 'Start talking' }).click();
    await page.getByText('Calling the agent…').waitFor();
    for (const count of [1, 2]) {
      await attempt(count);
      await trying.waitFor();
    }
    await attempt(3);
    await page.getByText('No agent could be reached, though it was tried several times').waitFor();
    await page.evaluate('hangs = 4');
    await page.getByRole('button', { name: 'Talk again' }).click();
    await attempt(4);
    await page.getByText('You are talking with the agent').waitFor();
    await page.getByRole('button', { name: 'Hang up' }).click();
    await page.getByText('The call is over').waitFor();
  });

  it('talks through the bridge where no WebRTC gets through, and goes on when the tab has slept', async (t) => {
    const { page, context, go } = await world.visit(t, 'olga', { permissions: ['microphone'] });
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
});
