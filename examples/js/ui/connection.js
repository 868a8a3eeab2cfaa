import { $, h, icon } from '../dom.js';
import { t } from '../i18n.js';
import { NODE } from '../config.js';
import { milliseconds } from '../format.js';
import { timeOf, wallClock } from '../time.js';
import { attachPanel } from './menu.js';

const BANNER_AFTER = 1500;

/** The foot of the page: is the line alive, how far are we, what changed last and how fast it came. And the banner. */
export class ConnectionView {
  #app;
  #bannerTimer = null;
  #countdown = null;
  #state = { state: 'idle', since: null, retryAt: null };

  constructor(app) {
    this.#app = app;
    app.live.addEventListener('connection', (e) => { this.#state = e.detail; this.#draw(); this.#planBanner(); });
    app.live.addEventListener('seq', () => this.#drawSeq());
    app.live.addEventListener('activity', () => this.#drawLast());
    $('#retry').addEventListener('click', () => app.live.client.probe());
    attachPanel($('#activity-button'), $('#activity-panel'), { onOpen: () => this.#drawActivity() });
    this.draw();
  }

  draw() {
    this.#draw();
    this.#drawSeq();
    this.#drawLast();
    this.#drawBanner();
  }

  #draw() {
    const { state } = this.#state;
    const word = state === 'live' ? 'live' : state === 'stopped' ? 'off' : 'connecting';
    const chip = $('#connection');
    chip.dataset.state = word;
    chip.dataset.client = state;
    chip.replaceChildren(h('span.pulse'), h('span', t(`connection.${word}`)), h('span.node', NODE));
  }

  #drawSeq() {
    const seq = this.#app.live.seq;
    $('#seq').textContent = seq === null ? '#–' : `#${seq}`;
    $('#seq').title = t('connection.seq');
  }

  #drawLast() {
    const last = this.#app.live.activity[0];
    const button = $('#activity-button');
    button.hidden = !last;
    if (!last) return;
    button.replaceChildren(h('span.ms', icon('bolt', 14), milliseconds(last.ms)), h('span.activity-text', this.#app.describe(last)));
    if ($('#activity-panel').matches(':popover-open')) this.#drawActivity();
  }

  #drawActivity() {
    const { counters, clock } = this.#app.live.client;
    const shift = Number.isFinite(clock.uncertainty) ? t('activity.clock', { offset: Math.round(clock.offset), error: Math.ceil(clock.uncertainty) }) : '';
    $('#activity-panel').replaceChildren(
      h('.panel-head', h('h2', t('activity.title'))),
      h('ul.activities', this.#app.live.activity.map((a) => h('li', { testid: 'activity' },
        h('span.ms', icon('bolt', 14), milliseconds(a.ms)),
        h('span', a.own ? h('em', `${t('activity.own')} `) : null, this.#app.describe(a)),
        h('span.node', `#${a.event.seq}`)))),
      h('p.panel-note', t('activity.explain'), ' ', shift),
      h('p.panel-note', { testid: 'counters' }, t('activity.counters', { gaps: counters.gapsFound, healed: counters.gapsHealed, reloads: counters.reloads })));
  }

  #planBanner() {
    clearTimeout(this.#bannerTimer);
    if (this.#state.state === 'live') return this.#drawBanner();
    const lost = this.#state.since?.getTime() ?? Date.now();
    this.#bannerTimer = setTimeout(() => this.#drawBanner(), Math.max(0, BANNER_AFTER - (Date.now() - lost)));
  }

  #drawBanner() {
    const banner = $('#offline-banner');
    const { state, since, retryAt } = this.#state;
    const shown = state !== 'live' && state !== 'idle' && state !== 'stopped' && since && Date.now() - since.getTime() >= BANNER_AFTER - 50;
    document.body.classList.toggle('is-offline', Boolean(shown));
    clearInterval(this.#countdown);
    if (banner.hidden === !shown && !shown) return;
    banner.hidden = !shown;
    if (!shown) return;
    const { zone } = this.#app.store;
    $('#offline-text').textContent = t('offline.since', { time: timeOf(wallClock(zone, since).minutes) });
    $('#offline-detail').textContent = t('offline.detail');
    const tick = () => {
      const left = retryAt ? Math.ceil((retryAt - Date.now()) / 1000) : 0;
      $('#offline-next').textContent = left > 0 ? t('offline.next', { n: left }) : t('offline.trying');
    };
    tick();
    this.#countdown = setInterval(tick, 1000);
  }
}
