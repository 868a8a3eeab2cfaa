/** A login through Telegram, from the wish to the tokens, without a look of its own. */
import { CodeWatch } from './code-watch.js';

/**
 * `state.phase`:
 *   idle      nobody has asked
 *   starting  a code is asked for
 *   waiting   {begun, expiresAt, status, live}: the person is busy in Telegram
 *   taking    {begun}: confirmed; the tokens are being taken
 *   entered   the session has the tokens
 *   over      {status, reason, before}: it came to nothing; `before` is the status that went before
 *   failed    {error, retryAt}: the server could not be asked, or refused; `error` {status, code, message, retryAfter?}
 * Fires `change` with it.
 */
export class TelegramLogin extends EventTarget {
  #parts;
  #watch = null;
  #turn = 0;
  #remember = true;
  #code = null;

  /**
   * @param {object} parts
   * @param {() => Promise<object>} parts.begin asks for a code: the answer of `init`
   * @param {(code: string, remember: boolean) => Promise<object|null>} parts.take as `session.takeTelegram`
   * @param {{get, set, remove}} parts.kept holds a login over a reload: telephones drop pages that are not looked at
   * @param {object} parts.client options of the realtime client
   */
  constructor(parts) {
    super();
    this.#parts = parts;
    this.state = { phase: 'idle' };
    /** The server has no bot. */
    this.isDisabled = false;
  }

  async start({ remember = this.#remember } = {}) {
    const turn = this.#stop();
    this.#remember = remember;
    this.#become({ phase: 'starting' });
    try {
      const begun = await this.#parts.begin();
      if (turn === this.#turn) this.#follow(begun, Date.now() + begun.expires_in * 1000);
    } catch (error) {
      if (turn === this.#turn) this.#failed(error);
    }
  }

  /** Goes on with a login that was begun before a reload. */
  resume() {
    const kept = this.#parts.kept.get();
    if (this.state.phase !== 'idle' || !kept) return;
    if (kept.expiresAt <= Date.now()) return this.#parts.kept.remove();
    this.#remember = kept.remember;
    this.#follow(kept.begun, kept.expiresAt);
  }

  /** After `over` or `failed`: the tokens if only they are missing, else another code. */
  again() {
    return this.#code && this.state.phase === 'failed' ? this.#take() : this.start();
  }

  /** Back to the password. */
  leave() {
    this.#stop();
    this.#become({ phase: 'idle' });
  }

  #stop() {
    this.#watch?.stop();
    this.#watch = null;
    this.#code = null;
    this.#parts.kept.remove();
    return ++this.#turn;
  }

  #follow(begun, expiresAt) {
    this.#code = begun.auth_code;
    this.#parts.kept.set({ begun, expiresAt, remember: this.#remember });
    this.#become({ phase: 'waiting', begun, expiresAt, status: 'pending', live: true });
    const watch = new CodeWatch(begun.auth_code, expiresAt, this.#parts.client);
    this.#watch = watch;
    watch.addEventListener('line', ({ detail }) => {
      if (this.#watch === watch && this.state.phase === 'waiting') this.#become({ ...this.state, live: detail.live });
    });
    watch.addEventListener('status', ({ detail }) => this.#watch === watch && this.#heard(detail));
    watch.start();
  }

  #heard({ status, reason, expiresAt }) {
    if (status === 'completed') return this.#take();
    if (status === 'cancelled' || status === 'expired') return this.#over({ status, reason });
    this.#become({ ...this.state, status, expiresAt: expiresAt ?? this.state.expiresAt });
  }

  async #take() {
    const turn = this.#turn;
    this.#become({ phase: 'taking', begun: this.state.begun });
    try {
      const otherwise = await this.#parts.take(this.#code, this.#remember);
      if (turn !== this.#turn) return;
      if (otherwise) return this.#over(otherwise);
      this.#stop();
      this.#become({ phase: 'entered' });
    } catch (error) {
      if (turn === this.#turn) this.#failed(error);
    }
  }

  #over({ status, reason }) {
    const before = this.state.status;
    this.#stop();
    this.#become({ phase: 'over', status, reason, before });
  }

  #failed(error) {
    this.isDisabled = error.code === 'TELEGRAM_DISABLED';
    const retryAt = error.status === 429 && error.retryAfter ? Date.now() + error.retryAfter * 1000 : null;
    this.#become({ phase: 'failed', error, retryAt });
  }

  #become(state) {
    this.state = state;
    this.dispatchEvent(new CustomEvent('change', { detail: state }));
  }
}
