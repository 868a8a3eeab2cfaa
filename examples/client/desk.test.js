/** `node --test examples/client`: rooms and held slots against a scripted socket. */
import { afterEach, beforeEach, mock, test } from 'node:test';
import assert from 'node:assert/strict';
import { AdelanteClient } from './adelante-client.js';

class Socket {
  static all = [];
  readyState = 0;
  sent = [];

  constructor() { Socket.all.push(this); }
  send(text) { this.sent.push(JSON.parse(text)); }
  close() { this.readyState = 3; }
  open() { this.readyState = 1; this.onopen(); }
  say(frame) { this.onmessage?.({ data: JSON.stringify(frame) }); }
  end(code) { this.readyState = 3; this.onclose?.({ code, reason: '' }); }
  last(type) { return this.sent.filter((f) => f.type === type).at(-1); }
  all(type) { return this.sent.filter((f) => f.type === type); }
}

const flush = async () => { for (let i = 0; i < 8; i += 1) await null; };
const slot = { staffId: 4, date: '2026-05-18', startTime: '14:00', endTime: '15:00' };
const until = (seconds) => new Date(1_000_000 + seconds * 1000).toISOString();
const held = (fence, more = {}) => ({ ...slot, fence, userId: 1, name: 'Оксана', expiresAt: until(60), ...more });
const member = (connection, name = connection) => ({ connection, userId: 1, name, role: 'manager', since: until(0) });
const room = 'presence:day:1';

async function live() {
  const client = new AdelanteClient({ url: 'ws://host/ws', token: () => 'h.e30.s', refresh: async () => 'h.e30.s', WebSocket: Socket, random: () => 0 });
  client.connect();
  await flush();
  const socket = () => Socket.all.at(-1);
  socket().open();
  const again = async () => {
    socket().end(1006);
    mock.timers.tick(1);
    await flush();
    socket().open();
  };
  return { client, socket, again };
}

beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_000_000 });
  Socket.all = [];
});
afterEach(() => mock.timers.reset());

test('a room is known whole, then by its changes, and is entered again on a new line', async () => {
  const { client, socket, again } = await live();
  const seen = [];
  client.on('presence', ({ members }) => seen.push(members.map((m) => (m.you ? `${m.name}*` : m.name)).join()));
  client.enter('day:1', { at: '14:00' });
  assert.deepEqual({ ...socket().last('presence:enter'), id: 0 }, { type: 'presence:enter', room: 'day:1', state: { at: '14:00' }, id: 0 });
  socket().say({ type: 'subscribed', id: socket().last('presence:enter').id, topic: room });
  socket().say({ type: 'presence:members', topic: room, data: { members: [member('a')], you: 'a' } });
  socket().say({ type: 'presence:joined', topic: room, data: member('b') });
  socket().say({ type: 'presence:updated', topic: room, data: member('b', 'B') });
  socket().say({ type: 'presence:left', topic: room, data: { connection: 'a', userId: 1 } });
  socket().say({ type: 'presence:joined', topic: 'presence:other', data: member('c') });
  assert.deepEqual(seen, ['a*', 'a*,b', 'a*,B', 'B']);
  await again();
  assert.equal(socket().last('presence:enter').room, 'day:1');
  client.leave('day:1');
  assert.equal(socket().last('presence:leave').room, 'day:1');
  await again();
  assert.equal(socket().last('presence:enter'), undefined);
});

test('a room that is not to be had now is entered later; one that never is denied', async () => {
  const { client, socket } = await live();
  const denied = [];
  client.on('denied', (d) => denied.push(d));
  client.enter('day:1');
  socket().say({ type: 'error', id: socket().last('presence:enter').id, code: 'unavailable', message: '', retryAfter: 700 });
  mock.timers.tick(699);
  assert.equal(socket().all('presence:enter').length, 1);
  mock.timers.tick(1);
  assert.equal(socket().all('presence:enter').length, 2);
  socket().say({ type: 'error', id: socket().last('presence:enter').id, code: 'forbidden', message: '' });
  assert.deepEqual(denied, [{ topic: room, code: 'forbidden' }]);
});

test('a room that the server ends is denied once, and is not entered again', async () => {
  const { client, socket, again } = await live();
  const denied = [];
  client.on('denied', (d) => denied.push(d));
  client.enter('day:1');
  client.subscribe(room);
  socket().say({ type: 'subscribed', id: socket().last('presence:enter').id, topic: room });
  socket().say({ type: 'presence:members', topic: room, data: { members: [member('a'), member('b')], you: 'a' } });
  socket().say({ type: 'unsubscribed', topic: 'presence:day:2', code: 'forbidden' });
  assert.deepEqual(denied, []);
  socket().say({ type: 'unsubscribed', topic: room, code: 'forbidden' });
  socket().say({ type: 'presence:joined', topic: room, data: member('c') });
  assert.deepEqual([denied, client.desk.members('day:1')], [[{ topic: room, code: 'forbidden' }], []]);
  await again();
  assert.equal(socket().last('presence:enter'), undefined);
});

