/** Where the API is and which desk this window is, all told by the page's own address. */
const parameters = new URLSearchParams(location.search);

export const API = `${location.origin}/api/v1`;
export const SOCKET = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws`;
/** Name of this node as people see it. */
export const NODE = location.port ? `:${location.port}` : location.host;
/** Two windows or frames of one origin keep apart by this name. */
export const DESK = (parameters.get('desk') ?? '').replace(/[^\w-]/g, '').slice(0, 16);
/** Inside the landing page the header is smaller and there is no login form of its own to fill. */
export const EMBEDDED = parameters.get('embed') === '1' && window.parent !== window;
/** A demo role to enter by itself. */
export const ENTER_AS = parameters.get('as');
/** The salon that somebody who registers through Telegram will work in. */
export const SALON = Number.parseInt(parameters.get('salon') ?? '', 10) || null;

export const DEMO_PASSWORD = 'adelante-demo';
export const DEMO_ACCOUNTS = {
  owner: 'owner@demo.adelante',
  manager: 'manager@demo.adelante',
  reception: 'reception@demo.adelante',
  master: 'master@demo.adelante',
  lviv: 'owner@lviv.demo.adelante',
};
