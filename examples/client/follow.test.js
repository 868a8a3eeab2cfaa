/** Lists that are kept live: any number on one topic, whenever their snapshots come. */
import { mock, test } from 'node:test';
import assert from 'node:assert/strict';
import { follow } from './adelante-client.js';
import { Socket, everyTest, flush, make, pass } from './scripted-socket.js';

everyTest();

/** A list whose loads the test answers. */
function list(client, more = {}) {
  const shown = { rows: null, seqs: [], loads: [], errors: [] };
  const load = () => new Promise((resolve, reject) => shown.loads.push({ resolve, reject }));
  shown.handle = follow(client, 'appointments', {
    load,
    snapshot: (rows) => Object.assign(shown, { rows, seqs: [] }),
    event: (e) => shown.seqs.push(e.seq ?? e.type),
    failed: (error) => { shown.errors.push(error.message); },
    ...more,
  });
  shown.answer = async (seq, epoch = 'e') => { shown.loads.shift().resolve({ rows: `at ${seq}`, seq, epoch }); await flush(); };
  return shown;
}

async function open() {
  const { client, socket } = make();
  client.connect();
  await flush();
  socket().open();
  return { client, socket };
}

test('a list is its snapshot and what comes behind it', async () => {
  const { client, socket } = await open();
  const one = list(client);
  await one.answer(4);
  assert.equal(socket().last('subscribe').since, 4);
  socket().acknowledge(5);
  socket().event(5);
  socket().event(6);
  assert.deepEqual([one.rows, one.seqs], ['at 4', [5, 6]]);
});

test('what comes while a second list loads is in its snapshot or behind it, never both', async () => {
  const { client, socket } = await open();
  const one = list(client);
  await one.answer(4);
  socket().acknowledge(4);
  const two = list(client);
  for (const seq of [5, 6, 7]) socket().event(seq);
  await two.answer(6);
  socket().event(8);
  assert.deepEqual([one.seqs, two.rows, two.seqs], [[5, 6, 7, 8], 'at 6', [7, 8]]);
  assert.equal(socket().all('subscribe').length, 1);
});

test('a list whose older snapshot comes later gets what the stream had left out', async () => {
  const { client, socket } = await open();
  const [late, soon] = [list(client), list(client)];
  await soon.answer(12);
  socket().acknowledge(12);
  socket().event(13);
  await late.answer(10);
  assert.equal(socket().last('subscribe').since, 10);
  socket().event(14); // of the old subscription
  socket().acknowledge(14);
  for (const seq of [11, 12, 13, 14]) socket().event(seq);
  assert.deepEqual([late.rows, late.seqs, soon.seqs], ['at 10', [11, 12, 13, 14], [13, 14]]);
});

test('events that are lost for good make every list load anew', async () => {
  const { client, socket } = await open();
  const [one, two] = [list(client), list(client)];
  await one.answer(4);
  socket().acknowledge(4);
  await two.answer(4);
  socket().say({ type: 'subscribed', topic: 'appointments', seq: 50, epoch: 'f', recovered: false });
  socket().event(51);
  await one.answer(50, 'f');
  await two.answer(51, 'f');
  socket().event(52);
  assert.deepEqual([one.rows, one.seqs, two.rows, two.seqs], ['at 50', [51, 52], 'at 51', [52]]);
  assert.equal(socket().all('subscribe').length, 1);
});

test('only the answer of the last load counts', async () => {
  const { client, socket } = await open();
  const one = list(client);
  one.handle.reload();
  const [first, second] = one.loads.splice(0);
  second.resolve({ rows: 'new', seq: 7, epoch: 'e' });
  await flush();
  first.resolve({ rows: 'old', seq: 3, epoch: 'e' });
  await flush();
  assert.deepEqual([one.rows, socket().last('subscribe').since], ['new', 7]);
});

test('a load that fails is tried again, at once when the line is back', async () => {
  const { client, socket } = make();
  const one = list(client);
  one.loads.shift().reject(new Error('offline'));
  await flush();
  assert.deepEqual([one.errors, one.loads.length], [['offline'], 0]);
  client.connect();
  await flush();
  socket().open();
  assert.equal(one.loads.length, 1);
  one.loads.shift().reject(new Error('busy'));
  await pass(3, socket);
  assert.deepEqual([one.errors, one.loads.length], [['offline', 'busy'], 1]);
});

test('a failure that is final is not tried again', async () => {
  const { client, socket } = await open();
  const one = list(client, { failed: () => false });
  one.loads.shift().reject(new Error('403'));
  await pass(60, socket);
  assert.equal(one.loads.length, 0);
});

test('a topic that may not be read any more is told, and not loaded again', async () => {
  const { client, socket } = await open();
  const one = list(client);
  await one.answer(4);
  socket().acknowledge(4);
  socket().say({ type: 'unsubscribed', topic: 'appointments', code: 'forbidden' });
  await pass(60, socket);
  assert.deepEqual([one.errors, one.loads.length], [['appointments: forbidden'], 0]);
});

test('what has no number goes by, in its place', async () => {
  const { client, socket } = await open();
  const one = list(client);
  await one.answer(4);
  socket().acknowledge(4);
  one.handle.reload();
  socket().event(5);
  socket().say({ type: 'slot:held', topic: 'appointments', data: {} });
  await one.answer(4);
  assert.deepEqual(one.seqs, [5, 'slot:held']);
});

test('the last list that stops ends the subscription, and one that begins again takes it up', async () => {
  const { client, socket } = await open();
  const [one, two] = [list(client), list(client)];
  await one.answer(4);
  socket().acknowledge(4);
  await two.answer(4);
  one.handle.stop();
  one.handle.stop();
  socket().event(5);
  assert.deepEqual([one.seqs, two.seqs, socket().all('unsubscribe').length], [[], [5], 0]);
  two.handle.stop();
  assert.equal(socket().all('unsubscribe').length, 1);
  const three = list(client);
  await three.answer(5);
  assert.equal(socket().last('subscribe').since, 5);
  socket().acknowledge(6);
  socket().event(6);
  assert.deepEqual([three.seqs, Socket.all.length], [[6], 1]);
});

test('a list that stops while it loads leaves nothing behind', async () => {
  const { client, socket } = await open();
  const one = list(client);
  one.handle.stop();
  await one.answer(4);
  await pass(60, socket);
  assert.deepEqual([one.rows, socket().last('subscribe'), one.loads.length], [null, undefined, 0]);
});
