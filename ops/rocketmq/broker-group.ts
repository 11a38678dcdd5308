// Reads the members and client topics of a broker group from name servers and brokers.

import type { Io } from '../../brokers/driver.ts';
import type { ChangeDesk, QueueRef, ServerListing } from '../../brokers/rocketmq/changes/change-desk.ts';
import type { TopicDefinition } from '../../brokers/rocketmq/protocol/topic-requests.ts';
import { pipelined } from '../../brokers/pipelined.ts';
import { holdsMessages, isPredefinedGroup, topicKindOf } from '../../brokers/rocketmq/inspect/topic-kind.ts';
import type { Route } from '../../brokers/rocketmq/protocol/name-server-requests.ts';
import { AppError, faultOf } from '../../core/errors.ts';
import { meantHint } from '../../core/text/nearest.ts';
import type { InLanguages } from '../../core/documents/findings/finding-entry.ts';
import type { Blocker } from '../change/step.ts';
import { named } from '../../core/text/bilingual.ts';

export interface BrokerMember {
  brokerId: number;
  address: string;
}

export interface Master {
  brokerName: string;
  address: string;
}

/** For a broker that no name server lists. */
export const notListedHint = 'start it: `plimsoll get brokers` shows what the name servers list';

/** Merges the listings of all name servers; of two addresses for one id the first name server's counts. */
export function groupsIn(
  listings: readonly ServerListing[],
): Map<string, { cluster: string; members: BrokerMember[] }> {
  const groups = new Map<string, { cluster: string; members: BrokerMember[] }>();
  for (const { brokers = [] } of listings) {
    for (const { brokerName, cluster, addresses } of brokers) {
      const group = groups.get(brokerName) ?? { cluster, members: [] };
      groups.set(brokerName, group);
      for (const [brokerId, address] of addresses) {
        if (!group.members.some((member) => member.brokerId === brokerId)) group.members.push({ brokerId, address });
      }
      group.members.sort((one, other) => one.brokerId - other.brokerId);
    }
  }
  return groups;
}

/** Masters of the broker groups that have one now. @param cluster one of those that the name servers serve; default: all */
export const mastersIn = (listings: readonly ServerListing[], cluster?: string): Master[] =>
  [...groupsIn(listings)]
    .filter(([, group]) => cluster === undefined || group.cluster === cluster)
    .flatMap(([brokerName, { members }]) =>
      members.flatMap(({ brokerId, address }) => (brokerId === 0 ? [{ brokerName, address }] : [])),
    );

/** @throws AppError not-found, with the closest name */
export function groupNamed(listings: readonly ServerListing[], brokerName: string) {
  const groups = groupsIn(listings);
  const group = groups.get(brokerName);
  if (group !== undefined) return group;
  const names = [...groups.keys()];
  throw new AppError('not-found', `no name server lists a broker ${brokerName}; there are ${named(names, 20)}`, {
    hint: meantHint(brokerName, names, '`plimsoll get brokers` lists them'),
  });
}

/**
 * An election may have made another member the master. Name servers keep an old view for a while, of a broker that died for two minutes:
 * of the masters that they list, the one that runs as the master counts.
 *
 * @param known its address when the change began: used in a rollback while no name server responds
 * @throws AppError broker-unreachable while there is none
 */
export async function masterOf(desk: ChangeDesk, brokerName: string, io: Io, known?: string): Promise<string> {
  const listings = await desk.listings(io);
  const unlike: string[] = [];
  let fault: AppError | undefined;
  for (const address of mastersListed(listings, brokerName)) {
    const settings = await desk.settings(address, io).catch((cause: unknown) => faultOf(cause, io));
    if (settings instanceof AppError) {
      fault ??= settings;
      continue;
    }
    const runs = { brokerName: settings.get('brokerName') ?? brokerName, brokerId: idIn(settings) };
    if (runs.brokerName === brokerName && runs.brokerId === 0) return address;
    unlike.push(`${address} is listed as ${brokerName}:0 and runs as ${runs.brokerName}:${runs.brokerId}`);
  }
  if (fault !== undefined) throw fault;
  if (unlike.length > 0) {
    throw new AppError('broker-unreachable', `name servers have an old view: ${unlike.join('; ')}`);
  }
  if (known !== undefined && listings.every(({ brokers }) => brokers === undefined)) {
    if (idIn(await desk.settings(known, io)) === 0) return known;
  }
  throw new AppError('broker-unreachable', `broker ${brokerName} has no master now`, { hint: notListedHint });
}

