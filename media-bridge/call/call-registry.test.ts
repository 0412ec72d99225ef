// Which calls a replica takes, which session a media socket goes to, and how all end.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CallId } from '../../shared/call/call.ts';
import { AppError } from '../../shared/errors.ts';
import { silentLogger } from '../../shared/logger.ts';
import type { MediaTransport } from '../transports/media-transport.ts';
import { CallRegistry } from './call-registry.ts';
import type { CallSession } from './call-session.ts';
import { FakeTransport } from './testing/fake-legs.ts';

const id = (name: string) => name as CallId;

/** What the registry sees of a session. Its end is written down when the test says so. */
function createSession(start: () => Promise<void> = async () => {}) {
  const { promise: ended, resolve: endWritten } = Promise.withResolvers<void>();
  const done: string[] = [];
  const session = {
    ended,
    endWritten,
    done,
    takesSocket: false,
    isOver: false,
    transport: undefined as MediaTransport | undefined,
    start,
    replaceTransport(transport: MediaTransport) {
      session.transport = transport;
      session.takesSocket = false;
    },
    fail: () => void done.push('failed'),
    close() {
      session.isOver = true;
      endWritten();
    },
  };
  return session;
}
type FakeSession = ReturnType<typeof createSession>;

const createRegistry = (maxCalls = 10) => new CallRegistry({ maxCalls, log: silentLogger });

/** A socket comes, and the call starts unless one waits for it. */
function arrive(registry: CallRegistry, name: string, session: FakeSession = createSession()): FakeSession {
  const leave = registry.reserve(id(name));
  registry.connect(id(name), new FakeTransport(), () => session as unknown as CallSession);
  leave();
  return session;
}

const refuses = (code: string) => (error: unknown) => error instanceof AppError && error.code === code;
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('CallRegistry', () => {
  it('refuses a second socket of a call, while the first is coming in and while it is there', () => {
    const registry = createRegistry();
    const leave = registry.reserve(id('a'));
    assert.throws(() => registry.reserve(id('a')), refuses('CALL_IN_USE'));
    leave();
    arrive(registry, 'a');
    assert.throws(() => registry.reserve(id('a')), refuses('CALL_IN_USE'));
  });

  it('counts calls on their way in, gives their places back, and counts no call twice', () => {
    const registry = createRegistry(2);
    const leave = registry.reserve(id('a'));
    registry.connect(id('a'), new FakeTransport(), () => createSession() as unknown as CallSession);
    assert.equal(registry.size, 1);
    leave();
    const giveUp = registry.reserve(id('b'));
    assert.ok(registry.isFull);
    assert.throws(() => registry.reserve(id('c')), refuses('BRIDGE_FULL'));
    giveUp();
    assert.equal(registry.size, 1);
    registry.reserve(id('c'));
  });

  it('hands a new socket to the session that waits for one, even when it is full or drains', () => {
    const registry = createRegistry(1);
    const session = arrive(registry, 'a');
    session.takesSocket = true;
    void registry.drain(60_000);
    const leave = registry.reserve(id('a'));
    const next = new FakeTransport();
    registry.connect(id('a'), next, () => assert.fail('a second session'));
    leave();
    assert.equal(session.transport, next);
    session.close();
  });

  it('begins anew when the session of the call is over and only waits for the store', async () => {
    const registry = createRegistry();
    const over = arrive(registry, 'a');
    over.isOver = true;
    const next = arrive(registry, 'a');
    assert.equal(over.transport, undefined);
    over.endWritten();
    await settled();
    next.takesSocket = true;
    const transport = new FakeTransport();
    registry.reserve(id('a'));
    registry.connect(id('a'), transport, () => assert.fail('a third session'));
    assert.equal(next.transport, transport, 'the end of the old one took the new one along');
  });

  it('forgets a call when it has ended', async () => {
    const registry = createRegistry();
    arrive(registry, 'a').close();
    await settled();
    assert.equal(registry.size, 0);
  });

  it('fails a call that cannot be started', async () => {
    const registry = createRegistry();
    const session = arrive(
      registry,
      'a',
      createSession(() => Promise.reject(new Error('no'))),
    );
    await settled();
    assert.deepEqual(session.done, ['failed']);
  });

  it('lets calls live to their end when it may drain for longer than a timer can tell', async () => {
    const registry = createRegistry();
    const session = arrive(registry, 'a');
    const drained = registry.drain(2_592_000_000);
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(session.isOver, false);
    session.close();
    await drained;
  });

  it('takes no new calls while it drains, and is done when the last one is over', async () => {
    const registry = createRegistry();
    const [first, second] = [arrive(registry, 'a'), arrive(registry, 'b')];
    let isDone = false;
    const drained = registry.drain(60_000).then(() => {
      isDone = true;
    });
    assert.ok(registry.isDraining);
    assert.throws(() => registry.reserve(id('c')), refuses('BRIDGE_DRAINING'));
    first.close();
    await settled();
    assert.equal(isDone, false);
    second.close();
    await drained;
    assert.equal(registry.size, 0);
  });

  it('waits for a call that was on its way in when the drain began', async () => {
    const registry = createRegistry();
    const leave = registry.reserve(id('late'));
    const drained = registry.drain(60_000);
    const session = createSession();
    registry.connect(id('late'), new FakeTransport(), () => session as unknown as CallSession);
    leave();
    await settled();
    assert.equal(session.isOver, false, 'it was cut off');
    session.close();
    await drained;
  });

  it('cuts off what is left when the time is over', async () => {
    const registry = createRegistry();
    const session = arrive(registry, 'a');
    await registry.drain(1);
    assert.ok(session.isOver);
  });
});
