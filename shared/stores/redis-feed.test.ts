// The feed's reader where what it reads with breaks; how it serves over Redis is shown by the stores' own tests.
import assert from 'node:assert/strict';
import { it, mock } from 'node:test';
import type { CallEvent } from '../call/call-event.ts';
import { silentLogger as log } from '../logger.ts';
import { Listeners } from './listeners.ts';
import type { RedisConnection } from './redis-connection.ts';
import { RedisFeed } from './redis-feed.ts';

const settled = () => new Promise((resolve) => setImmediate(resolve));

it('opens no reader after another without a pause, whatever breaks', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.after(() => mock.timers.reset());
  const listeners = new Listeners<CallEvent>(log);
  let opened = 0;
  const redis = {
    run: async () => undefined,
    openReader: () => {
      // Without a pause nothing else in this process would ever run again.
      if (++opened > 50) listeners.clear();
      throw new Error('no reader');
    },
  } as unknown as RedisConnection;
  const feed = new RedisFeed(redis, { key: 'feed', listeners, fillGap: async () => {}, log });
  t.after(() => feed.close());
  listeners.add('all', () => {});
  feed.follow();
  await settled();
  assert.equal(opened, 1);
  for (let restarts = 0; restarts < 3; restarts++) {
    mock.timers.tick(5_000);
    await settled();
  }
  assert.equal(opened, 4);
});
