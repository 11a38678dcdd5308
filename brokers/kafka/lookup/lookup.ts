// Implements on-demand queries of a Kafka cluster, and sends each to the broker that can answer it.

import { systemClock } from '../../../core/clock.ts';
import type { Broker, PartitionPlace } from '../../../core/cluster.ts';
import { AppError, ignoreFault } from '../../../core/errors.ts';
import { meantHint } from '../../../core/text/nearest.ts';
import type { Io } from '../../driver.ts';
import { askEach } from '../../ask-each.ts';
import type { ClusterLookup, ProcessSettings, Settings, TopicSettings } from '../../lookup.ts';
import { createReadGovernor } from '../../read-governor.ts';
import { askUnlessSilent, createSilentBrokers } from '../../silent-brokers.ts';
import type { KafkaMetadata } from '../client.ts';
import type { KafkaClusterConfig } from '../config.ts';
import { readClientCounts } from '../internals/client-counts.ts';
import { readLogDirs } from '../reading/log-dirs.ts';
import { clientId, createConnections, scrapeTimeouts } from '../wire/connections.ts';
import { describeClientQuotas } from '../wire/describe-client-quotas.ts';
import { firstToAnswer, createLinks, type Link } from '../wire/links.ts';
import { readMetadataOver } from '../wire/metadata.ts';
import { appliedQuotas, userOf } from './applied-quotas.ts';
import { readMembers } from './members.ts';
import { findAtOffset } from './messages.ts';
import { sampleProducers } from './sample-producers.ts';
import { readStored } from './stored.ts';
import { hiddenValue, shownValue } from '../../../core/secret-settings.ts';
import { ownSources, refuse } from '../changes/settings.ts';
import { describeConfigs, describeTopics } from '../reading/describe-configs.ts';
import { refusalOf } from '../errors.ts';

const noRoutes = 'Kafka has no name servers: each broker reports the leaders of partitions to clients';
const noAgents = 'no broker has a JMX exporter or Jolokia agent under `jmx` of its cluster in plimsoll.yaml';
const noProducers = 'Kafka does not keep a list of connected producers';