test('a hold is renewed at half its time, keeps its number on a new line, and is let go of once', async () => {
  const { client, socket, again } = await live();
  const promise = client.hold(slot);
  socket().say({ type: 'slot:held', id: socket().last('slot:hold').id, topic: 'appointments', data: held(17) });
  assert.equal((await promise).fence, 17);
  assert.deepEqual(client.desk.holds.map((h) => [h.fence, h.own]), [[17, true]]);
  mock.timers.tick(29_999);
  assert.equal(socket().all('slot:hold').length, 1);
  mock.timers.tick(1);
  assert.equal(socket().all('slot:hold').length, 2);
  await again();
  const { id, ...command } = socket().last('slot:hold');
  assert.deepEqual(command, { type: 'slot:hold', ...slot });
  socket().say({ type: 'slot:held', id, topic: 'appointments', data: held(17, { expiresAt: until(120) }) });
  client.release({ fence: 17 });
  assert.equal(socket().last('slot:release').fence, 17);
  socket().say({ type: 'slot:released', id: socket().last('slot:release').id, topic: 'appointments', data: { ...slot, fence: 17, reason: 'released' } });
  assert.deepEqual(client.desk.holds, []);
  mock.timers.tick(120_000);
  assert.equal(socket().all('slot:hold').length, 1);
});

test('a desk that does nothing any more does not go on holding', async () => {
  const { client, socket } = await live();
  let busy = true;
  client.hold(slot, { while: () => busy });
  socket().say({ type: 'slot:held', id: socket().last('slot:hold').id, topic: 'appointments', data: held(17) });
  busy = false;
  mock.timers.tick(30_000);
  assert.equal(socket().all('slot:hold').length, 1);
});

test('another time takes the place of the first; a slot let go of before the answer is let go of with it', async () => {
  const { client, socket } = await live();
  const first = client.hold(slot);
  socket().say({ type: 'slot:held', id: socket().last('slot:hold').id, topic: 'appointments', data: held(17) });
  const second = client.hold({ ...slot, startTime: '16:00', endTime: '17:00' }, { replacing: await first });
  assert.equal(socket().last('slot:hold').fence, 17);
  socket().say({ type: 'slot:held', id: socket().last('slot:hold').id, topic: 'appointments', data: held(18, { startTime: '16:00', endTime: '17:00' }) });
  assert.equal((await second).fence, 18);
  assert.deepEqual(client.desk.holds.map((h) => h.fence), [18]);
  // Refused: what it was to replace is still held, until it is let go of.
  const third = client.hold({ ...slot, startTime: '18:00', endTime: '19:00' }, { replacing: await second });
  socket().say({ type: 'error', id: socket().last('slot:hold').id, code: 'slot_held', message: '', hold: held(5) });
  await assert.rejects(third, { code: 'slot_held' });
  assert.deepEqual(client.desk.holds.map((h) => [h.fence, h.own]), [[18, true]]);
  client.release(await second);
  assert.equal(socket().last('slot:release').fence, 18);
  const fourth = client.hold(slot);
  client.release(slot);
  await assert.rejects(fourth, { name: 'HoldError', code: 'released' });
  assert.equal(socket().all('slot:release').length, 1);
  socket().say({ type: 'slot:held', id: socket().last('slot:hold').id, topic: 'appointments', data: held(19) });
  assert.equal(socket().last('slot:release').fence, 19);
});

test('what nobody was at any more is not held again on a new line; what was never answered is asked for', async () => {
  const { client, socket, again } = await live();
  const promise = client.hold(slot, { while: () => false });
  await again();
  socket().say({ type: 'slot:held', id: socket().last('slot:hold').id, topic: 'appointments', data: held(17) });
  assert.equal((await promise).fence, 17);
  await again();
  assert.equal(socket().last('slot:hold'), undefined);
  socket().say({ type: 'slot:held', topic: 'appointments', data: held(17) });
  assert.deepEqual(client.desk.holds.map((h) => h.own), [true], 'until the server ends it');
});

test('a hold that got another number on a new line is let go of by the number that the page knows', async () => {
  const { client, socket, again } = await live();
  const promise = client.hold(slot);
  socket().say({ type: 'slot:held', id: socket().last('slot:hold').id, topic: 'appointments', data: held(17) });
  await again();
  socket().say({ type: 'slot:held', id: socket().last('slot:hold').id, topic: 'appointments', data: held(21) });
  client.release(await promise);
  assert.equal(socket().last('slot:release').fence, 21);
});

