// Checks that every route of every name server points to a live broker that has the topic.

import type { Io } from '../../brokers/driver.ts';
import type { ChangeDesk, ServerListing } from '../../brokers/rocketmq/changes/change-desk.ts';
import { pipelined } from '../../brokers/pipelined.ts';
import { holdsMessages } from '../../brokers/rocketmq/inspect/topic-kind.ts';
import type { Finding } from '../../core/documents/analysis.ts';
import { readRoutes, type SeenRoute } from './broker-group.ts';
import { findingsOfServers, ownNames, readListings } from './listings.ts';
import { finding } from '../change/change-kind.ts';
import { named } from '../../core/text/bilingual.ts';

/** Responses of the processes at the addresses that name servers list. */
interface SeenBroker {
  id: string;
  brokerName: string;
  brokerId: number;
  address: string;
  /** Name servers that list it at this address. */
  listedBy: readonly string[];
  answers: boolean;
  /** Present for masters that respond. */
  topics?: ReadonlySet<string>;
}

const atOnce = 8;

/** @throws AppError broker-unreachable if no name server responds */
export async function checkRoutes(desk: ChangeDesk, io: Io) {
  const listings = await readListings(desk, io);
  const servers = listings.flatMap(({ server, brokers }) => (brokers === undefined ? [] : [server]));
  const names = ownNames(listings);
  const brokers = await pipelined(addressesIn(listings), atOnce, async (broker): Promise<SeenBroker> => {
    if ((await desk.reach(broker.address, io)) !== 'answers') return { ...broker, answers: false };
    if (broker.brokerId !== 0) return { ...broker, answers: true };
    const topics = new Set((await desk.topics(broker.address, io)).map(({ name }) => name));
    return { ...broker, answers: true, topics };
  });
  const known = await Promise.all(servers.map((server) => desk.topicsOf(server, io)));
  const ofBrokers = brokers.flatMap(({ topics }) => [...(topics ?? [])]);
  const topics = [...new Set([...known.flat(), ...ofBrokers])].filter((topic) => holdsMessages(topic, names)).sort();
  const routes = await readRoutes(desk, topics, io, servers);
  return {
    servers: servers.length,
    brokers: brokers.length,
    topics: topics.length,
    findings: [...findingsOfServers(listings), ...findingsOfRoutes(brokers, routes)],
  };
}

/** Combines listings, because only some name servers may list an address. */
function addressesIn(listings: readonly ServerListing[]): Omit<SeenBroker, 'answers' | 'topics'>[] {
  const rows = listings.flatMap(({ server, brokers = [] }) =>
    brokers.flatMap(({ brokerName, addresses }) =>
      Array.from(addresses, ([brokerId, address]) => ({ server, brokerName, brokerId, address })),
    ),
  );
  return [
    ...Map.groupBy(rows, ({ brokerName, brokerId, address }) => `${brokerName}:${brokerId} ${address}`).values(),
  ].flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    const { server, ...broker } = first;
    const listedBy = [server, ...others.map((other) => other.server)];
    return [{ ...broker, id: `${broker.brokerName}:${broker.brokerId}`, listedBy }];
  });
}

function findingsOfRoutes(brokers: readonly SeenBroker[], routes: readonly SeenRoute[]): Finding[] {
  const findings: Finding[] = [];
  const say = (...of: Parameters<typeof finding>) => findings.push(finding(...of));
  const servers = [...new Set(routes.map(({ server }) => server))];
  for (const { id, address, listedBy, answers } of brokers) {
    if (!answers) {
      const lists = listedBy.length === 1 ? 'lists' : 'list';
      say('critical', 'nobody-there', `${named(listedBy)} ${lists} ${id} at ${address}, where no broker answers`);
    }
    const others = servers.filter((server) => !listedBy.includes(server));
    if (answers && others.length > 0) {
      say('critical', 'not-listed', `not listed by ${named(others)}: ${id} at ${address}, which answers`);
    }
  }
  const complaints = new Map<string, { severity: Finding['severity']; code: string; topics: Set<string> }>();
  const complain = (severity: Finding['severity'], code: string, text: string, topic: string) => {
    const complaint = complaints.get(text) ?? { severity, code, topics: new Set<string>() };
    complaint.topics.add(topic);
    complaints.set(text, complaint);
  };
  const masterOf = (brokerName: string) =>
    brokers.find((broker) => broker.brokerName === brokerName && broker.brokerId === 0);
  for (const { server, topic, route } of routes) {
    const routed = new Set(route?.queues.map(({ brokerName }) => brokerName));
    for (const brokerName of routed) {
      const data = route?.brokers.find((broker) => broker.brokerName === brokerName);
      if (data === undefined || data.addresses.size === 0) {
        complain('critical', 'no-address', `${server} routes to ${brokerName} without an address`, topic);
        continue;
      }
      const reached = [...data.addresses.values()].some((address) =>
        brokers.some((broker) => broker.address === address && broker.answers),
      );
      if (!reached)
        complain('critical', 'route-to-nobody', `${server} routes to ${brokerName}, which is unreachable`, topic);
      const has = masterOf(brokerName)?.topics;
      if (has !== undefined && !has.has(topic)) {
        complain('warning', 'topic-not-there', `${server} routes to ${brokerName}, which does not have it`, topic);
      }
    }
    for (const { brokerName, topics } of brokers) {
      if (topics?.has(topic) === true && !routed.has(brokerName)) {
        complain('warning', 'not-routed', `${server} does not route to ${brokerName}, which has it`, topic);
      }
    }
  }
  const complained = Array.from(complaints, ([text, { severity, code, topics }]) =>
    finding(severity, code, `${text}: ${named([...topics])}`),
  );
  return [...findings, ...complained];
}
