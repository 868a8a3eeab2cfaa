/** Follows one code of Telegram login on a socket of its own, until nothing can follow any more. */
import { AdelanteClient } from '../../client/adelante-client.js';

const FINAL = new Set(['completed', 'cancelled', 'linked', 'refused', 'expired']);
/** The server tells of the end itself; a page whose line is lost then does not wait for it for ever. */
const GRACE = 3_000;

/**
 * Fires `status` {status, reason, telegram, expiresAt} whenever that is news, and `line` {live}. Lost lines are made again, and what was
 * missed meanwhile is told then. `expiresAt` is in ms of this clock, or null; `telegram` names the person that an account was linked to, else it is null.
 */
export class CodeWatch extends EventTarget {
  #client;
  #end = null;
  #told = null;

  /**
   * @param {string} code what `init` or `link` gave: whoever has it may ask
   * @param {number} expiresAt ms of this clock
   * @param {object} options for the client: at least its `url`
   */
  constructor(code, expiresAt, options) {
    super();
    const topic = `telegram:${code}`;
    this.#client = new AdelanteClient({ ...options, token: undefined });
    this.#client.on('telegram:status', (event) => event.topic === topic && this.#heard(event.data));
    this.#client.on('denied', () => this.#heard({ status: 'expired' }));
    this.#client.on('state', ({ state }) => this.#fire('line', { live: state === 'live' }));
    this.#client.subscribe(topic);
    this.#expectEnd(expiresAt);
  }

  start() { this.#client.connect(); }

  stop() {
    clearTimeout(this.#end);
    this.#client.close();
  }

  #heard({ status, reason = null, telegram_name: name = null, telegram_username: username, expires_in: seconds }) {
    const expiresAt = seconds ? Date.now() + seconds * 1000 : null;
    if (expiresAt) this.#expectEnd(expiresAt);
    // A line that was made again tells the present state again.
    if (status !== this.#told) {
      this.#told = status;
      this.#fire('status', { status, reason, telegram: username ? `@${username}` : name, expiresAt });
    }
    if (FINAL.has(status)) this.stop();
  }

  #expectEnd(expiresAt) {
    clearTimeout(this.#end);
    this.#end = setTimeout(() => this.#heard({ status: 'expired' }), expiresAt - Date.now() + GRACE);
  }

  #fire(type, detail) { this.dispatchEvent(new CustomEvent(type, { detail })); }
}
