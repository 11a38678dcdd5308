// Lists the name servers that do not answer, so that their routes are unknown.

import type { ServerListing } from '../../brokers/rocketmq/changes/change-desk.ts';
import type { Finding } from '../../core/documents/analysis.ts';
import { finding } from '../change/change-kind.ts';

export function findingsOfServers(listings: readonly ServerListing[]): Finding[] {
  return listings.flatMap(({ server, brokers, reason = '' }) => {
    if (brokers !== undefined) return [];
    const message = `name server ${server} does not answer, so its routes are unknown: ${reason}`;
    return [finding('critical', 'name-server-silent', message)];
  });
}