/** @throws AppError broker-unreachable, credentials-refused */
export async function createKafkaLookup(name: string, config: KafkaClusterConfig, io: Io): Promise<ClusterLookup> {
  const governor = createReadGovernor({ clock: systemClock });
  const links = createLinks(createConnections(name, config, scrapeTimeouts), governor);

  const silent = createSilentBrokers(systemClock);
  let lastAnswered: string | undefined;

  function askAny<Answer>(within: Io, read: (link: Link, before: Io) => Promise<Answer>): Promise<Answer> {
    const addresses = new Set([...(lastAnswered === undefined ? [] : [lastAnswered]), ...config.bootstrap]);
    return firstToAnswer(name, [...addresses], within, async (address, before) => {
      const answer = await read(await links.to(address, before), before);
      lastAnswered = address;
      return answer;
    });
  }

  const readMetadata = (within: Io, topics?: readonly string[]) =>
    askAny(within, (link, before) => readMetadataOver(link, before, topics));
  const linkTo = ({ id, address }: Broker, within: Io): Promise<Link> => links.to(address, within, { budget: id });

  try {
    await readMetadata(io, []);
  } catch (cause) {
    await links[Symbol.asyncDispose]();
    throw cause;
  }

  /** @throws AppError not-found that names what is missing */
  async function leaderOf({ topic, partition }: PartitionPlace, within: Io): Promise<Broker> {
    const { brokers, topics } = await readMetadata(within, [topic]);
    const { partitions } = await knownTopic(topics, topic, within);
    const found = partitions.find((each) => each.partition === partition);
    if (found === undefined) {
      throw new AppError('not-found', `${topic} has no partition ${partition}: it has ${partitions.length}`);
    }
    const leader = brokers.find(({ id }) => id === found.leader);
    if (leader === undefined) throw new AppError('broker-unreachable', `${topic}-${partition} has no leader now`);
    return leader;
  }

  async function knownTopic(topics: KafkaMetadata['topics'], topic: string, within: Io) {
    const known = topics.find(({ name: each }) => each === topic);
    if (known !== undefined) return known;
    const all = await readMetadata(within).catch(ignoreFault('the hint is then a general one'));
    const names = all?.topics.map((each) => each.name) ?? [];
    const hint = meantHint(topic, names, '`plimsoll get topics` lists its topics.');
    throw new AppError('not-found', `cluster ${name} has no topic ${topic}`, {
      hint: `${hint} Kafka hides a topic from a user without Describe on it.`,
    });
  }

  return {
    async members(group, within) {
      const { brokers } = await readMetadata(within, []);
      return readMembers(brokers, (broker) => linkTo(broker, within), group, within);
    },

    async messages(question, within) {
      if (question.kind === 'offset') {
        return findAtOffset(await linkTo(await leaderOf(question, within), within), question, within);
      }
      throw new AppError('unsupported-broker', 'Kafka finds messages by topic, partition and offset only', {
        hint: 'give --topic, --partition and --offset',
      });
    },

    async partitions(topic, within) {
      const { topics } = await readMetadata(within, [topic]);
      const { partitions } = await knownTopic(topics, topic, within);
      return partitions.map(({ partition }) => ({ topic, partition }));
    },

    async stored(question, within) {
      const leader = await leaderOf(question, within);
      const read = async () => readStored(await linkTo(leader, within), question, within);
      return askUnlessSilent({ silent, clock: systemClock }, leader.id, read);
    },

    async settings(within) {
      const { brokers } = await readMetadata(within, []);
      return readSettings(brokers, (broker) => linkTo(broker, within), within);
    },

    routes: async () => ({ kind: 'unanswered', reason: noRoutes }),
    producers: async () => ({ kind: 'unanswered', reason: noProducers }),

    async topicSettings(within) {
      const value = await askAny(within, async (link, before) => {
        const { topics } = await readMetadataOver(link, before);
        return readTopicSettings(
          link,
          topics.map((topic) => topic.name),
          before,
        );
      });
      return { kind: 'answered', value };
    },

    async clientQuotas(within) {
      const read = () => askAny(within, describeClientQuotas);
      const { answers, notices } = await askEach([read], (ask) => ask(), within);
      const [all] = answers;
      if (all === undefined) return { kind: 'unanswered', reason: notices.join('; ') };
      const user = userOf(config);
      return { kind: 'answered', value: appliedQuotas(all, { clientId, ...(user !== undefined && { user }) }) };
    },

    async topicSizes(within) {
      const { brokers } = await readMetadata(within, []);
      const read = async (broker: Broker) => {
        const { sizes } = await readLogDirs(await linkTo(broker, within), broker.id, within);
        return { id: broker.id, sizes };
      };
      const { answers, notices } = await askEach(brokers, read, within);
      const answered = new Set(answers.map(({ id }) => id));
      const unread = brokers.map(({ id }) => id).filter((id) => !answered.has(id));
      return { kind: 'answered', value: { sizes: answers.flatMap(({ sizes }) => sizes), silent: unread, notices } };
    },

    async sampleProducers(wanted, within) {
      const metadata = await readMetadata(within, wanted);
      return sampleProducers(metadata, wanted, { linkTo, nowMs: systemClock.now().getTime() }, within);
    },

    async clientCounts(within) {
      const agents = Object.entries(config.jmx);
      if (agents.length === 0) return { kind: 'unanswered', reason: noAgents };
      const read = ([broker, agent]: (typeof agents)[number]) => readClientCounts(agent, broker, within);
      const { answers, notices } = await askEach(agents, read, within);
      return { kind: 'answered', value: { clients: answers.flat(), notices } };
    },

    [Symbol.asyncDispose]: () => links[Symbol.asyncDispose](),
  };
}

