// Lists the name servers that answer, and reports those that do not, whose routes are unknown.

import type { ServerListing } from '../../brokers/rocketmq/changes/change-desk.ts';
import type { Finding } from '../../core/documents/analysis.ts';
import { finding } from '../change/change-kind.ts';

export const answering = (listings: readonly ServerListing[]): string[] =>
  listings.filter(({ brokers }) => brokers !== undefined).map(({ server }) => server);

export function findingsOfServers(listings: readonly ServerListing[]): Finding[] {
  return listings.flatMap(({ server, brokers, reason = '' }) => {
    if (brokers !== undefined) return [];
    return [
      finding('critical', 'name-server-silent', {
        en: `name server ${server} does not answer, so its routes are unknown: ${reason}`,
        zh: `NameServer ${server} 无响应，其路由未知：${reason}`,
      }),
    ];
  });
}
