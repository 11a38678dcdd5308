// Admits or rejects a request by headers, user and concurrency limit, before anything is read for it.

import type { RequestHandler } from 'express';
import { createPasswordCheck, type PasswordCheck } from './basic-auth.ts';
import type { WatchedWebConfig } from './web-config-file.ts';

/** As node_exporter's --web.max-requests. */
const mostAtOnce = 40;

/** @param passwords one for the whole process: each has a thread */
export function createGuard(
  web: WatchedWebConfig | undefined,
  passwords: PasswordCheck = createPasswordCheck(),
): RequestHandler {
  let underWay = 0;
  return async (request, response, next) => {
    const config = web?.current();
    if (config !== undefined) {
      response.set(config.headers);
      if (Object.keys(config.users).length > 0) {
        const address = request.socket.remoteAddress ?? '';
        const answer = await passwords.check(request.get('Authorization'), config.users, address);
        if (answer === 'busy') {
          response.status(429).set('Retry-After', '5').type('text').send('too many passwords of this address wait\n');
          return;
        }
        if (answer === 'wrong') {
          response.status(401).set('WWW-Authenticate', 'Basic').type('text').send('unauthorized\n');
          return;
        }
      }
    }
    // Who waits for a password to be compared takes no place from those who are let in, and who left meanwhile would keep one.
    if (response.destroyed) return;
    if (underWay >= mostAtOnce) {
      response.status(503).type('text').send(`more than ${mostAtOnce} requests at once\n`);
      return;
    }
    underWay++;
    response.once('close', () => underWay--);
    next();
  };
}
