// Creates the links of a notification message: runbooks, dashboards, and an acknowledgement link for each alert.

import type { Channel } from '../../app/config/service-hooks.ts';
import { defined } from '../../core/defined.ts';
import { isAtLeast } from '../../core/roles.ts';
import type { Access } from '../access/access.ts';
import { roleOn } from '../access/roles.ts';
import type { ServiceParts } from '../parts.ts';
import { acknowledgePath, signLink } from './acknowledge-link.ts';
import type { SentAlert } from './alert-message.ts';
import type { MessageLinks } from './alert-text.ts';
import { channelUser } from './channel-user.ts';

interface LinkParts extends Pick<ServiceParts, 'clock' | 'clusters' | 'config'> {
  access: Pick<Access, 'operatorToken'>;
}

export function linksOf(name: string, { language }: Channel, { config, ...parts }: LinkParts): MessageLinks {
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
