// Admits or rejects a request by headers, user and concurrency limit, before anything is read for it.

import type { RequestHandler } from 'express';
import { createPasswordCheck, type PasswordCheck } from './basic-auth.ts';
import { sendText } from './send-text.ts';
import type { WatchedWebConfig } from './web-config-file.ts';

/** Default of node_exporter's --web.max-requests. */
const mostAtOnce = 40;

/** @param passwords one per process, because each has a thread */
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
          response.set('Retry-After', '5');
          return sendText(response, 429, 'too many passwords of this address wait');
        }
        if (answer === 'wrong') {
          response.set('WWW-Authenticate', 'Basic');
          return sendText(response, 401, 'unauthorized');
        }
      }
    }
    // A request that waits for its password check takes no slot, and one whose client disconnected would keep its slot.
    if (response.destroyed) return;
    if (underWay >= mostAtOnce) return sendText(response, 503, `more than ${mostAtOnce} requests at once`);
    underWay++;
    response.once('close', () => underWay--);
    next();
  };
}
