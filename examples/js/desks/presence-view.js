/** Who else has this day open: faces beside the bell, and their names on a click. */
import { $, h } from '../dom.js';
import { t } from '../i18n.js';
import { initials } from '../format.js';
import { instantText } from '../time.js';
import { attachPanel } from '../ui/menu.js';

const SHOWN = 3;

export class PresenceView {
  #app;
  #people = [];

  constructor(app) {
    this.#app = app;
    attachPanel($('#presence'), $('#presence-panel'), { onOpen: () => this.#drawPanel() });
  }

  /** @returns those who were not here before */
  show(members) {
    const before = new Set(this.#people.map((m) => m.connection));
    // One person at two desks is one face, with both desks in the list.
    this.#people = [...members].sort((a, b) => a.since.localeCompare(b.since));
    this.draw();
    return this.#people.filter((m) => !before.has(m.connection));
  }

  draw() {
    const button = $('#presence');
    const people = this.#people;
    if (people.length === 0 && $('#presence-panel').matches(':popover-open')) $('#presence-panel').hidePopover();
    button.hidden = people.length === 0;
    if (button.hidden) return button.replaceChildren();
    const faces = [...new Map(people.map((m) => [m.userId, m])).values()];
    const rest = faces.length - SHOWN;
    button.setAttribute('aria-label', t('desks.here', { who: faces.map((m) => m.name).join(', ') }));
    button.title = faces.map((m) => m.name).join('\n');
    button.toggleAttribute('data-many', faces.length > 1);
    button.replaceChildren(...faces.slice(0, SHOWN).map((m) => this.#face(m)), ...(rest > 0 ? [h('span.face.more', { 'aria-hidden': 'true' }, `+${rest}`)] : []),
      h('span.presence-count', { 'aria-hidden': 'true' }, String(faces.length)));
    if ($('#presence-panel').matches(':popover-open')) this.#drawPanel();
  }

  #face(member) {
    return h('span.face', { 'data-hue': member.userId % 6, 'aria-hidden': 'true' }, initials(member.name));
  }

  #drawPanel() {
    $('#presence-panel').replaceChildren(
      h('.panel-head', h('h2', t('desks.title'))),
      h('ul.presence-list', this.#people.map((m) => h('li', { testid: 'presence-member' }, this.#face(m),
        h('span', h('b', m.name), h('small', t('desks.since', { role: t(`role.${m.role}`), time: instantText(m.since, this.#app.store.zone) })))))));
  }
}
