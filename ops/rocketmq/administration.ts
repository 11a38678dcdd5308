// Defines the tools of an administrative RocketMQ change, and selects its brokers.

import type { Io } from '../../brokers/driver.ts';
import type { RocketmqAdministration } from '../../brokers/rocketmq/changes/rocketmq-administration.ts';
import { AppError } from '../../core/errors.ts';
import type { Finding } from '../../core/documents/analysis.ts';
import { finding, type ChangeKind } from '../change/change-kind.ts';
import { named } from '../../core/text/bilingual.ts';
import type { Tools } from './change.ts';
import { groupNamed, groupsIn, type BrokerMember, type Master } from './broker-group.ts';
import { answering, findingsOfAllServers, ownNames, readListings } from './listings.ts';

export interface RocketmqTools extends Pick<Tools, 'clock' | 'gone'> {
  admin: RocketmqAdministration;
  /** Cluster options of printed commands, such as ` --cluster orders`. */
  clusterArgs: string;
  /** Names of brokers in the config. */
  known: readonly string[];
  /** User name that Plimsoll logs in with. */
  account?: string;
}

export type RocketmqChangeKind<Facts extends object> = ChangeKind<Facts, RocketmqTools>;

interface ListedBrokers {
  groups: ReadonlyMap<string, { members: readonly BrokerMember[] }>;
  /** Clusters of these brokers. */
  clusters: readonly string[];
  /** Names of brokers and clusters: each has a topic of the same name. */
  names: ReadonlySet<string>;
  /** Name servers that respond. */
  servers: readonly string[];
  /** Name servers that do not respond, and known brokers that would be left out. */
  findings: readonly Finding[];
}

/**
 * @param wanted empty: all, and every known broker must be listed. @throws AppError not-found for a name that no name
 *   server lists
 */
export async function listBrokers(
  { admin, known }: Pick<RocketmqTools, 'admin' | 'known'>,
  wanted: readonly string[],
  io: Io,
): Promise<ListedBrokers> {
  const listings = await readListings(admin, io);
  const all = groupsIn(listings);
  for (const name of wanted) groupNamed(listings, name);
  const groups = new Map([...all].filter(([brokerName]) => wanted.length === 0 || wanted.includes(brokerName)));
  const missing = wanted.length > 0 ? [] : known.filter((name) => !all.has(name));
  const down = missing.map((name) =>
    finding('critical', 'broker-down', {
      en: `broker ${name} is in the configuration, but no name server lists it, so it would not be changed; start it first`,
      zh: `配置中有 Broker ${name}，但没有 NameServer 列出它，变更会遗漏它；请先启动它`,
    }),
  );
  const clusters = [...new Set([...groups.values()].map(({ cluster }) => cluster))].sort();
  return {
    groups,
    clusters,
    names: ownNames(listings),
    servers: answering(listings),
    findings: [...(await findingsOfAllServers(admin, listings, io)), ...down],
  };
}

/** Masters and slaves, which have separate settings and access control. Otherwise like `listBrokers`. */
export async function listMembers(
  tools: Pick<RocketmqTools, 'admin' | 'known'>,
  wanted: readonly string[],
  io: Io,
): Promise<{ brokers: { name: string; address: string; others: string[] }[]; findings: readonly Finding[] }> {
  const { groups, findings } = await listBrokers(tools, wanted, io);
  const brokers = [...groups].flatMap(([brokerName, { members }]) =>
    members.map(({ brokerId, address }) => {
      const others = members.filter((each) => each.address !== address).map((each) => each.address);
      return { name: `${brokerName}:${brokerId}`, address, others };
    }),
  );
  return { brokers, findings };
}

/** A new definition does not show which of several clusters it is for. @throws AppError usage */
export function refuseSeveralClusters(attempt: string, clusters: readonly string[], wanted: readonly string[]): void {
  if (wanted.length > 0 || clusters.length < 2) return;
  throw new AppError('usage', `cannot ${attempt}: the name servers serve several clusters: ${named(clusters)}`, {
    hint: 'name the brokers of one cluster with --broker',
  });
}

/** Like `listBrokers`. @throws AppError not-found; broker-unreachable without a master */
export async function listMasters(
  tools: Pick<RocketmqTools, 'admin' | 'known'>,
  wanted: readonly string[],
  io: Io,
): Promise<Omit<ListedBrokers, 'groups'> & { masters: readonly Master[] }> {
  const { groups, ...listed } = await listBrokers(tools, wanted, io);
  const masters = [...groups].map(([brokerName, { members }]) => {
    const master = members.find(({ brokerId }) => brokerId === 0);
    if (master !== undefined) return { brokerName, address: master.address };
    throw new AppError('broker-unreachable', `broker ${brokerName} has no master now`, {
      hint: 'start it, or wait until a slave is elected',
    });
  });
  return { ...listed, masters };
}
