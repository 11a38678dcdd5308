// Forwards Alertmanager messages posted to /hooks/<name>, and responds whether to retry.

import { createHash } from 'node:crypto';
import express, { type ErrorRequestHandler, type Request, type RequestHandler, type Response, Router } from 'express';
import { AppError, awaitedElsewhere } from '../../core/errors.ts';
import { sendText } from '../../exporter/http/send-text.ts';
import type { Access } from '../access/access.ts';
import type { ServiceParts } from '../parts.ts';
import type { AlertLog } from './alert-log.ts';
import { AlertMessage, type SentAlert } from './alert-message.ts';
import { type MessageLinks, word } from './alert-text.ts';
import { kindOf } from './channels/registry.ts';
import { createDeliveries, type Delivery } from './delivery.ts';
import { createPromotionGate } from './promotion-gate.ts';
import type { Channel } from '../../app/config/service-hooks.ts';
import { defined } from '../../core/defined.ts';
import { isAtLeast } from '../../core/roles.ts';
import { roleOn } from '../access/roles.ts';
import { acknowledgePath, signLink } from './acknowledge-link.ts';
import { channelUser } from './channel-user.ts';

/** Room for 20,000 alerts of the usual size, about 1.5 KB; a larger one is refused each time (max_alerts). */
const mostBodyBytes = 32 * 1024 * 1024;
/** Limit of remembered groups. */
const mostUnanswered = 10_000;

/**
 * Whether the message was sent or a retry would fail again; other deliveries may have ended because their sender
 * disconnected.
 */
const isFinal = (delivery: Delivery | undefined): delivery is Delivery =>
  delivery?.kind === 'sent' || delivery?.kind === 'refused';

type HookParts = Pick<ServiceParts, 'clock' | 'log' | 'clusters' | 'config' | 'promotionGate'> & {
  access: Pick<Access, 'notifiersOnly' | 'operatorToken'>;
  alerts: Pick<AlertLog, 'add'>;
  statuses: Pick<ServiceParts['statuses'], 'fleet'>;
  fetch?: typeof globalThis.fetch;
};

/**
 * Accepts operators and notifiers only, because posts appear in a chat under a trusted name. Alertmanager retries after
 * status 5xx at once, and after 4xx with its next message about the group.
 */
export function createHooksRouter(parts: HookParts): Router {
  const { config, access, clock, alerts, statuses } = parts;
  const gate = parts.promotionGate ?? createPromotionGate();
  const { channels } = config.hooks;
  const router = Router({ caseSensitive: true, strict: true });
  const deliveries = createDeliveries(parts);
  /** Messages that Alertmanager must post again, by channel and group; `isSent` if it disconnected before the response. */
  const unanswered = new Map<string, { posted: string; isSent: boolean }>();
  /** By channel, group and alerts. */
  const underWay = new Map<string, Promise<Delivery | undefined>>();

  function send(key: string, delivery: Promise<Delivery>): Promise<Delivery> {
    const settled = delivery.catch(awaitedElsewhere).finally(() => underWay.delete(key));
    underWay.set(key, settled);
    return delivery;
  }

  /** Each cause is logged once, because Alertmanager posts the group again. */
  const logged = new Set<string>();
  function reject(response: Response, status: number, text: string): void {
    if (!logged.has(text)) parts.log.error({ status }, `a message to /hooks was refused: ${text}`);
    logged.add(text);
    sendText(response, status, text);
  }

  async function relay(request: Request, response: Response): Promise<void> {
    const name = String(request.params['name']);
    const channel = Object.hasOwn(channels, name) ? channels[name] : undefined;
    if (channel === undefined) {
      return sendText(response, 404, 'unknown notification channel: see service.hooks.channels');
    }
    const message = AlertMessage.safeParse(request.body);
    if (!message.success) return reject(response, 400, 'the body is not an Alertmanager webhook message (version 4)');
    const group = digestOf([name, message.data.groupKey ?? message.data.commonLabels]);
    const posted = digestOf(message.data.alerts);
    // Recorded for pages even if the channel refuses it. A retry has old content, and the alert may have ended since.
    const before = unanswered.get(group);
    if (before?.posted !== posted) alerts.add(message.data, clock.now().getTime());
    else if (before.isSent) {
      unanswered.delete(group);
      return sendText(response, 200, 'sent');
    }
    if (channel.during === 'promotions') {
      const isOn = statuses.fleet().promotion?.isOn === true;
      const isEnd = message.data.status === 'resolved' && kindOf(channel).keepsIncidents === true;
      if (!isEnd && !gate.isDue(name, message.data, isOn)) {
        return sendText(response, 200, isOn ? 'not sent: unchanged' : 'not sent: no promotion is active');
      }
    }
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const wording = word(message.data, channel.language, linksOf(name, channel, parts));
    try {
      const key = digestOf([group, posted]);
      // Avoids sending twice if Alertmanager disconnected and posts again, or its peer posts the same message.
      let first: Delivery | undefined;
      for (let running = underWay.get(key); running !== undefined; running = underWay.get(key)) {
        first = await running;
        if (isFinal(first)) break;
      }
      const delivery = isFinal(first)
        ? first
        : await send(key, deliveries.deliver(name, channel, wording, { signal: gone.signal }));
      unanswered.delete(group);
      if ((delivery.kind === 'later' || gone.signal.aborted) && unanswered.size < mostUnanswered) {
        unanswered.set(group, { posted, isSent: delivery.kind === 'sent' });
      }
      if (delivery.kind === 'sent' && channel.during === 'promotions') gate.note(name, message.data);
      answer(response, delivery);
    } catch (error) {
      if (gone.signal.aborted) return;
      if (!(error instanceof AppError)) throw error;
      parts.log.error({ channel: name, code: error.code }, error.message);
      sendText(response, 424, error.message);
    }
  }

  const refuse: ErrorRequestHandler = (error: unknown, _request, response, next) => {
    if (response.headersSent) return next(error);
    const status = error instanceof Error && 'status' in error ? Number(error.status) : undefined;
    if (error instanceof AppError && error.code === 'role-missing')
      return sendText(response, 403, `${error.message}; send service.hooks.token as a bearer token`);
    if (status === 413) return reject(response, 413, `messages may have at most ${mostBodyBytes} bytes`);
    if (status !== undefined && status < 500) {
      const isRead = error instanceof Error && 'type' in error && error.type === 'entity.parse.failed';
      return reject(
        response,
        400,
        isRead
          ? 'the body is not JSON'
          : 'the body could not be read: it was cut off or damaged, or its charset or compression is not supported',
      );
    }
    next(error);
  };

  // Authenticates the sender before reading a body.
  router.post('/hooks/:name', access.notifiersOnly, jsonOnly, express.json({ limit: mostBodyBytes }), relay, refuse);
  return router;
}

