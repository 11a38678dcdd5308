// Reads the listings of the name servers, and which name servers do not respond.

import type { Io } from '../../brokers/driver.ts';
import type { ChangeDesk, ServerListing } from '../../brokers/rocketmq/changes/change-desk.ts';
import type { Finding } from '../../core/documents/analysis.ts';
import { pipelined } from '../../brokers/pipelined.ts';
import { AppError, faultOf } from '../../core/errors.ts';
import { findingIf } from '../change/change-kind.ts';
import { named } from '../../core/text/bilingual.ts';
import type { Blocker } from '../change/step.ts';
import { groupsIn, mastersIn } from './broker-group.ts';
import { listOf } from './name-servers/facts.ts';

/** @throws AppError broker-unreachable if no name server responds */
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

/** @returns name servers that respond */
export const answering = (listings: readonly ServerListing[]): string[] =>
  listings.filter(({ brokers }) => brokers !== undefined).map(({ server }) => server);

/** Blocks a step that needs every name server. */
export const silentServer = (server: string, reason?: string): Blocker => ({
  what: reason ?? `name server ${server} does not answer`,
  zh: `NameServer ${server} 无响应${reason === undefined ? '' : `：${reason}`}`,
});

/** Findings about name servers that do not respond, whose routes are unknown. */
export const findingsOfServers = (listings: readonly ServerListing[]): Finding[] =>
  listings.flatMap(({ server, brokers, reason = '' }) =>
    findingIf(brokers === undefined, 'critical', 'name-server-silent', {
      en: `name server ${server} does not answer, so its routes are unknown: ${reason}`,
      zh: `NameServer ${server} 无响应，其路由未知：${reason}`,
    }),
  );

/**
 * Adds to `findingsOfServers` name servers that brokers register with and the config lacks: a change does not update
 * their routes.
 */
export async function findingsOfAllServers(
  desk: Pick<ChangeDesk, 'cluster' | 'namesrv' | 'settings'>,
  listings: readonly ServerListing[],
  io: Io,
): Promise<Finding[]> {
  const lists = await pipelined(mastersIn(listings), mastersAtOnce, async ({ address }) => {
    // A broker without a response is reported by the step that needs it.
    const settings = await desk.settings(address, io).catch((cause: unknown) => void faultOf(cause, io));
    return listOf(settings?.get('namesrvAddr') ?? '');
  });
  // A list of the same length may have the same servers under other names.
  const more = lists.filter((list) => list.length > desk.namesrv.length).flat();
  const missing = [...new Set(more)].filter((server) => !desk.namesrv.includes(server));
  return [
    ...findingsOfServers(listings),
    ...findingIf(missing.length > 0, 'warning', 'name-server-not-configured', {
      en: `brokers also register with ${named(missing)}, which clusters.${desk.cluster}.namesrv does not list: its routes and order configurations are neither checked nor changed, and operators who use it do not see the lease; add it`,
      zh: `Broker 还注册到 ${named(missing, 5, 'zh')}，但 clusters.${desk.cluster}.namesrv 未列出：不会检查或变更其路由与顺序配置，使用它的操作员也看不到租约；请添加`,
    }),
  ];
}

const mastersAtOnce = 16;

/** Names of clusters and brokers: each has a topic of the same name. */
export const ownNames = (listings: readonly ServerListing[]): Set<string> =>
  new Set([...groupsIn(listings)].flatMap(([brokerName, { cluster }]) => [brokerName, cluster]));
