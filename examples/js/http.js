/** What the header `Retry-After` of an answer says, in seconds; null without one. */
export function retryAfterOf(response) {
  const seconds = Number.parseInt(response.headers.get('Retry-After') ?? '', 10);
  return Number.isFinite(seconds) ? seconds : null;
}
