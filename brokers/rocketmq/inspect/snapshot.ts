// Reads a RocketMQ cluster snapshot: each name server and broker separately, then merged.

import type { Clock } from '../../../core/clock.ts';
import { AppError } from '../../../core/errors.ts';
import type { ClusterInspector, Io } from '../../driver.ts';
import { createReadGovernor, defaultGovernorLimits, type ReadGovernor } from '../../read-governor.ts';
import { createCertificateReader } from '../../certificates.ts';
import { createSectionMemory, type SectionMemory, type Sections } from '../../sections.ts';
import { createSilentBrokers } from '../../silent-brokers.ts';
import type { ClusterSnapshot } from '../../snapshot.ts';
import type { RocketmqClusterConfig } from '../config.ts';
import type { RemotingClient } from '../protocol/frame.ts';
import { forNameServer } from '../name-servers.ts';
import { encodeGetControllerMetadata } from '../protocol/controller-requests.ts';
import { encodeGetClusterInfo, encodeGetRoute, type Route } from '../protocol/name-server-requests.ts';
import { createAbsentMasters } from './absent-masters.ts';
import { type BrokerLink, createLinks, type Links } from './broker-link.ts';
import { createBrokerReader, readRuntime } from './broker-reading.ts';
import { type BrokerMemory, type NameReading, readBrokerName, readGone } from './broker-name.ts';
import { clusterOf, composeSnapshot } from './compose.ts';
import { type Membership, membershipOf, type NameServerReading, createRegistrations } from './membership.ts';
import { readNativeMetrics } from './native-metrics.ts';
import { readSyncState } from './sync-state.ts';
import type { Disagreement } from '../details.ts';
import { differing } from './disagreements.ts';
import { pipelined } from '../../pipelined.ts';
import { createReadRotation } from './read-rotation.ts';

export interface InspectorParts {
  name: string;
  config: RocketmqClusterConfig;
  client: RemotingClient;
  clock: Clock;
}

/**
 * Brokers answer queue ends from memory, some thousands for one collection of a large cluster: 2,000 per second use
 * about a tenth of one core of the broker (docs/reference/rocketmq-requests.md).
 */
const limits = { ...defaultGovernorLimits, requestsPerSecond: 2000, burst: 20_000 };

const nameServerSeconds = 2;
const controllerSeconds = 3;
const nativeMetricsSeconds = 5;

