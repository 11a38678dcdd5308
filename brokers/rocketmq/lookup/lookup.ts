// Implements on-demand queries of a RocketMQ cluster, and sends each to the processes that can answer it.

import { systemClock } from '../../../core/clock.ts';
import { AppError, faultOf, ignoreFault } from '../../../core/errors.ts';
import { meantHint } from '../../../core/text/nearest.ts';
import { askEach, askSome } from '../../ask-each.ts';
import type { Io } from '../../driver.ts';
import type { ClusterLookup, ProcessSettings, Producer, ServerRoutes, Settings } from '../../lookup.ts';
import type { PartitionPlace } from '../../../core/cluster.ts';
import { createReadGovernor } from '../../read-governor.ts';
import { askUnlessSilent, createSilentBrokers } from '../../silent-brokers.ts';
import type { RocketmqClusterConfig } from '../config.ts';
import { type BrokerLink, createLinks } from '../inspect/broker-link.ts';
import { byCluster, type Member, type Membership } from '../inspect/membership.ts';
import { encodeGetAllProducers } from '../protocol/client-requests.ts';
import { encodeGetAllTopicsOfNameServer, encodeGetRoute } from '../protocol/name-server-requests.ts';
import { createRemotingClient } from '../protocol/remoting-client.ts';
import { askNameServers, readMembership, readQueues } from '../name-servers.ts';
import { readMembers } from './members.ts';
import { findMessages, type QueueBroker } from './messages.ts';
import { sampleProducers } from './sample-producers.ts';
import { readStored } from './stored.ts';
import { shownValue } from '../../../core/secret-settings.ts';
import type { Disagreement } from '../details.ts';
import { configDrift, differing } from '../inspect/disagreements.ts';
import { encodeGetBrokerConfig, encodeGetNameServerConfig } from '../protocol/broker-requests.ts';

/** @throws AppError broker-unreachable when no name server answers */
export async function createRocketmqLookup(
  name: string,
  config: RocketmqClusterConfig,
  io: Io,
): Promise<ClusterLookup> {
  const client = createRemotingClient({ name, config });
  const links = createLinks(client, createReadGovernor({ clock: systemClock }));
  const nameServers = { cluster: name, client, namesrv: config.namesrv };
  const silent = createSilentBrokers(systemClock);

  /** Returns all brokers, and for each name the one that serves its queues: the master, else the first slave. */
  async function readBrokers(
    within: Io,
  ): Promise<{ all: readonly Member[]; serving: readonly Member[]; clusterOf: Membership['clusterOf'] }> {
    const { members, byName, clusterOf } = await readMembership(nameServers, within);
    const serving = [...byName.values()].flatMap(([first]) => (first === undefined ? [] : [first]));
    return { all: members, serving, clusterOf };
  }
  const linkOf = ({ id, address }: Member) => links.to(id, address);

  /** Returns all brokers, those that serve queues first. */
  async function queueBrokers(within: Io): Promise<QueueBroker[]> {
    const { all, serving } = await readBrokers(within);
    const inOrder = [...serving, ...all.filter((member) => !serving.includes(member))];
    return inOrder.map((member) => ({ ...member, link: linkOf(member) }));
  }

  async function partitionsOf(topic: string, within: Io): Promise<PartitionPlace[]> {
    const queues = await readQueues(nameServers, topic, within);
    if (queues === undefined) {
      const list = encodeGetAllTopicsOfNameServer();
      const listed = askNameServers(nameServers, 'list the topics', list, within);
      const known = await listed.catch(ignoreFault('the hint is then a general one'));
      throw new AppError('not-found', `cluster ${name} has no topic ${topic}`, {
        hint: meantHint(topic, known ?? [], '`plimsoll get topics` lists the topics'),
      });
    }
    return queues.flatMap(({ brokerName, readQueues: count }) =>
      Array.from({ length: count }, (_, partition) => ({ topic, partition, brokerName })),
    );
  }

  async function readProducers(
    within: Io,
    askBrokers: typeof askEach<Member, Producer[]>,
  ): Promise<{ producers: Producer[]; notices: string[] }> {
    const { all } = await readBrokers(within);
    const { answers, notices } = await askBrokers(
      all,
      async (member) => {
        const groups = await linkOf(member).ask(encodeGetAllProducers(), within);
        return groups.flatMap(({ group, clients }) => clients.map((each) => ({ group, broker: member.id, ...each })));
      },
      within,
    );
    return { producers: answers.flat(), notices };
  }

  try {
    await readBrokers(io);
  } catch (cause) {
    await client[Symbol.asyncDispose]();
    throw cause;
  }

  return {
    async members(group, within, wanted) {
      const { serving } = await readBrokers(within);
      return readMembers(serving.map(linkOf), group, within, wanted);
    },

    messages: async (question, within) => findMessages(await queueBrokers(within), question, within),

    partitions: partitionsOf,

    async stored(question, within) {
      const brokers = await queueBrokers(within);
      // Silence is kept by address, because after a failover the new master does not hang.
      const address = brokers.find(({ brokerName }) => brokerName === question.brokerName)?.address ?? '';
      const read = () => readStored(brokers, question, within);
      return askUnlessSilent({ silent, clock: systemClock }, address, read);
    },

    async settings(within) {
      const { all, clusterOf } = await readBrokers(within);
      const brokers = all.map((member) => ({ brokerName: member.brokerName, link: linkOf(member) }));
      const servers = config.namesrv.map((address) => links.to(address, address));
      return readSettings({ brokers, clusterOf }, servers, within);
    },

    async routes(topic, within) {
      const value = await Promise.all(config.namesrv.map((server) => routesOf(server, topic, within)));
      return { kind: 'answered', value };
    },

    producers: async (within) => ({ kind: 'answered', value: await readProducers(within, askSome) }),

    topicSettings: async () => ({
      kind: 'unanswered',
      reason:
        'a RocketMQ topic has only queues and permissions, which are part of its route; other settings belong to the broker',
    }),

    // Brokers have no quotas: a busy broker refuses requests of any client.
    clientQuotas: async () => ({ kind: 'answered', value: { quotas: [], unread: [] } }),

    topicSizes: async () => ({
      kind: 'unanswered',
      reason: 'the commit log contains the messages of all topics: RocketMQ counts bytes by topic only on arrival',
    }),

    async sampleProducers(wanted, within) {
      const { producers, notices } = await readProducers(within, askEach);
      const sample = await sampleProducers(
        wanted,
        {
          brokers: await queueBrokers(within),
          partitions: (topic) => partitionsOf(topic, within),
          producers,
          nowMs: systemClock.now().getTime(),
        },
        within,
      );
      return { ...sample, notices: [...notices, ...sample.notices] };
    },

    clientCounts: async () => ({
      kind: 'unanswered',
      reason: 'RocketMQ has counters by topic and group, not by client',
    }),

    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };

  async function routesOf(server: string, topic: string, within: Io): Promise<ServerRoutes> {
    try {
      const route = await links.to(server, server).ask(encodeGetRoute({ topic }), within);
      return {
        server,
        queues: route?.queues ?? [],
        brokers: (route?.brokers ?? []).map(({ brokerName, addresses }) => ({
          brokerName,
          addresses: Array.from(addresses, ([id, address]) => `${id} ${address}`),
        })),
      };
    } catch (cause) {
      return { server, reason: faultOf(cause, within).message };
    }
  }
}

