/** What the protocol asks of a client after each close code, as a pure function. */

export const BASE_MS = 500;
export const CAP_MS = 30_000;

/** Full jitter: anywhere between nothing and an exponentially growing ceiling. */
export function fullJitter(attempt, random = Math.random, base = BASE_MS, cap = CAP_MS) {
  return Math.round(random() * Math.min(cap, base * 2 ** attempt));
}

/**
 * @param {number} code close code
 * @param {string} reason close reason; 1012's is this client's own delay in decimal ms
 * @param {number} attempt connection attempts since the last one that held
 * @returns {{action: 'reconnect'|'refresh'|'stop', delay?: number, told?: boolean, why?: 'login'|'forbidden'}} `told`: the server
 *   asked for this delay, so it is kept even when somebody looks at the page again
 */
export function afterClose(code, reason, attempt, random = Math.random) {
  switch (code) {
    case 1001:
    case 1012: {
      const told = /^\d{1,7}$/.test(reason) ? Number(reason) : 0;
      return { action: 'reconnect', delay: told + fullJitter(attempt, random), told: told > 0 };
    }
    case 1013:
      return { action: 'reconnect', delay: 1000 + fullJitter(attempt + 3, random), told: true };
    case 4429:
      return { action: 'reconnect', delay: 5000 + fullJitter(attempt + 3, random), told: true };
    case 1002:
    case 1003:
    case 1007:
    case 1009:
      return { action: 'reconnect', delay: 10_000 + fullJitter(10, random), told: true };
    case 4401:
      return { action: 'refresh', delay: attempt === 0 ? 0 : fullJitter(attempt, random) };
    case 4500:
      return { action: 'stop', why: 'login' };
    case 4503:
      return { action: 'stop', why: 'forbidden' };
    default:
      return { action: 'reconnect', delay: fullJitter(attempt, random) };
  }
}