/** Settings that differ between brokers by design. */
const own =
  /^(node\.id|broker\.id|broker\.rack|process\.roles|host\.name|port|advertised\.(listeners|host\.name|port)|listeners|log\.dirs?|metadata\.log\.dir|controller\.listener\.names|ssl\.(key|trust)store\.location)$/;
const brokerResource = 4;

/** Reads every broker's settings with DescribeConfigs, and lists the differences between brokers. */
async function readSettings(
  brokers: readonly Broker[],
  linkTo: (broker: Broker) => Promise<Link>,
  io: Io,
): Promise<Settings> {
  const readOne = async (broker: Broker): Promise<ProcessSettings> => {
    const values = await settingsOf(await linkTo(broker), broker.id, io);
    return { of: 'broker', id: broker.id, ...values };
  };
  const { answers: processes, notices, faults } = await askEach(brokers, readOne, io);
  const unread = new Map(Array.from(faults, ([{ id }, fault]) => [id, fault] as const));
  return { processes, differences: differencesOf(processes), notices, unread };
}

async function settingsOf(link: Link, id: string, io: Io): Promise<Pick<ProcessSettings, 'values' | 'own'>> {
  const action = `read the settings of broker ${id}`;
  const resource = { resourceType: brokerResource as 4, resourceName: id };
  const [result] = await describeConfigs(link, action, [resource], io);
  refuse(link, { action, api: 'DescribeConfigs' }, result?.errorCode, undefined);
  const configs = (result?.configs ?? []).toSorted((one, other) => (one.name < other.name ? -1 : 1));
  return {
    values: new Map(
      configs.map(({ name, value, isSensitive }) => [
        name,
        isSensitive ? hiddenValue : shownValue(name, value ?? '(not set)'),
      ]),
    ),
    own: new Set(configs.flatMap(({ name, configSource }) => (configSource === ownSources.broker ? name : []))),
  };
}

function differencesOf(processes: readonly ProcessSettings[]): Settings['differences'] {
  const keys = new Set(processes.flatMap(({ values }) => [...values.keys()]));
  return [...keys]
    .filter((key) => !own.test(key))
    .sort()
    .flatMap((setting) => {
      // A key that a release does not know is not a difference of settings.
      const sides = processes.flatMap(({ id, values }) => {
        const value = values.get(setting);
        return value === undefined ? [] : [[id, value] as const];
      });
      if (new Set(sides.map(([, value]) => value)).size < 2) return [];
      return [{ of: 'broker' as const, setting, sides: Object.fromEntries(sides) }];
    });
}

const keys = [
  'cleanup.policy',
  'compression.type',
  'confluent.tier.enable',
  'flush.messages',
  'flush.ms',
  'follower.replication.throttled.replicas',
  'leader.replication.throttled.replicas',
  'local.retention.bytes',
  'local.retention.ms',
  'max.message.bytes',
  'min.insync.replicas',
  'remote.storage.enable',
  'retention.bytes',
  'retention.ms',
  'segment.bytes',
  'unclean.leader.election.enable',
];
/** Sixteen settings of 500 topics are about 500 kB. */
const topicsPerRequest = 500;

/** @returns a notice for each topic whose settings the broker refused */
export async function readTopicSettings(
  link: Link,
  topics: readonly string[],
  io: Io,
): Promise<{ topics: TopicSettings[]; notices: string[] }> {
  const readTopics: TopicSettings[] = [];
  const notices: string[] = [];
  for await (const each of describeTopics(link, { topics, keys, topicsPerRequest }, io)) {
    const { resourceName: topic, errorCode, configs } = each;
    const refusal = refusalOf(errorCode, 'DescribeConfigs');
    if (refusal !== undefined) {
      notices.push(`settings of topic ${topic} unknown: ${refusal}`);
      continue;
    }
    const values = configs.flatMap(({ name, value }) => (typeof value === 'string' ? [[name, value] as const] : []));
    readTopics.push({ topic, values: new Map(values) });
  }
  return { topics: readTopics, notices };
}
