/** `node --test examples/js`: when an open form asks to hold its time. */
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { SlotKeeper } from './desks/slot-keeper.js';

const slot = { staffId: 4, date: '2026-05-18', startTime: '14:00', endTime: '15:00' };
const flush = async () => { for (let i = 0; i < 8; i += 1) await null; };

test('a hold that lapsed is asked for again by the first key, and once', async () => {
  const keys = [];
  globalThis.document = { addEventListener: (type, listener) => type === 'keydown' && keys.push(listener), removeEventListener() {} };
  const asked = [];
  const released = [];
  const client = {
    desk: { holds: [] },
    on: () => () => {},
    hold: (...what) => new Promise((resolve) => asked.push({ what, resolve })),
    release: (what) => released.push(what),
  };
  const keeper = new SlotKeeper(client, () => {});
  keeper.want(slot);
  asked[0].resolve({ fence: 17 });
  await flush();
  keys[0]();
  keys[0]();
  assert.deepEqual(asked.map(({ what }) => [what[0], what[1].replacing]), [[slot, undefined], [slot, { fence: 17 }]]);
  assert.deepEqual(released, []);
  keeper.close();
  assert.deepEqual(released, [slot, { fence: 17 }]);
  delete globalThis.document;
});
