/** `node --test examples/js`: a login through Telegram against a scripted socket, with the clock in hand. */
import { afterEach, beforeEach, mock, test } from 'node:test';
import assert from 'node:assert/strict';
import { TelegramLogin } from './telegram/login.js';

class Socket {
  static all = [];
  readyState = 0;
  sent = [];

  constructor() { Socket.all.push(this); }
  send(text) { this.sent.push(JSON.parse(text)); }
  close() { this.readyState = 3; }
  open() { this.readyState = 1; this.onopen(); }
  end(code) { this.readyState = 3; this.onclose?.({ code, reason: '' }); }
  /** Says where the code that was asked for last stands. */
  tell(status, more = {}) {
    const { id, topic } = this.sent.findLast((frame) => frame.type === 'subscribe');
    for (const frame of [{ type: 'subscribed', id, topic }, { type: 'telegram:status', topic, data: { status, ...more } }]) this.onmessage?.({ data: JSON.stringify(frame) });
  }
}

const flush = async () => { for (let i = 0; i < 8; i += 1) await null; };
const socket = () => Socket.all.at(-1);

/** A login whose server answers what `answers` says; `calls` is what it was asked for. */
function make(answers = {}) {
  const calls = [];
  const phases = [];
  let kept = answers.kept ?? null;
  let begun = 0;
  const login = new TelegramLogin({
    begin: async () => { calls.push('begin'); begun += 1; return answers.begin ? answers.begin() : { auth_code: `code-${begun}`, expires_in: 300 }; },
    take: async (code, remember) => { calls.push(`take ${code} ${remember}`); return answers.take ? answers.take() : null; },
    kept: { get: () => kept, set: (login) => { kept = login; }, remove: () => { kept = null; } },
    client: { url: 'ws://host/ws', WebSocket: Socket, random: () => 0.5 },
  });
  login.addEventListener('change', ({ detail }) => phases.push(detail.status ?? detail.phase));
  return { login, calls, phases, kept: () => kept };
}

async function waiting(answers) {
  const all = make(answers);
  await all.login.start({ remember: false });
  socket().open();
  socket().tell('pending', { expires_in: 300 });
  return all;
}

beforeEach(() => { mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_000_000 }); Socket.all = []; });
afterEach(() => mock.timers.reset());

test('nothing is asked for until it is completed, then the tokens are, once', async () => {
  const { login, calls, kept } = await waiting();
  assert.deepEqual(socket().sent.filter((f) => f.type === 'subscribe').map((f) => f.topic), ['telegram:code-1']);
  socket().tell('confirmed', { expires_in: 290 });
  assert.deepEqual([login.state.status, login.state.expiresAt, calls], ['confirmed', 1_290_000, ['begin']]);
  assert.equal(kept().begun.auth_code, 'code-1');
  socket().tell('completed', { expires_in: 60 });
  await flush();
  assert.deepEqual([login.state.phase, calls, kept()], ['entered', ['begin', 'take code-1 false'], null]);
  assert.equal(socket().readyState, 3);
});

test('a line that is made again tells no state twice', async () => {
  const { login, phases } = await waiting();
  socket().tell('confirmed', { expires_in: 290 });
  socket().end(1006);
  assert.equal(login.state.live, false);
  mock.timers.tick(1_000);
  await flush();
  socket().open();
  socket().tell('confirmed', { expires_in: 289 });
  assert.deepEqual([login.state.live, login.state.status, Socket.all.length], [true, 'confirmed', 2]);
  assert.equal(phases.at(-1), 'confirmed');
  socket().tell('cancelled', { reason: 'user' });
  assert.deepEqual(login.state, { phase: 'over', status: 'cancelled', reason: 'user', before: 'confirmed' });
});

test('again takes another code', async () => {
  const { login, calls } = await waiting();
  socket().tell('expired');
  assert.equal(login.state.phase, 'over');
  await login.again();
  assert.deepEqual([login.state.begun.auth_code, calls], ['code-2', ['begin', 'begin']]);
});

test('tokens that could not be fetched are asked for again, for the same code', async () => {
  let away = true;
  const { login, calls } = await waiting({ take: () => { if (away) throw { status: 503 }; return null; } });
  socket().tell('completed', { expires_in: 60 });
  await flush();
  assert.equal(login.state.phase, 'failed');
  away = false;
  await login.again();
  assert.deepEqual([login.state.phase, calls], ['entered', ['begin', 'take code-1 false', 'take code-1 false']]);
});

test('tokens that somebody has taken leave nothing', async () => {
  const { login } = await waiting({ take: () => ({ status: 'expired' }) });
  socket().tell('completed', { expires_in: 60 });
  await flush();
  assert.deepEqual([login.state.phase, login.state.status], ['over', 'expired']);
});

test('a page whose line is lost does not wait for the end for ever', async () => {
  const { login } = await waiting();
  socket().end(1006);
  mock.timers.tick(302_999);
  assert.equal(login.state.phase, 'waiting');
  mock.timers.tick(1);
  assert.deepEqual([login.state.phase, login.state.status], ['over', 'expired']);
});

test('after a reload it goes on with its code, unless that is over', async () => {
  const { kept, login: before } = await waiting();
  const held = kept();
  before.leave();
  assert.equal(kept(), null);
  const { login, calls } = make({ kept: held });
  login.resume();
  assert.deepEqual([login.state.begun.auth_code, calls], ['code-1', []]);
  socket().open();
  socket().tell('completed', { expires_in: 20 });
  await flush();
  assert.deepEqual(calls, ['take code-1 false']);
  mock.timers.tick(300_000);
  const late = make({ kept: held });
  late.login.resume();
  assert.deepEqual([late.login.state.phase, late.kept()], ['idle', null]);
});

test('an answer to what was left already changes nothing', async () => {
  let answer;
  const { login } = make({ begin: () => new Promise((resolve) => { answer = resolve; }) });
  const start = login.start();
  login.leave();
  answer({ auth_code: 'late', expires_in: 300 });
  await start;
  assert.deepEqual([login.state.phase, Socket.all.length], ['idle', 0]);
});

test('a refusal says until when, and a server without a bot is known for one', async () => {
  const often = make({ begin: () => { throw { status: 429, retryAfter: 40 }; } });
  await often.login.start();
  assert.deepEqual([often.login.state.phase, often.login.state.retryAt, often.login.isDisabled], ['failed', 1_040_000, false]);
  const none = make({ begin: () => { throw { status: 503, code: 'TELEGRAM_DISABLED' }; } });
  await none.login.start();
  assert.equal(none.login.isDisabled, true);
});