export function createInspector({ name, config, client, clock }: InspectorParts): ClusterInspector {
  const governor: ReadGovernor = createReadGovernor({ clock, limits });
  const lasting: SectionMemory = createSectionMemory({ clock, governor });
  const links: Links = createLinks(client, governor);
  const routes = createRouteReader({ clock });
  const memories = new Map<string, BrokerMemory>();
  const absentIn = createAbsentMasters(clock);
  const registrations = createRegistrations(clock);
  const silent = createSilentBrokers(clock);
  const readCertificates = createCertificateReader(config.tls, clock);
  const silentNameServers = createSilentBrokers(clock);

  /** @throws AppError when no name server answers now or answered lately */
  async function readMembership(
    sections: Sections,
    io: Io,
  ): Promise<{ readings: NameServerReading[]; membership: Membership }> {
    const failures: unknown[] = [];
    const readings = await Promise.all(
      config.namesrv.map(async (address): Promise<NameServerReading> => {
        let isFresh = false;
        const { link, ask } = createBrokerReader(sections, links.to(address, address), silentNameServers);
        const listed = await ask(
          {
            section: 'name-server',
            deadlineSeconds: nameServerSeconds,
            async read(within) {
              try {
                const answer = await link.ask(forNameServer(encodeGetClusterInfo()), within);
                isFresh = true;
                return registrations.up(address, answer);
              } catch (cause) {
                failures.push(cause);
                // A slow name server has not restarted.
                if (!within.signal.aborted) registrations.down(address);
                throw cause;
              }
            },
          },
          io,
        );
        return { address, isFresh, ...(listed !== undefined && { listed }) };
      }),
    );
    const membership = membershipOf(readings);
    if (membership.members.length > 0) return { readings, membership };
    // Nothing else can be read without a list of brokers, so a slow name server gets its full time again.
    silentNameServers.clear();
    throw noBrokers(name, config.namesrv, failures);
  }

  return {
    async describe(io) {
      const sections = lasting.begin();
      const { membership } = await readMembership(sections, io);
      const runtimes = await Promise.all(
        membership.members.map(({ id, address }) =>
          readRuntime(createBrokerReader(sections, links.to(id, address), silent), { governor }, io),
        ),
      );
      return clusterOf(
        name,
        membership,
        runtimes.map(({ table }) => table),
      );
    },

    async snapshot(io, wanted = {}): Promise<ClusterSnapshot> {
      const sections = lasting.begin();
      const { readings, membership: listed } = await readMembership(sections, io);
      const { byName } = listed;
      const { absent: absentMasters, gone } = absentIn(listed);
      const membership = { ...listed, names: listed.names.union(gone) };
      const { names } = membership;
      const lost = [...gone.values()].filter(({ id }) => memories.get(id)?.mayWrite !== false);
      const kept = new Set([...absentMasters.values(), ...gone.values()].map(({ id }) => id));
      for (const id of memories.keys()) {
        if (membership.members.some((member) => member.id === id)) continue;
        silent.delete(id);
        if (!kept.has(id)) memories.delete(id);
      }
      const isWhole = wanted.topics === undefined && wanted.groups === undefined;
      const parts = { sections, governor, links, names, memories, absentMasters, silent, clock, isWhole };
      // Apart from the others, because their age of hours would be shown as that of the whole cluster.
      const unlisted = lasting.begin();
      const [nameReadings, syncState, nativeMetrics, certificates] = await Promise.all([
        Promise.all([
          ...byName.values().map((members) => readBrokerName(members, parts, wanted, io)),
          ...lost.map((master) => readGone(master, { ...parts, sections: unlisted }, wanted, io)),
        ]),
        isWhole ? syncStateOf(sections, membership, io) : undefined,
        isWhole ? nativeMetricsOf(sections, io) : [],
        isWhole
          ? readCertificates([...config.namesrv, ...membership.members.map(({ address }) => address)], io)
          : undefined,
      ]);
      const topics = namesOfTopics(nameReadings);
      const routeDisagreements =
        isWhole && config.namesrv.length > 1 ? await routesOf(sections, readings, topics, io) : [];
      const composed = composeSnapshot({
        name,
        readings,
        membership,
        nameReadings,
        nativeMetrics,
        routeDisagreements: routeDisagreements ?? [],
        ...(syncState !== undefined && { syncState }),
        sections: sections.report(),
        unlisted: unlisted.report(),
        requests: links.counts(),
      });
      return { ...composed, ...(certificates && { certificates }) };
    },

    observe: (broker, signs) => governor.observe(broker, signs),

    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };

  async function syncStateOf(sections: Sections, { byName }: Membership, io: Io) {
    const { controllers } = config;
    if (controllers === undefined) return undefined;
    const leaders = await Promise.all(
      controllers.map((broker) => {
        const read = (within: Io) => links.to(broker, broker).ask(encodeGetControllerMetadata(), within);
        return sections.ask({ section: 'controller', broker, keepSeconds: 0, deadlineSeconds: 1, read }, io);
      }),
    );
    const known = new Set(leaders.filter((leader) => leader !== undefined));
    const read = (within: Io) => readSyncState(links, known, [...byName.keys()], within);
    return sections.ask({ section: 'sync-state', deadlineSeconds: controllerSeconds, read }, io);
  }

  async function nativeMetricsOf(sections: Sections, io: Io) {
    const pages = await Promise.all(
      Object.entries(config.nativeMetrics ?? {}).map(([broker, url]) => {
        const read = (within: Io) => readNativeMetrics(broker, url, within);
        const timing = { optional: true, deadlineSeconds: nativeMetricsSeconds };
        return sections.ask({ section: 'native-metrics', broker, ...timing, read }, io);
      }),
    );
    return pages.flatMap((page) => page ?? []);
  }

  async function routesOf(
    sections: Sections,
    readings: readonly NameServerReading[],
    topics: readonly string[],
    io: Io,
  ) {
    const answering = readings.filter(({ isFresh }) => isFresh).map(({ address }) => links.to(address, address));
    const read = (within: Io) => routes(answering, topics, within);
    return sections.ask({ section: 'routes', optional: true, deadlineSeconds: nameServerSeconds, read }, io);
  }
}

const namesOfTopics = (readings: readonly NameReading[]) => [
  ...new Set(readings.flatMap(({ queues }) => queues?.topics.map((topic) => topic.name) ?? [])),
];

function noBrokers(name: string, namesrv: readonly string[], failures: readonly unknown[]): AppError {
  const [first] = failures;
  if (first instanceof AppError && first.code !== 'broker-unreachable') return first;
  const addresses = namesrv.join(', ');
  if (first === undefined) {
    return new AppError('broker-unreachable', `cluster ${name}: no broker has registered with ${addresses}`, {
      hint: "a broker registers with its namesrvAddr within 30 s of its start; compare it with the cluster's namesrv",
    });
  }
  const reason = first instanceof AppError ? first.message : 'no answer in time';
  return new AppError(
    'name-servers-unreachable',
    `cluster ${name}: no name server of ${addresses} answered: ${reason}`,
    {
      cause: first,
    },
  );
}

const everySeconds = 300;
const mostTopicsAtATime = 50;
const atOnce = 8;

/** Compares nothing if only one name server answers. */
function createRouteReader({ clock }: { clock: Clock }) {
  const rota = createReadRotation<readonly Disagreement[]>({ clock, everySeconds });
  return async (servers: readonly BrokerLink[], topics: readonly string[], io: Io): Promise<Disagreement[]> => {
    if (servers.length > 1) {
      await pipelined(rota.due(topics, mostTopicsAtATime), atOnce, async (topic) => {
        const routes = await Promise.all(servers.map((server) => server.ask(encodeGetRoute({ topic }), io)));
        const sides = servers.map(({ id }, index) => [id, routeText(routes[index])] as const);
        rota.put(topic, differing('name-server-route', topic, sides));
      });
    }
    // With thousands of topics a turn comes late; until then the last result is kept.
    return [...rota.lastValues().values()].flat();
  };
}

function routeText(route: Route | undefined): string {
  if (route === undefined) return 'not listed';
  return route.queues
    .map(
      ({ brokerName, readQueues, writeQueues, permission }) =>
        `${brokerName} read ${readQueues} write ${writeQueues} ${permission}`,
    )
    .sort()
    .join(', ');
}