test('who comes back to a slot before the first answer keeps it', async () => {
  const { client, socket } = await live();
  const other = { ...slot, startTime: '16:00', endTime: '17:00' };
  const promises = [slot, other].map((each) => {
    const promise = assert.rejects(client.hold(each), { code: 'released' });
    client.release(each);
    return promise;
  });
  const third = client.hold({ ...slot });
  const [first, second, last] = socket().all('slot:hold').map((command) => command.id);
  socket().say({ type: 'slot:held', id: first, topic: 'appointments', data: held(17) });
  socket().say({ type: 'slot:held', id: second, topic: 'appointments', data: held(18, other) });
  socket().say({ type: 'slot:held', id: last, topic: 'appointments', data: held(17) });
  await Promise.all(promises);
  assert.equal((await third).fence, 17);
  assert.deepEqual(socket().all('slot:release').map((command) => command.fence), [18]);
  assert.deepEqual(client.desk.holds.map((h) => [h.fence, h.own]), [[17, true]]);
});

test('what could not be replaced goes on: it is renewed, and held again on a new line', async () => {
  const { client, socket, again } = await live();
  const first = client.hold(slot);
  socket().say({ type: 'slot:held', id: socket().last('slot:hold').id, topic: 'appointments', data: held(17) });
  const second = client.hold({ ...slot, startTime: '16:00', endTime: '17:00' }, { replacing: await first });
  socket().say({ type: 'error', id: socket().last('slot:hold').id, code: 'slot_held', message: '', hold: held(5) });
  await assert.rejects(second, { code: 'slot_held' });
  mock.timers.tick(30_000);
  assert.deepEqual(socket().all('slot:hold').map((c) => c.startTime), ['14:00', '16:00', '14:00']);
  await again();
  assert.deepEqual(socket().all('slot:hold').map((c) => c.startTime), ['14:00']);
});

test('what was replaced by a slot that is let go of before the answer is held again', async () => {
  const { client, socket } = await live();
  const other = { ...slot, startTime: '16:00', endTime: '17:00' };
  const first = client.hold(slot);
  socket().say({ type: 'slot:held', id: socket().last('slot:hold').id, topic: 'appointments', data: held(17) });
  const second = assert.rejects(client.hold(other, { replacing: await first }), { code: 'released' });
  client.release(other);
  await second;
  socket().say({ type: 'slot:held', id: socket().last('slot:hold').id, topic: 'appointments', data: held(18, other) });
  assert.equal(socket().last('slot:release').fence, 18);
  socket().say({ type: 'slot:held', id: socket().last('slot:hold').id, topic: 'appointments', data: held(19) });
  assert.deepEqual(client.desk.holds.map((h) => [h.fence, h.own]), [[19, true]]);
  client.release(await first);
  assert.equal(socket().last('slot:release').fence, 19);
});

test('a line that breaks while one hold takes the place of another leaves one of them', async () => {
  const { client, socket, again } = await live();
  const first = client.hold(slot);
  socket().say({ type: 'slot:held', id: socket().last('slot:hold').id, topic: 'appointments', data: held(17) });
  const second = client.hold({ ...slot, startTime: '16:00', endTime: '17:00' }, { replacing: await first });
  await again();
  assert.deepEqual(socket().all('slot:hold').map((c) => [c.startTime, c.fence]), [['16:00', 17]]);
  socket().say({ type: 'slot:held', id: socket().last('slot:hold').id, topic: 'appointments', data: held(18, { startTime: '16:00', endTime: '17:00' }) });
  assert.equal((await second).fence, 18);
  await again();
  assert.deepEqual(socket().all('slot:hold').map((c) => [c.startTime, c.fence]), [['16:00', undefined]]);
});

test('a slot that another desk holds says whose it is; others come and go, and what nobody can say any more ends by itself', async () => {
  const { client, socket } = await live();
  const counts = [];
  client.on('holds', ({ holds }) => counts.push(holds.map((h) => `${h.fence}${h.own ? '*' : ''}`).join()));
  socket().say({ type: 'slot:held', topic: 'appointments', data: held(5) });
  socket().say({ type: 'slot:held', topic: 'appointments', data: held(6, { expiresAt: until(10) }) });
  const promise = client.hold(slot);
  socket().say({ type: 'error', id: socket().last('slot:hold').id, code: 'slot_held', message: '', hold: held(5) });
  await assert.rejects(promise, (e) => e.code === 'slot_held' && e.hold.fence === 5);
  socket().say({ type: 'slot:released', topic: 'appointments', data: { ...slot, fence: 5, reason: 'booked' } });
  mock.timers.tick(11_900);
  assert.deepEqual(counts, ['5', '5,6', '6']);
  mock.timers.tick(200);
  assert.deepEqual(counts, ['5', '5,6', '6', '']);
});

test('what is held is told anew behind a subscription', async () => {
  const { client, socket } = await live();
  client.subscribe('appointments');
  socket().say({ type: 'slot:held', topic: 'appointments', data: held(5) });
  socket().say({ type: 'subscribed', id: socket().last('subscribe').id, topic: 'appointments', seq: 3, epoch: 'e', recovered: true });
  assert.deepEqual(client.desk.holds, []);
  socket().say({ type: 'slot:held', topic: 'appointments', data: held(7) });
  assert.deepEqual(client.desk.holds.map((h) => h.fence), [7]);
  assert.equal(client.position('appointments').seq, 3);
});
