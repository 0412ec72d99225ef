// What goes over a phone's line: sound both ways, keys, hang-ups, and another phone in place of the far end.
import '../virtual-time/install.ts';

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { patchPhones } from '../acs/phone-patch.ts';
import { createTonePhone } from '../caller/tone-phone.ts';
import { fitTone } from '../voice/tone.ts';
import { PhoneLine } from './phone-line.ts';

const beats = (phone: { readonly heard: Int16Array }, count: number) =>
  new Promise<void>((resolve) => {
    const look = setInterval(() => {
      if (phone.heard.length < count * 320) return;
      clearInterval(look);
      resolve();
    }, 5);
  });
const snrDb = (heard: Int16Array, hz: number) => fitTone(heard.subarray(heard.length - 640), 16000, hz).snrDb;

it('carries nothing until it is connected, and then what the far end gives', async () => {
  const phone = createTonePhone({ hz: 400 });
  const line = new PhoneLine(phone, () => {});
  let spoken = 0;
  line.attach({
    beat(samples) {
      spoken += samples.length;
      return new Int16Array(320).fill(7);
    },
  });
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.deepEqual([spoken, phone.heard.length], [0, 0]);
  line.connect();
  await beats(phone, 3);
  assert.equal(phone.heard[0], 7);
  assert.ok(spoken >= 960);
  line.attach(undefined);
  const before = phone.heard.length;
  await beats(phone, before / 320 + 2);
  assert.equal(phone.heard.at(-1), 0);
  line.close();
  assert.ok(phone.isLineClosed);
});

it('tells when the phone is put down, connected or not', async () => {
  const phone = createTonePhone({ hz: 400 });
  await new Promise<void>((resolve) => {
    const line = new PhoneLine(phone, () => {
      line.close();
      resolve();
    });
    phone.hangUp();
  });
  assert.ok(phone.isLineClosed);
});

it('lets two phones hear each other until one is put down', async () => {
  const [a, b] = [createTonePhone({ hz: 400 }), createTonePhone({ hz: 700 })];
  patchPhones(a, b, new AbortController().signal);
  await beats(a, 5);
  assert.ok(snrDb(a.heard, 700) > 50, `${snrDb(a.heard, 700)} dB`);
  assert.ok(snrDb(b.heard, 400) > 50, `${snrDb(b.heard, 400)} dB`);
  b.hangUp();
  await Promise.all([a.closed, b.closed]);
});

it('gives the phone back on a bridge that is over, and keeps it when it is released', async () => {
  const [phone, guest] = [createTonePhone({ hz: 400 }), createTonePhone({ hz: 700 })];
  const line = new PhoneLine(phone, () => {});
  line.connect();
  const bridged = line.bridge(guest);
  await beats(guest, 2);
  line.unbridge();
  await bridged;
  assert.deepEqual([guest.isLineClosed, phone.isLineClosed], [true, false]);
  assert.equal(line.release(), phone);
  line.close();
  assert.equal(phone.isLineClosed, false);
});
