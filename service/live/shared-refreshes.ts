// Renders a page once for all browsers that refresh it after the same change.

import { createHash } from 'node:crypto';
import type { RequestHandler } from 'express';
import type { Clock } from '../../core/clock.ts';
import type { Access } from '../access/access.ts';

/** Header that `page.js` sends when it refreshes a page; a page opened by a user is always rendered. */
export const refreshHeader = 'Plimsoll-Refresh';

/** Short, because some content changes without an event: ages, jobs, entries of other processes. */
const longestMs = 5000;
/** Limit of pages cached by address, language and visitor; beyond it, pages are rendered each time. */
const mostKept = 200;

interface Rendered {
  page: string;
  tag: string;
  event: number;
  atMs: number;
}

export function shareRefreshes(
  { access, clock }: { access: Pick<Access, 'userOf'>; clock: Pick<Clock, 'now'> },
  events: () => number,
): RequestHandler {
  const kept = new Map<string, Rendered>();
  return (request, response, next) => {
    if (request.method !== 'GET' || request.get(refreshHeader) === undefined) return next();
    const user = access.userOf(request);
    const key = JSON.stringify([request.originalUrl, request.get('Accept-Language'), user]);
    const send = response.send.bind(response);
    const now = { event: events(), atMs: clock.now().getTime() };
    const isFresh = ({ event, atMs }: Rendered) => event === now.event && Math.abs(now.atMs - atMs) <= longestMs;
    const known = kept.get(key);
    const answer = ({ page, tag }: Rendered) => send.call(response.set('ETag', tag).type('html'), page);
    if (known !== undefined && isFresh(known)) {
      response.set({ Vary: 'Accept-Language, Cookie', 'Cache-Control': 'no-cache' });
      answer(known);
      return;
    }
    response.send = (body: unknown) => {
      response.send = send;
      // A page that a browser must not store is not cached here either, such as message contents.
      const isPrivate = String(response.get('Cache-Control')).includes('no-store');
      if (response.statusCode !== 200 || typeof body !== 'string' || isPrivate) return send(body);
      const tag = `"${createHash('sha256').update(body).digest('hex').slice(0, 16)}"`;
      for (const [other, rendered] of kept) if (!isFresh(rendered) || kept.size >= mostKept) kept.delete(other);
      const rendered = { page: body, tag, ...now };
      kept.set(key, rendered);
      return answer(rendered);
    };
    next();
  };
}
