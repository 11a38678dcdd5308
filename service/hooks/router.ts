// Forwards Alertmanager messages posted to /hooks/<name>, and answers whether to retry.

import express, { Router, type ErrorRequestHandler, type Request, type RequestHandler, type Response } from 'express';
import { AppError } from '../../core/errors.ts';
import type { Access } from '../access/access.ts';
import type { ServiceParts } from '../parts.ts';
import type { AlertLog } from './alert-log.ts';
import { AlertMessage } from './alert-message.ts';
import { notifyChannel, type NotifyParts } from './notify-channel.ts';

/** An alert has some 1.5 KB: a message of hundreds. */
const mostBodyBytes = 1024 * 1024;

/** Channels accept some 20 messages a minute; more wait for Alertmanager's next attempt. */
const mostAtOnce = 4;

type HookParts = Pick<ServiceParts, 'clock' | 'log'> & { access: Pick<Access, 'notifiersOnly'> } & Pick<
    ServiceParts['config'],
    'hooks' | 'grafanaUrl'
  > &
  Pick<NotifyParts, 'fetch'> & { alerts: Pick<AlertLog, 'add'> };

/**
 * Operators and notifiers only: what is posted appears in a chat under a name that is trusted there.
 * A status of 5xx has Alertmanager try again, one of 4xx does not.
 */
export function createHooksRouter({ hooks, grafanaUrl, access, clock, log, alerts, ...rest }: HookParts): Router {
  const router = Router({ caseSensitive: true, strict: true });
  let underWay = 0;
  const grafana = hooks.grafana ?? grafanaUrl;
  const links = {
    ...(hooks.runbooks !== undefined && { runbooks: hooks.runbooks }),
    ...(grafana !== undefined && { grafana }),
  };

  async function relay(request: Request, response: Response): Promise<void> {
    const name = String(request.params['name']);
    const channel = Object.hasOwn(hooks.robots, name) ? hooks.robots[name] : undefined;
    if (channel === undefined)
      return say(response, 404, 'no notification channel of this name: see service.hooks.robots');
    const message = AlertMessage.safeParse(request.body);
    if (!message.success) return say(response, 400, 'the body is no message of Alertmanager (version 4)');
    // Known to the pages even where the channel refuses it.
    alerts.add(message.data, clock.now().getTime());
    if (underWay >= mostAtOnce) return say(response, 503, `more than ${mostAtOnce} messages at once`);
    underWay++;
    try {
      await notifyChannel(channel, message.data, { links, clock, ...rest });
      say(response, 200, 'sent');
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      log.warn({ channel: name, code: error.code }, error.message);
      say(response, 502, error.message);
    } finally {
      underWay--;
    }
  }

  router.post('/hooks/:name', access.notifiersOnly, jsonOnly, express.json({ limit: mostBodyBytes }), relay, refuse);
  return router;
}

/** A form of another site can send no JSON without asking first. */
const jsonOnly: RequestHandler = (request, response, next) => {
  if (request.is('application/json') === 'application/json') return next();
  say(response, 415, 'send application/json');
};

const refuse: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  if (response.headersSent) return next(error);
  const status = error instanceof Error && 'status' in error ? Number(error.status) : undefined;
  if (error instanceof AppError && error.code === 'role-missing')
    return say(response, 403, `${error.message}; send service.hooks.token as a bearer token`);
  if (status === 413) return say(response, 413, `a message has at most ${mostBodyBytes} bytes`);
  if (status !== undefined && status < 500) return say(response, 400, 'the body is not JSON');
  next(error);
};

function say(response: Response, status: number, text: string): void {
  response.status(status).type('text').send(`${text}\n`);
}