const ownOfNameServer = /^(rocketmqHome|kvConfigPath|configStorePath|listenPort|bindAddress|controllerDLegerSelfId)$/;

interface BrokerToRead {
  brokerName: string;
  link: BrokerLink;
}

interface ProcessToRead {
  of: ProcessSettings['of'];
  link: BrokerLink;
}

/** @param clusterOf cluster by broker name: brokers are compared only with those of the same cluster */
export async function readSettings(
  { brokers, clusterOf }: { brokers: readonly BrokerToRead[]; clusterOf: Membership['clusterOf'] },
  nameServers: readonly BrokerLink[],
  io: Io,
): Promise<Settings> {
  const toRead: ProcessToRead[] = [
    ...brokers.map(({ link }) => ({ of: 'broker' as const, link })),
    ...nameServers.map((link) => ({ of: 'name-server' as const, link })),
  ];
  const readOne = async ({ of, link }: ProcessToRead): Promise<ProcessSettings> => {
    const values = await link.ask(of === 'broker' ? encodeGetBrokerConfig() : encodeGetNameServerConfig(), io);
    return { of, id: link.id, values: new Map([...values].map(([key, value]) => [key, shownValue(key, value)])) };
  };
  const { answers: processes, notices, faults } = await askEach(toRead, readOne, io);
  const read = brokers.flatMap(({ brokerName, link: { id } }) => {
    const found = processes.find((each) => each.of === 'broker' && each.id === id);
    return found === undefined ? [] : [{ id, brokerName, config: found.values }];
  });
  const ofBrokers = byCluster(clusterOf, read, ({ brokerName }) => brokerName).flatMap((own) => configDrift(own));
  const servers = processes.filter(({ of }) => of === 'name-server');
  const unread = new Map(Array.from(faults, ([{ link }, fault]) => [link.id, fault] as const));
  return { processes, differences: differencesOf(ofBrokers, servers), notices, unread };
}

function differencesOf(
  ofBrokers: readonly Disagreement[],
  servers: readonly ProcessSettings[],
): Settings['differences'] {
  const keys = new Set(servers.flatMap(({ values }) => [...values.keys()]));
  const ofServers = [...keys]
    .filter((key) => !ownOfNameServer.test(key))
    .sort()
    .flatMap((key) => {
      const sides = servers.map(({ id, values }) => [id, values.get(key) ?? '(not set)'] as const);
      return differing('broker-config', key, sides);
    });
  return [
    ...ofBrokers.map(({ subject, sides }) => ({ of: 'broker' as const, setting: subject, sides })),
    ...ofServers.map(({ subject, sides }) => ({ of: 'name-server' as const, setting: subject, sides })),
  ];
}
