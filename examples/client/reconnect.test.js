/** When the client comes back: after its own delay, the server's, and when the platform wakes up. */
import { mock, test } from 'node:test';
import assert from 'node:assert/strict';
import { fullJitter } from './adelante-client.js';
import { Socket, everyTest, flush, live, make, pass } from './scripted-socket.js';

everyTest();

/** A page of a browser, for as long as the test runs. */
function asPage(t) {
  const listeners = new Set();
  class Target extends EventTarget {
    addEventListener(type, listener) { listeners.add(listener); super.addEventListener(type, listener); }
    removeEventListener(type, listener) { listeners.delete(listener); super.removeEventListener(type, listener); }
  }
  const target = new Target();
  const document = Object.assign(new Target(), { hidden: false });
  const names = { document, addEventListener: target.addEventListener.bind(target), removeEventListener: target.removeEventListener.bind(target) };
  const before = Object.fromEntries(Object.keys(names).map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]));
  for (const [name, value] of Object.entries(names)) Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  t.after(() => {
    for (const [name, was] of Object.entries(before)) was ? Object.defineProperty(globalThis, name, was) : delete globalThis[name];
  });
  return { document, listeners, fire: (type) => target.dispatchEvent(new Event(type)), look: () => document.dispatchEvent(new Event('visibilitychange')) };
}

test('full jitter is anywhere below a ceiling that doubles up to half a minute', () => {
  const ceiling = (attempt) => fullJitter(attempt, () => 1);
  assert.deepEqual([0, 1, 2, 3, 6, 50].map(ceiling), [500, 1_000, 2_000, 4_000, 30_000, 30_000]);
  assert.equal(fullJitter(3, () => 0), 0);
  const drawn = Array.from({ length: 500 }, () => fullJitter(4));
  assert.ok(Math.min(...drawn) < 2_000 && Math.max(...drawn) > 6_000);
});

test('the ceiling grows with every attempt that fails, and falls when a line has held', async () => {
  const { client, socket } = await live();
  const delays = [];
  for (let n = 0; n < 4; n += 1) {
    socket().end(1006);
    delays.push(client.retryAt - Date.now());
    mock.timers.tick(delays.at(-1));
    await flush();
  }
  assert.deepEqual(delays, [250, 500, 1_000, 2_000]);
  socket().open();
  socket().acknowledge(4);
  await pass(6, socket);
  socket().end(1006);
  assert.equal(client.retryAt - Date.now(), 250);
});

test('1012 waits as long as the server says, plus jitter, even if somebody looks at the page', async (t) => {
  const page = asPage(t);
  const { client, socket } = await live();
  socket().end(1012, '4000');
  assert.deepEqual([client.state, client.retryAt - Date.now()], ['waiting', 4_250]);
  mock.timers.tick(2_000);
  page.look();
  page.fire('online');
  await flush();
  assert.equal(Socket.all.length, 1);
  mock.timers.tick(2_250);
  await flush();
  assert.equal(Socket.all.length, 2);
});

test('who clicks on it need not wait', async () => {
  const { client, socket } = await live();
  socket().end(1012, '4000');
  client.retryNow();
  await flush();
  assert.equal(Socket.all.length, 2);
});

test('a cut line is made again at once when the network is back or the page is looked at', async (t) => {
  const page = asPage(t);
  const { socket } = await live();
  for (const wake of [() => page.fire('online'), () => page.look(), () => page.fire('pageshow')]) {
    const before = Socket.all.length;
    socket().end(1006);
    socket().end(1006);
    wake();
    await flush();
    assert.equal(Socket.all.length, before + 1);
    socket().open();
    socket().acknowledge(4);
  }
});

test('a page that is hidden probes nothing; an offline one asks its line', async (t) => {
  const page = asPage(t);
  const { client, socket } = await live();
  socket().pong();
  const pings = () => socket().all('ping').length;
  const before = pings();
  page.document.hidden = true;
  page.look();
  assert.equal(pings(), before);
  page.fire('offline');
  assert.equal(pings(), before + 1);
  mock.timers.tick(4_000);
  assert.equal(client.state, 'waiting');
});

test('a client that was closed listens to nothing any more', async (t) => {
  const page = asPage(t);
  const { client, socket } = await live();
  assert.notEqual(page.listeners.size, 0);
  client.close();
  assert.equal(page.listeners.size, 0);
  page.fire('online');
  page.look();
  await pass(60);
  assert.deepEqual([Socket.all.length, client.state, socket().readyState], [1, 'idle', 3]);
  client.connect();
  await flush();
  assert.equal(Socket.all.length, 2);
});

test('a handshake that nobody answers is given up', async () => {
  const { client, socket } = await live();
  socket().end(1006);
  mock.timers.tick(250);
  await flush();
  const before = Socket.all.length;
  mock.timers.tick(12_000);
  assert.equal(client.state, 'waiting');
  await pass(2);
  assert.equal(Socket.all.length, before + 1);
});

test('an address that no socket takes is tried again, not thrown at the page', async () => {
  const { client } = make({ WebSocket: class { constructor() { throw new SyntaxError('no'); } } });
  client.connect();
  await flush();
  assert.equal(client.state, 'waiting');
});
