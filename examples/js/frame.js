/** The thread between the landing page and the desks that it frames: same host only, whatever the port. */
const sameHost = (origin) => {
  try { return new URL(origin).hostname === location.hostname; } catch { return false; }
};

/** In the desk: waits for the landing page's greeting, then tells it of changes. */
export class FrameGuest extends EventTarget {
  #host = null;

  constructor() {
    super();
    addEventListener('message', (e) => {
      if (e.source !== window.parent || !sameHost(e.origin) || e.data?.adelante !== 'host') return;
      this.#host = e.origin;
      this.dispatchEvent(new CustomEvent('host', { detail: e.data }));
    });
    this.#post({ adelante: 'ready' }, '*');
  }

  tell(message) {
    if (this.#host) this.#post({ adelante: 'desk', ...message }, this.#host);
  }

  #post(message, origin) { window.parent.postMessage(message, origin); }
}

/** In the landing page: `listener(frame, message)` hears the desks. */
export function hearDesks(frames, greeting, listener) {
  addEventListener('message', (e) => {
    const frame = frames.find((f) => f.contentWindow === e.source);
    if (!frame || !sameHost(e.origin)) return;
    if (e.data?.adelante === 'ready') frame.contentWindow.postMessage({ adelante: 'host', ...greeting() }, e.origin);
    else if (e.data?.adelante === 'desk') listener(frame, e.data);
  });
}
