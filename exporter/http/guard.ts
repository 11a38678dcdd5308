// May this request in? Headers, users and the number of requests at once, before anything is read for it.

import type { RequestHandler } from 'express';
import { createPasswordCheck } from './basic-auth.ts';
import type { WatchedWebConfig } from './web-config-file.ts';

/** As node_exporter's --web.max-requests. */
const mostAtOnce = 40;

export function createGuard(web: WatchedWebConfig | undefined): RequestHandler {
  const passwords = createPasswordCheck();
  let underWay = 0;
  return async (request, response, next) => {
    if (underWay >= mostAtOnce) {
      response.status(503).type('text').send(`more than ${mostAtOnce} requests at once\n`);
      return;
    }
    underWay++;
    response.once('close', () => underWay--);
    const config = web?.current();
    if (config !== undefined) {
      response.set(config.headers);
      if (Object.keys(config.users).length > 0) {
        const isAllowed = await passwords.allows(request.get('Authorization'), config.users);
        if (!isAllowed) {
          response.status(401).set('WWW-Authenticate', 'Basic').type('text').send('unauthorized\n');
          return;
        }
      }
    }
    next();
  };
}
