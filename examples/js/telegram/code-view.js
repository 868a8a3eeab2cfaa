/** What somebody does with a code: a picture for the telephone's camera, a link for this device, and how far it is. */
import { fill, h, icon } from '../dom.js';
import { t } from '../i18n.js';
import { announce } from '../ui/announce.js';

const ICONS = { pending: 'clock', awaiting_confirmation: 'userPlus', confirmed: 'phone', awaiting_approval: 'clock', completed: 'check' };
/** A line that is lost for a moment is nobody's business. */
const LOST_AFTER = 1_500;
const LAST_MINUTE = 60;

const clockOf = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;

export class CodeView {
  #status = h('p.code-status', { testid: 'code-status' });
  #left = h('span.tabular', { role: 'timer', testid: 'code-left' });
  #lost = h('p.code-lost', { testid: 'code-lost', hidden: true }, icon('offline', 18), h('span', t('telegram.lost')));
  #expiresAt = null;
  #secondsBefore = Infinity;
  #ticking = null;
  #losing = null;

  /** @param {{deep_link, qr_code, bot_username, match_number?}} begun what the server gave */
  constructor(begun) {
    const bot = `@${begun.bot_username}`;
    this.link = h('a.button.primary.wide', { href: begun.deep_link, target: '_blank', rel: 'noopener noreferrer', testid: 'code-link' },
      icon('telegram'), t('telegram.open'));
    this.node = h('.code',
      h('.code-ways',
        h('.code-qr', h('img', { src: begun.qr_code, alt: t('telegram.qr', { bot }), width: 216, height: 216, testid: 'code-qr' }), h('p', t('telegram.scan'))),
        h('.code-link', this.link, h('p', t('telegram.then', { bot })))),
      begun.match_number !== undefined && h('.code-number', h('p', t('telegram.number')), h('strong', { testid: 'code-number' }, String(begun.match_number))),
      this.#status,
      h('p.code-left', t('telegram.left'), ' ', this.#left),
      this.#lost);
  }

  /** @param {{status, expiresAt, live}} state `expiresAt` in ms of this clock */
  show({ status, expiresAt, live }) {
    this.#expiresAt = expiresAt;
    this.#ticking ??= setInterval(() => this.#tick(), 1000);
    this.#tick();
    this.#showLine(live);
    if (this.node.dataset.status === status) return;
    this.node.dataset.status = status;
    const text = t(`telegram.status.${status}`);
    fill(this.#status, icon(ICONS[status] ?? 'clock', 20), h('span', text));
    announce(text);
  }

  close() {
    clearInterval(this.#ticking);
    clearTimeout(this.#losing);
    this.#ticking = null;
  }

  #tick() {
    const seconds = Math.max(0, Math.ceil((this.#expiresAt - Date.now()) / 1000));
    this.#left.textContent = clockOf(seconds);
    if (this.#secondsBefore > LAST_MINUTE && this.#secondsBefore < Infinity && seconds <= LAST_MINUTE) announce(t('telegram.lastMinute'));
    this.#secondsBefore = seconds;
  }

  #showLine(live) {
    if (live) {
      clearTimeout(this.#losing);
      this.#losing = null;
      this.#lost.hidden = true;
    } else {
      this.#losing ??= setTimeout(() => { this.#lost.hidden = false; announce(t('telegram.lost')); }, LOST_AFTER);
    }
  }
}