const digestOf = (content: unknown) => createHash('sha256').update(JSON.stringify(content)).digest('base64');

function answer(response: Response, delivery: Delivery): void {
  switch (delivery.kind) {
    case 'sent':
      return sendText(response, 200, 'sent');
    case 'later':
      response.set('Retry-After', String(Math.ceil(delivery.afterSeconds)));
      return sendText(response, 503, `not sent: ${delivery.reason}`);
    case 'refused':
    case 'given-up':
      return sendText(response, 424, delivery.fault.message);
  }
}

/** Requires JSON, because a form of another site cannot send it without a CORS check first. */
const jsonOnly: RequestHandler = (request, response, next) => {
  if (request.is('application/json') === 'application/json') return next();
  sendText(response, 415, 'send application/json');
};

interface LinkParts extends Pick<ServiceParts, 'clock' | 'clusters' | 'config'> {
  access: Pick<Access, 'operatorToken'>;
}

/** Creates the links of a notification message: runbooks, dashboards, and an acknowledgement link for each alert. */
function linksOf(name: string, { language }: Channel, { config, ...parts }: LinkParts): MessageLinks {
  const { runbooks, grafana = config.grafanaUrl, linkLasts } = config.hooks;
  const { publicUrl } = config;
  const { access, clock, clusters } = parts;
  const secret = access.operatorToken?.text;
  const user = channelUser(name, config);

  function acknowledge({ labels: { cluster, alertname } }: SentAlert): string | undefined {
    if (publicUrl === undefined || secret === undefined || user === undefined) return undefined;
    // No page can acknowledge an alert without a cluster or with one unknown to the service.
    if (cluster === undefined || alertname === undefined || !clusters.has(cluster)) return undefined;
    if (!isAtLeast(roleOn(user, cluster) ?? 'viewer', 'operator')) return undefined;
    const issuedAt = clock.now();
    const expiresAt = new Date(issuedAt.getTime() + linkLasts * 1000);
    const text = signLink({ channel: name, cluster, alert: alertname, issuedAt, expiresAt }, secret);
    const query = new URLSearchParams({ lang: language, link: text }).toString();
    return `${publicUrl.replace(/\/+$/, '')}${acknowledgePath}?${query}`;
  }

  return { ...defined({ runbooks, grafana }), acknowledge };
}
