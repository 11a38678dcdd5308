// Reads what the name servers list, and which of them do not answer.

import type { Io } from '../../brokers/driver.ts';
import type { ChangeDesk, ServerListing } from '../../brokers/rocketmq/changes/change-desk.ts';
import type { Finding } from '../../core/documents/analysis.ts';
import { AppError } from '../../core/errors.ts';
import { findingIf } from '../change/change-kind.ts';
import { groupsIn } from './broker-group.ts';

/** @throws AppError broker-unreachable when no name server answers */
export async function readListings(
  desk: Pick<ChangeDesk, 'cluster' | 'listings' | 'namesrv'>,
  io: Io,
): Promise<ServerListing[]> {
  const listings = await desk.listings(io);
  if (listings.some(({ brokers }) => brokers !== undefined)) return listings;
  throw new AppError(
    'broker-unreachable',
    `no name server of cluster ${desk.cluster} answers: ${listings.map(({ reason }) => reason).join('; ')}`,
  );
}

/** Name servers that answer. */
export const answering = (listings: readonly ServerListing[]): string[] =>
  listings.filter(({ brokers }) => brokers !== undefined).map(({ server }) => server);

/** Of the name servers that do not answer: their routes are unknown. */
export const findingsOfServers = (listings: readonly ServerListing[]): Finding[] =>
  listings.flatMap(({ server, brokers, reason = '' }) =>
    findingIf(brokers === undefined, 'critical', 'name-server-silent', {
      en: `name server ${server} does not answer, so its routes are unknown: ${reason}`,
      zh: `NameServer ${server} 无响应，其路由未知：${reason}`,
    }),
  );

/** Of clusters and brokers: each has a topic of its name. */
export const ownNames = (listings: readonly ServerListing[]): Set<string> =>
  new Set([...groupsIn(listings)].flatMap(([brokerName, { cluster }]) => [brokerName, cluster]));
