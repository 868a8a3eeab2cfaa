/** `node --test examples/js`: the schedule in memory and the geometry of a day, without a browser. */
import { beforeEach, test } from 'node:test';
import assert from 'node:assert/strict';

globalThis.location = new URL('http://salon.test/examples/calendar.html');
const { Store } = await import('./store.js');
const { freeTimes, lyingOn, overlapping, sheetHours } = await import('./layout.js');
const { keyPerBody } = await import('./api.js');

const DAY = '2026-05-18';
const visit = (version, more = {}) => ({ id: 1, version, date: DAY, startTime: '10:00', endTime: '11:00', staffId: 5, status: 'scheduled', clientName: 'Олена', ...more });
const event = (type, seq, data) => ({ type: `appointment:${type}`, seq, version: data.version, data });
const created = (seq, version) => event('created', seq, visit(version));
const updated = (seq, version) => event('updated', seq, visit(version));
const deleted = (seq) => event('deleted', seq, { id: 1, date: DAY, staffId: 5 });

let store;
beforeEach(() => { store = new Store(); });
const shown = () => store.visit(1)?.version ?? null;

/** What the server answers to the one list that is asked for. */
function serve(rows, position = { seq: 10, epoch: 'e' }) {
  const asked = [];
  globalThis.fetch = async (url) => {
    asked.push(Object.fromEntries(url.searchParams));
    return new Response(JSON.stringify(rows), { headers: { 'X-Topic-Seq': position.seq, 'X-Topic-Epoch': position.epoch } });
  };
  return asked;
}

test('an undo that was answered before the stream came back outlives the replay', () => {
  store.apply(created(1, 1));
  store.remove(1, 'own');
  store.put(visit(3), 'own');
  store.apply(deleted(2));
  store.apply(created(3, 3));
  assert.equal(shown(), 3);
});

test('a snapshot ahead of the stream keeps what was restored', async () => {
  serve([visit(4)]);
  await store.loadWeek(DAY);
  for (const old of [created(1, 1), deleted(2), created(3, 3), updated(4, 4)]) store.apply(old);
  assert.equal(shown(), 4);
});

test('events that are repeated from a lower position end where they ended before', () => {
  const all = [created(1, 1), updated(2, 2), deleted(3), created(4, 4), deleted(5)];
  for (const one of [...all, ...all]) store.apply(one);
  assert.equal(shown(), null);
  for (const one of all.slice(0, 4)) store.apply(one);
  assert.equal(shown(), 4);
});

test('what was deleted does not come back by a late answer or a late creation', () => {
  store.apply(created(1, 1));
  store.apply(updated(2, 2));
  store.apply(deleted(3));
  store.put(visit(2), 'own');
  assert.equal(shown(), null);

  store.put(visit(1, { id: 2 }), 'own');
  store.remove(2, 'own');
  store.apply(event('created', 4, visit(1, { id: 2 })));
  assert.equal(store.visit(2), null);
});

test('a visit that goes past midnight takes up time on the day after', async () => {
  const late = visit(1, { date: '2026-05-17', startTime: '22:30', endTime: '01:30' });
  const asked = serve([late, visit(1, { id: 2 })]);
  await store.loadWeek(DAY);
  assert.deepEqual(asked, [{ dateFrom: '2026-05-17', dateTo: '2026-05-24' }]);

  assert.deepEqual(store.on(DAY).map((v) => v.id), [2]);
  const day = store.during(DAY);
  assert.deepEqual(day.map((v) => [v.id, v.startTime, v.endTime]), [[1, '00:00', '01:30'], [2, '10:00', '11:00']]);
  assert.deepEqual(overlapping(day, { staffId: 5, start: 60, end: 120 }), late);
  assert.equal(overlapping(day, { staffId: 5, start: 90, end: 150 }), null);
  assert.deepEqual(freeTimes(day, [{ start: 0, end: 180 }], { staffId: 5, start: 30, length: 60 }), [90, 120]);
  assert.equal(sheetHours(null, [], day, DAY).start, 0);
});

test('only what takes place reaches past midnight, and midnight itself is not past it', () => {
  const late = { ...visit(1), startTime: '22:30', endTime: '01:30' };
  assert.equal(lyingOn(late, '2026-05-19').whole, late);
  assert.equal(lyingOn(late, '2026-05-20'), null);
  assert.equal(lyingOn({ ...late, status: 'cancelled' }, '2026-05-19'), null);
  assert.equal(lyingOn({ ...late, endTime: '00:00' }, '2026-05-19'), null);
});

test('the same words keep their key, others get another', () => {
  const keyOf = keyPerBody();
  const first = keyOf({ name: 'Олена' });
  assert.equal(keyOf({ name: 'Олена' }), first);
  assert.notEqual(keyOf({ name: 'Олеся' }), first);
});
