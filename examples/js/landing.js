/** The landing page: two desks side by side, each on a node of its own when there are two. */
import { $, fill, fillIcons, h, icon } from './dom.js';
import { language, t, translatePage } from './i18n.js';
import { DEMO_ACCOUNTS, DEMO_PASSWORD } from './config.js';
import { milliseconds } from './format.js';
import { hearDesks } from './frame.js';

const ROLES = Object.keys(DEMO_ACCOUNTS);
const KEPT = 50;

const ownPort = Number(location.port || (location.protocol === 'https:' ? 443 : 80));
/** scripts/run has its nodes on neighbouring ports; this page may be on either. */
const neighbours = [ownPort + 1, ownPort - 1].map((port) => `${location.protocol}//${location.hostname}:${port}`);

/** Whether a node with these pages answers there: of another origin an answer cannot be read, but a picture shows itself. */
function isNode(origin) {
  return new Promise((resolve) => {
    const picture = new Image();
    picture.onload = () => resolve(true);
    picture.onerror = () => resolve(false);
    setTimeout(() => resolve(false), 2500);
    picture.src = `${origin}/examples/icon.svg?${Date.now()}`;
  });
}

async function secondNode() {
  for (const origin of neighbours) if (await isNode(origin)) return origin;
  return null;
}

const median = (numbers) => {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)];
};

class Desk {
  constructor(name, origin, role) {
    this.name = name;
    this.origin = origin;
    this.role = role;
    this.delays = [];
    this.last = null;
    this.seq = null;
    this.state = 'connecting';
    this.frame = h('iframe', { testid: `frame-${name}` });
    this.title = h('h2');
    this.node = h('span.node');
    this.open = h('a.icon-button', { target: '_blank', rel: 'noopener', testid: `open-${name}` }, icon('external', 18));
    this.roles = h('.roles', { role: 'group' });
    this.gauge = h('.gauge', { testid: `gauge-${name}` });
    this.section = h('section.desk', { testid: `desk-${name}` },
      h('.desk-head', h('.desk-name', this.title, this.node), this.roles, this.open), this.frame, this.gauge);
    this.enter(role);
  }

  address({ embedded }) {
    const address = new URL('calendar.html', new URL('/examples/', this.origin));
    address.searchParams.set('desk', this.name);
    address.searchParams.set('as', this.role);
    if (embedded) address.searchParams.set('embed', '1');
    return address.href;
  }

  enter(role) {
    this.role = role;
    this.state = 'connecting';
    this.seq = null;
    this.frame.src = this.address({ embedded: true });
    this.open.href = this.address({ embedded: false });
    this.draw();
  }

  heard(message) {
    if (message.what === 'connection') this.state = message.state;
    if (message.what === 'seq') this.seq = message.seq;
    if (message.what === 'change') {
      this.last = message;
      if (!message.own) this.delays = [...this.delays, message.ms].slice(-KEPT);
    }
    this.drawGauge();
  }

  draw() {
    const title = t(this.name === 'a' ? 'landing.deskA' : 'landing.deskB');
    this.title.textContent = title;
    this.frame.title = title;
    this.node.textContent = t('landing.node', { node: new URL(this.origin).port || new URL(this.origin).host });
    this.open.setAttribute('aria-label', `${t('landing.open')}: ${title}`);
    this.open.title = t('landing.open');
    this.roles.setAttribute('aria-label', `${title}: ${t('landing.roles')}`);
    fill(this.roles, ROLES.map((role) => h('button.role', { type: 'button', 'aria-pressed': String(role === this.role), testid: `role-${this.name}-${role}`, onclick: () => this.enter(role) }, t(`demo.${role}`))));
    this.drawGauge();
  }

  drawGauge() {
    const { last, delays } = this;
    fill(this.gauge,
      h('span.desk-state', { 'data-state': this.state }, h('i'), t(`landing.states.${this.state}`)),
      this.seq !== null && h('span.node', { testid: `seq-${this.name}`, title: t('connection.seq') }, `#${this.seq}`),
      last ? [h('strong.big-ms', { testid: `ms-${this.name}` }, milliseconds(last.ms)), h('span.gauge-text', h('small', t(last.own ? 'landing.own' : 'landing.fast')), h('span', last.text)),
        delays.length > 1 && h('span.gauge-median', t('landing.median', { ms: milliseconds(median(delays)), n: delays.length }))]
        : h('span.gauge-text.quiet', t('landing.waiting')));
  }
}

function translate(desks, second) {
  translatePage();
  document.title = `${t('landing.title')} · Adelante`;
  $('#foot').textContent = t('landing.footer', { password: DEMO_PASSWORD });
  const node = (origin) => new URL(origin).host;
  const text = second ? t('landing.twoNodes', { a: node(location.origin), b: node(second) }) : t('landing.sameNode', { node: node(neighbours[0]) });
  fill($('#nodes'), icon(second ? 'live' : 'alert', 18), text);
  $('#nodes').dataset.nodes = second ? 2 : 1;
  for (const desk of desks) desk.draw();
}

/** Who registers through Telegram does so at the salon of the first desk that was entered. */
function nameSalon(salon) {
  const link = $('#phone-open');
  const address = new URL(link.href);
  if (address.searchParams.has('salon')) return;
  address.searchParams.set('salon', salon);
  link.href = address.href;
}

fillIcons();
translatePage();
const second = await secondNode();
const desks = [new Desk('a', location.origin, 'reception'), new Desk('b', second ?? location.origin, 'manager')];
const greeting = () => ({ language: language.code });
hearDesks(desks.map((d) => d.frame), greeting, (frame, message) => {
  desks.find((d) => d.frame === frame).heard(message);
  if (message.what === 'entered') nameSalon(message.salon);
});
$('#desks').append(...desks.map((d) => d.section));
translate(desks, second);
$('#language').addEventListener('click', () => language.set(language.code === 'uk' ? 'en' : 'uk'));
language.onChange(() => {
  translate(desks, second);
  for (const desk of desks) desk.frame.contentWindow.postMessage({ adelante: 'host', ...greeting() }, desk.origin);
});
