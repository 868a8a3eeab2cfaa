/** The REST calls that the pages make. */
import { API } from './config.js';
import { session } from './session.js';
import { language } from './i18n.js';
import { retryAfterOf } from './http.js';

export class ApiError extends Error {
  /** `status` 0: no answer came. `body` is the whole error object, `retryAfter` the seconds of the header of that name. */
  constructor(status, body, retryAfter = null) {
    super(body?.message ?? body?.detail ?? '');
    this.status = status;
    this.code = body?.code ?? '';
    this.fields = body?.fields ?? {};
    this.body = body ?? {};
    this.retryAfter = retryAfter;
  }

  get isOffline() { return this.status === 0; }
}

/** Names one attempt to write, so that a repeated request is done once. Needs no secure context. */
export function idempotencyKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
}

/** A key for each body: the same words keep theirs, so that a repeat after a lost answer is done once; others are another intention. */
export function keyPerBody() {
  let key = null;
  let sent = null;
  return (body) => {
    const text = JSON.stringify(body);
    if (text !== sent) [key, sent] = [idempotencyKey(), text];
    return key;
  };
}

async function send(method, path, { body, headers = {}, query } = {}) {
  const url = new URL(API + path);
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== null) url.searchParams.set(name, value);
  }
  const all = { 'Accept-Language': language.code, ...headers };
  if (session.token) all.Authorization = `Bearer ${session.token}`;
  if (body !== undefined) all['Content-Type'] = 'application/json';
  try {
    return await fetch(url, { method, headers: all, body: body === undefined ? undefined : JSON.stringify(body),
      cache: 'no-store', signal: AbortSignal.timeout(15_000) });
  } catch {
    throw new ApiError(0, null);
  }
}

async function call(method, path, options) {
  let response = await send(method, path, options);
  if (response.status === 401) {
    const token = await session.refresh().catch(() => { throw new ApiError(0, null); });
    if (!token) throw new ApiError(401, await response.json().catch(() => null));
    response = await send(method, path, options);
  }
  const text = await response.text().catch(() => { throw new ApiError(0, null); });
  let answer = null;
  try { answer = text ? JSON.parse(text) : null; } catch { /* a proxy's page, for instance */ }
  if (!response.ok) throw new ApiError(response.status, answer, retryAfterOf(response));
  return { answer, headers: response.headers };
}

const answerOf = async (promise) => (await promise).answer;
const ifMatch = (version) => (version ? { 'If-Match': `"${version}"` } : {});

function positionOf(headers) {
  const seq = headers.get('X-Topic-Seq');
  return seq === null ? null : { seq: Number(seq), epoch: headers.get('X-Topic-Epoch') };
}

export const api = {
  me: () => answerOf(call('GET', '/auth/me')),
  /** What the calendar is drawn in, for every role: `{ salon, staff }`. */
  frame: () => answerOf(call('GET', '/appointments/calendar')),
  services: () => answerOf(call('GET', '/services')),

  /** @returns {{rows, position}} the visits of these days and where in the stream they were read */
  async appointments(dateFrom, dateTo) {
    const { answer, headers } = await call('GET', '/appointments', { query: { dateFrom, dateTo } });
    return { rows: answer, position: positionOf(headers) };
  },
  appointment: (id) => answerOf(call('GET', `/appointments/${id}`)),
  book: (visit, key) => answerOf(call('POST', '/appointments', { body: visit, headers: { 'Idempotency-Key': key } })),
  change: (id, fields, version) => answerOf(call('PUT', `/appointments/${id}`, { body: fields, headers: ifMatch(version) })),
  remove: (id) => answerOf(call('DELETE', `/appointments/${id}`)),
  restore: (id, key) => answerOf(call('POST', `/appointments/${id}/restore`, { headers: { 'Idempotency-Key': key } })),

  findClients: (search) => answerOf(call('GET', '/clients', { query: { search, perPage: 8 } })),
  addClient: (client, key) => answerOf(call('POST', '/clients', { body: client, headers: { 'Idempotency-Key': key } })),

  async notifications() {
    const { answer, headers } = await call('GET', '/notifications', { query: { page: 1, perPage: 30 } });
    return { ...answer, position: positionOf(headers) };
  },
  readNotification: (id) => answerOf(call('PATCH', `/notifications/${id}/read`)),
  readAllNotifications: () => answerOf(call('PATCH', '/notifications/read-all')),
  removeNotification: (id) => answerOf(call('DELETE', `/notifications/${id}`)),

  /** @returns `{auth_code, bot_username, deep_link, qr_code, expires_in, match_number?}` */
  beginTelegramLogin: (salon) => answerOf(call('POST', '/auth/telegram/init', { body: salon ? { salon } : {} })),
  /** @returns `{link_code, bot_username, deep_link, qr_code, expires_in}` */
  beginTelegramLink: () => answerOf(call('POST', '/auth/telegram/link')),
  unlinkTelegram: () => answerOf(call('DELETE', '/auth/telegram/link')),
};
