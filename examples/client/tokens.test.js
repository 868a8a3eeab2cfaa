/** How the client keeps its token: before its end, after it, over sleep, and by a clock that is wrong. */
import { mock, test } from 'node:test';
import assert from 'node:assert/strict';
import { Socket, everyTest, flush, live, make, pass, refresh, token, world } from './scripted-socket.js';

everyTest();

test('4401 refreshes the token, then connects with the new one', async () => {
  const { socket } = await live();
  socket().end(4401);
  await flush();
  mock.timers.tick(500);
  await flush();
  assert.equal(world.refreshed, 1);
  assert.equal(socket().protocols[1], `bearer.${world.token}`);
  assert.equal(Socket.all.length, 2);
});

test('the token is refreshed a minute before its end, on the live line', async () => {
  world.token = token(1_000 + 600);
  const { client, socket } = await live();
  socket().pong();
  await pass(539, socket);
  assert.equal(world.refreshed, 0);
  await pass(2, socket);
  assert.deepEqual([world.refreshed, client.counters.refreshes], [1, 1]);
  assert.equal(socket().last('auth').token, world.token);
  assert.equal(Socket.all.length, 1);
});

test('4500 and a refused refresh end at the login page, and nothing is tried again', async () => {
  const one = await live();
  one.socket().end(4500);
  assert.deepEqual([one.client.state, one.client.why], ['stopped', 'login']);
  const two = await live({ refresh: async () => null });
  two.socket().end(4401);
  await flush();
  assert.deepEqual([two.client.state, two.client.why], ['stopped', 'login']);
  const before = Socket.all.length;
  two.client.probe();
  two.client.retryNow();
  await pass(120);
  assert.equal(Socket.all.length, before);
});

test('a refresh that cannot be made now is tried again, with jitter', async () => {
  let away = true;
  const { client, socket } = await live({ refresh: async () => { if (away) throw new Error('offline'); return refresh(); } });
  socket().end(4401);
  await flush();
  assert.deepEqual([client.state, client.retryAt - Date.now()], ['waiting', 1_000]);
  await pass(3);
  away = false;
  await pass(8);
  assert.deepEqual([client.counters.refreshes, world.refreshed, Socket.all.length], [4, 1, 2]);
  assert.equal(socket().protocols[1], `bearer.${world.token}`);
});

test('a token that has ended is refreshed before the handshake, so that no 4401 is needed', async () => {
  world.token = token(1_000 - 5);
  const { client, socket } = make();
  client.connect();
  await flush();
  assert.equal(world.refreshed, 1);
  assert.deepEqual(socket().protocols, ['adelante.v1', `bearer.${world.token}`]);
});

test('whoever asks for a new token meanwhile shares the request', async () => {
  let done;
  let asked = 0;
  const { client, socket } = await live({ refresh: () => { asked += 1; return new Promise((resolve) => { done = resolve; }); } });
  socket().end(4401);
  client.close();
  client.connect();
  await flush();
  world.token = token(99_999, 7);
  done(world.token);
  await flush();
  mock.timers.tick(1_000);
  await flush();
  assert.equal(asked, 1);
  assert.equal(Socket.all.length, 2);
});

test('an own clock that is an hour wrong neither refreshes early nor misses the end', async () => {
  for (const ahead of [-3_600_000, 3_600_000]) {
    Object.assign(world, { refreshed: 0, ahead });
    const end = (Date.now() + ahead) / 1000 + 600;
    world.token = token(end);
    // An own clock that runs ahead cannot know better before the first pong: it may refresh once too often, no more.
    const { client, socket } = await live({ refresh: async () => { world.refreshed += 1; world.token = token(end, world.refreshed); return world.token; } });
    const atOnce = world.refreshed;
    assert.ok(atOnce <= (ahead < 0 ? 1 : 0), `${atOnce} refreshes with the server ${ahead} ms ahead`);
    socket().pong();
    assert.ok(Math.abs(client.clock.offset - ahead) < 1, `offset ${client.clock.offset}`);
    await pass(539, socket);
    assert.equal(world.refreshed, atOnce);
    await pass(2, socket);
    assert.equal(world.refreshed, atOnce + 1);
    client.close();
  }
});

test('the delay of an event is told by the server\'s clock', async () => {
  world.ahead = 3_600_000;
  const { client, socket } = await live();
  const delays = [];
  client.on('event', (e) => delays.push(e.latency));
  socket().pong();
  socket().event(5);
  assert.deepEqual(delays, [0]);
});

test('after a sleep over the token\'s end the line is probed, found dead and made again with a new token', async () => {
  world.token = token(1_000 + 600);
  const { client, socket } = await live();
  socket().pong();
  const pings = socket().all('ping').length;
  // The machine slept for an hour: its clock went on, its timers did not.
  world.set += 3_600_000;
  world.ahead += 3_600_000;
  mock.timers.tick(5_000);
  assert.equal(socket().all('ping').length, pings + 1);
  assert.equal(client.state, 'live');
  mock.timers.tick(4_000);
  assert.equal(client.state, 'waiting');
  mock.timers.tick(1_000);
  await flush();
  assert.equal(world.refreshed, 1);
  assert.equal(Socket.all.length, 2);
  assert.equal(socket().protocols[1], `bearer.${world.token}`);
});

test('after a sleep that the line survived the token\'s end is planned anew', async () => {
  world.token = token(1_000 + 4_000);
  const { socket } = await live();
  socket().pong();
  world.set += 3_350_000;
  world.ahead += 3_350_000;
  await pass(5, socket);
  assert.equal(world.refreshed, 0);
  await pass(600, socket);
  assert.equal(world.refreshed, 1);
  assert.equal(Socket.all.length, 1);
});

test('an own clock that is set tells the right time again with the next pong', async () => {
  const { client, socket } = await live();
  socket().pong();
  await pass(60, socket);
  world.set = -7_200_000;
  await pass(6, socket);
  assert.equal(client.clock.offset, 7_200_000);
});

test('an exchange during which the own clock is set tells no time', async () => {
  const { client, socket } = await live();
  world.set = 7_200_000;
  mock.timers.tick(5_000);
  socket().pong();
  assert.equal(client.clock.offset, 0);
  await pass(20, socket);
  assert.equal(client.clock.offset, -7_200_000);
});

test('a fresh token that could not be taken is brought again', async () => {
  const { client, socket } = await live();
  world.token = token(99_999, 5);
  client.tokenChanged();
  socket().refuse('auth', 'unavailable', { retryAfter: 2_000 });
  mock.timers.tick(1_999);
  assert.equal(socket().all('auth').length, 1);
  mock.timers.tick(1);
  assert.deepEqual(socket().all('auth').map((f) => f.token), [world.token, world.token]);
});

test('a token that came during the handshake is told on the open line', async () => {
  const { client, socket } = make();
  client.connect();
  await flush();
  world.token = token(99_999, 3);
  client.tokenChanged();
  assert.equal(socket().sent.length, 0);
  socket().open();
  assert.equal(socket().last('auth').token, world.token);
});

test('without `refresh` the page brings the next token, and a line that ends before it does ends at the login page', async () => {
  const { client, socket } = await live({ refresh: undefined });
  world.token = token(99_999, 1);
  socket().end(4401);
  await flush();
  mock.timers.tick(1_000);
  await flush();
  assert.equal(socket().protocols[1], `bearer.${world.token}`);
  socket().open();
  socket().end(4401);
  await flush();
  assert.deepEqual([client.state, client.why], ['stopped', 'login']);
});