/** Addresses of the master in the views of all name servers. */
export const mastersListed = (listings: readonly ServerListing[], brokerName: string): Set<string> =>
  new Set(
    listings.flatMap((listing) =>
      mastersIn([listing]).flatMap((master) => (master.brokerName === brokerName ? [master.address] : [])),
    ),
  );

/** A broker registers with the id that it reports. */
const idIn = (settings: ReadonlyMap<string, string>): number => Number(settings.get('brokerId') ?? 0);

/** Whether DLedger or a controller elects the master. @param settings of a member */
export const electsLeader = (settings: ReadonlyMap<string, string>): boolean =>
  ['enableDLegerCommitLog', 'enableDLedgerCommitLog', 'enableControllerMode'].some(
    (key) => settings.get(key) === 'true',
  );

/** The first of the controllers that elect the master; undefined without controllers. @param settings of a member */
export const controllerIn = (settings: ReadonlyMap<string, string>): string | undefined =>
  settings.get('enableControllerMode') === 'true' ? settings.get('controllerAddr')?.split(';')[0] : undefined;

/** Topics of clients, without system topics that every broker creates. */
export function clientTopics(topics: readonly TopicDefinition[], names: ReadonlySet<string>): TopicDefinition[] {
  return topics.filter(({ name }) => {
    const kind = topicKindOf(name, names);
    return holdsMessages(name, names) && (kind === 'normal' || kind === 'retry' || kind === 'dead-letter');
  });
}

export const isClientGroup = (group: string) => !isPredefinedGroup(group);

/** Definition of a topic on one broker. */
export async function topicAt(
  desk: Pick<ChangeDesk, 'topics'>,
  address: string,
  topic: string,
  io: Io,
): Promise<TopicDefinition | undefined> {
  return (await desk.topics(address, io)).find(({ name }) => name === topic);
}

/** Definitions of one broker, by topic name. */
export async function topicsAt(
  desk: Pick<ChangeDesk, 'topics'>,
  address: string,
  io: Io,
): Promise<ReadonlyMap<string, TopicDefinition>> {
  return new Map((await desk.topics(address, io)).map((each) => [each.name, each]));
}

/** Whether messages of one key must be consumed in order. */
export const isOrdered = ({ order, attributes }: Pick<TopicDefinition, 'order' | 'attributes'>): boolean =>
  order || attributes['message.type'] === 'FIFO';

export const queuesOf = (topic: string, count: number): QueueRef[] =>
  Array.from({ length: count }, (_, queueId) => ({ topic, queueId }));

export const queuesOfTopics = (topics: readonly TopicDefinition[]): QueueRef[] =>
  topics.flatMap(({ name, readQueues, writeQueues }) => queuesOf(name, Math.max(readQueues, writeQueues)));

export const queueKey = ({ topic, queueId }: QueueRef) => `${topic} ${queueId}`;

export interface SeenRoute {
  server: string;
  topic: string;
  route: Route | undefined;
}

const routesAtOnce = 16;

/** Reads every topic from every name server. @throws AppError if one of them does not respond */
export async function readRoutes(
  desk: ChangeDesk,
  topics: readonly string[],
  io: Io,
  servers: readonly string[] = desk.namesrv,
): Promise<SeenRoute[]> {
  const wanted = servers.flatMap((server) => topics.map((topic) => ({ server, topic })));
  return pipelined(wanted, routesAtOnce, async ({ server, topic }) => ({
    server,
    topic,
    route: await desk.route(server, topic, io),
  }));
}

/** One blocker per name server with wrong routes. @param isRight checks the queues of a route on one broker */
export function routeBlockers(
  routes: readonly SeenRoute[],
  brokerName: string,
  problem: InLanguages<string>,
  isRight: (queues: Route['queues'][number] | undefined) => boolean,
): Blocker[] {
  const wrong = routes.filter(({ route }) => !isRight(route?.queues.find((each) => each.brokerName === brokerName)));
  return Array.from(
    Map.groupBy(wrong, ({ server }) => server),
    ([server, ofServer]) => {
      const topics = ofServer.map(({ topic }) => topic);
      return {
        what: `name server ${server} ${problem.en}: ${named(topics)}`,
        zh: `NameServer ${server} ${problem.zh}：${named(topics, 5, 'zh')}`,
      };
    },
  );
}
