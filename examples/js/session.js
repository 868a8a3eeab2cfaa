/** Who is signed in at this desk: the tokens' only owner. */
import { API, DESK, SALON } from './config.js';
import { durable, ofWindow } from './storage.js';
import { language } from './i18n.js';
import { retryAfterOf } from './http.js';

/** The salon whose people sign in here, for those who are new to it. */
const SALON_KEY = 'adelante:salon';
const KEY = `adelante:session${DESK ? `:${DESK}` : ''}`;
let current = (DESK ? null : ofWindow.get(KEY)) ?? durable.get(KEY);
let refreshing = null;
const listeners = new Set();

const tell = (what) => listeners.forEach((listener) => listener(what));

function keep(session, remember = true) {
  current = session;
  // A window keeps its own copy, so that a later login in another window does not change who this one is.
  if (!DESK) {
    ofWindow.set(KEY, session);
    durable.set(SALON_KEY, session.user.salon_id);
  }
  if (remember) durable.set(KEY, session);
}

function forget() {
  const mine = current?.refresh_token;
  current = null;
  ofWindow.remove(KEY);
  if (durable.get(KEY)?.refresh_token === mine) durable.remove(KEY);
}

async function ask(method, path, { body, token } = {}) {
  const headers = { 'Accept-Language': language.code };
  if (body) headers['Content-Type'] = 'application/json';
  if (token) headers.Authorization = `Bearer ${token}`;
  const response = await fetch(API + path, { method, headers, body: body && JSON.stringify(body), cache: 'no-store', signal: AbortSignal.timeout(15_000) });
  const answer = await response.json().catch(() => null);
  return { ok: response.ok, status: response.status, retryAfter: retryAfterOf(response), answer };
}

/** For logins: what is not an answer in the 200s is thrown as `{status, code, message, retryAfter}`; status 0 without an answer. */
async function answered(method, path, options) {
  let result;
  try {
    result = await ask(method, path, options);
  } catch {
    throw { status: 0 };
  }
  if (!result.ok || !result.answer) throw { status: result.status, code: result.answer?.code, message: result.answer?.message, retryAfter: result.retryAfter };
  return result.answer;
}

export const session = {
  get user() { return current?.user ?? null; },
  get token() { return current?.access_token ?? null; },

  /** `listener('token' | 'ended')` */
  onChange(listener) { listeners.add(listener); },

  /** @throws {{status, code, message}} what the server said; status 0 without an answer */
  async login(email, password, remember = true) {
    keep(await answered('POST', '/auth/login', { body: { email: email.trim(), password } }), remember);
    return current.user;
  },

  /**
   * A login through Telegram is completed: takes its tokens, which are handed over once.
   * @returns {{status, reason?}|null} what the login came to instead; null: signed in
   * @throws as `login`
   */
  async takeTelegram(code, remember = true) {
    const { status, reason, ...tokens } = await answered('GET', `/auth/telegram/status/${code}`);
    if (!tokens.access_token) return { status, reason };
    keep(tokens, remember);
    return null;
  },

  /** Of the last one who signed in by this browser, unless the address names one. */
  get salon() { return SALON ?? durable.get(SALON_KEY); },
  forgetSalon() { durable.remove(SALON_KEY); },

  /** A new access token; null when the session is over; rejects when that cannot be known now. Calls share one request. */
  refresh() {
    refreshing ??= (async () => {
      if (!current?.refresh_token) return null;
      const used = current.refresh_token;
      const { ok, status, answer } = await ask('POST', '/auth/refresh', { body: { refresh_token: used } });
      if (current?.refresh_token !== used) return current?.access_token ?? null;
      if (ok) {
        const remembered = durable.get(KEY)?.refresh_token === used;
        keep({ ...current, access_token: answer.access_token }, remembered);
        tell('token');
        return current.access_token;
      }
      if (status === 401 || status === 403 || status === 404) {
        this.end();
        return null;
      }
      throw new Error(`refresh: ${status}`);
    })().finally(() => { refreshing = null; });
    return refreshing;
  },

  async logout() {
    const token = current?.access_token;
    forget();
    await ask('POST', '/auth/logout', { token }).catch(() => {});
  },

  /** The server ended it. */
  end() {
    if (!current) return;
    forget();
    tell('ended');
  },
};

/** Masters read; the three desk roles write. */
export const mayWrite = () => ['admin', 'manager', 'receptionist'].includes(current?.user?.role);
export const mayOverlap = () => ['admin', 'manager'].includes(current?.user?.role);
export const seesPhones = () => current?.user?.role !== 'master';
