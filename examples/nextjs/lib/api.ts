/** What the hooks ask of REST. A frontend with a client of its own keeps that, and gives the hooks what they need of it. */
import type { Appointment, InitAnswer, NotificationList, Snapshot, StatusAnswer, TokenAnswer } from "adelante-client";
import { tokens } from "./tokens";

export class RequestFailed extends Error {
  /** `status` 0: no answer. `retryAfter` in seconds. */
  constructor(
    readonly status: number,
    readonly code: string | null,
    message: string,
    readonly retryAfter: number | null = null,
  ) {
    super(message);
  }

  /** The same again would be refused again. A 401 is what remains after a refresh. */
  get isFinal(): boolean {
    return this.status >= 400 && this.status < 500 && ![408, 429].includes(this.status);
  }
}

const TIMEOUT = 15_000;

export class Api {
  #refreshing: Promise<string | null> | null = null;

  /** @param base such as `http://localhost:8000/api/v1` */
  constructor(readonly base: string) {}

  appointments(date: string): Promise<Snapshot<Appointment[]>> {
    return this.#list(`/appointments?date=${encodeURIComponent(date)}`);
  }

  notifications(): Promise<Snapshot<NotificationList>> {
    return this.#list("/notifications?perPage=50");
  }

  async markRead(id: string): Promise<void> {
    await this.ask("PATCH", `/notifications/${encodeURIComponent(id)}/read`);
  }

  async markAllRead(): Promise<void> {
    await this.ask("PATCH", "/notifications/read-all");
  }

  async removeNotification(id: string): Promise<void> {
    await this.ask("DELETE", `/notifications/${encodeURIComponent(id)}`);
  }

  async beginTelegram(salon?: number): Promise<InitAnswer> {
    return await json(await this.#send("POST", "/auth/telegram/init", null, salon === undefined ? {} : { salon }));
  }

  /** Takes the tokens of a completed login, once. */
  async takeTelegram(code: string): Promise<StatusAnswer & Partial<TokenAnswer>> {
    return await json(await this.#send("GET", `/auth/telegram/status/${encodeURIComponent(code)}`, null));
  }

  /** With the token, and with a fresh one if that is what is missing. */
  async ask(method: string, path: string, body?: object): Promise<Response> {
    const used = tokens.access();
    try {
      return await this.#send(method, path, used, body);
    } catch (error) {
      if (!(error instanceof RequestFailed) || error.status !== 401) throw error;
      const fresh = await this.refresh(used);
      if (!fresh) throw error;
      return await this.#send(method, path, fresh, body);
    }
  }

  /**
   * A new access token; null: the login ended, and the tokens are gone; a rejection: that cannot be known now. Calls share one
   * request, and take what another window, or the frontend's own client, has got meanwhile.
   */
  refresh(used: string | null = tokens.access()): Promise<string | null> {
    const stored = tokens.access();
    if (stored && stored !== used) return Promise.resolve(stored);
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }

  async #refresh(): Promise<string | null> {
    const used = tokens.refresh();
    if (!used) return null;
    try {
      const answer = await json<TokenAnswer>(await this.#send("POST", "/auth/refresh", null, { refresh_token: used }));
      if (tokens.refresh() !== used) return tokens.access();
      tokens.keep({ access_token: answer.access_token });
      return answer.access_token;
    } catch (error) {
      if (!(error instanceof RequestFailed) || ![401, 403, 404].includes(error.status)) throw error;
      if (tokens.refresh() === used) tokens.drop();
      return tokens.access();
    }
  }

  async #list<Rows>(path: string): Promise<Snapshot<Rows>> {
    const answer = await this.ask("GET", path);
    const [seq, epoch] = [answer.headers.get("X-Topic-Seq"), answer.headers.get("X-Topic-Epoch")];
    // Between pages of different origins the server has to allow that they are read: ALLOWED_ORIGINS.
    if (seq === null || epoch === null) throw new RequestFailed(0, null, "the answer tells no position");
    return { rows: await json<Rows>(answer), seq: Number(seq), epoch };
  }

  async #send(method: string, path: string, token: string | null, body?: object): Promise<Response> {
    const headers: Record<string, string> = {};
    if (token) headers.Authorization = `Bearer ${token}`;
    if (body) headers["Content-Type"] = "application/json";
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), TIMEOUT);
    const options = { method, headers, signal: limit.signal, cache: "no-store" as const, body: body && JSON.stringify(body) };
    const answer = await fetch(this.base + path, options)
      .catch((error) => {
        throw new RequestFailed(0, null, String(error));
      })
      .finally(() => clearTimeout(timer));
    if (answer.ok) return answer;
    const said = await answer.json().catch(() => ({}));
    const retryAfter = Number.parseInt(answer.headers.get("Retry-After") ?? "", 10);
    throw new RequestFailed(answer.status, said.code ?? null, said.message ?? `${answer.status}`, Number.isFinite(retryAfter) ? retryAfter : null);
  }
}

async function json<T>(answer: Response): Promise<T> {
  return (await answer.json()) as T;
}
