// Reads one broker group: queues from the first member that answers, runtime info from each member.

import type { Clock } from '../../../core/clock.ts';
import { AppError } from '../../../core/errors.ts';
import type { Io, WantedSnapshot } from '../../driver.ts';
import type { ReadGovernor } from '../../read-governor.ts';
import type { Sections } from '../../sections.ts';
import { createSilentBrokers, type SilentBrokers } from '../../silent-brokers.ts';
import type { LiteLag, RocketmqBroker } from '../details.ts';
import { encodeGetBrokerConfig, encodeGetBrokerHaStatus, type HaStatus } from '../protocol/broker-requests.ts';
import { acceptsMessages } from '../protocol/name-server-requests.ts';
import { encodeGetLiteGroupInfo, isLiteTopic } from '../protocol/lite-requests.ts';
import { linkToAbsent, type AbsentMasters, withStandIn } from './absent-masters.ts';
import { unlessRefused, type Links } from './broker-link.ts';
import {
  createBrokerReader,
  readQueues,
  readRuntime,
  type BrokerReader,
  type QueueReading,
  type QueueSource,
  type RuntimeAnswer,
} from './broker-reading.ts';
import {
  createConflictReader,
  createConnectionReader,
  type ConflictsByGroup,
  type ConnectionsByGroup,
} from './group-clients.ts';
import { createConsumptionReader } from './consumption.ts';
import { roleOf, type Member } from './membership.ts';
import { createTrafficReader, type Traffic } from './moving-traffic.ts';
import { createConsistentReading } from './consistent-reading.ts';
import { createQueueOffsetReader, type QueueOffsetReader } from './queue-offsets.ts';
import { isPredefinedGroup } from './topic-kind.ts';
import { pipelined } from '../../pipelined.ts';
import { defined } from '../../../core/defined.ts';
import { getOrMake } from '../../../core/get-or-make.ts';

/** State that is kept for a broker between snapshots. */
export interface BrokerMemory {
  offsets: QueueOffsetReader;
  oneReading: QueueSource['oneReading'];
  connections: ReturnType<typeof createConnectionReader>;
  conflicts: ReturnType<typeof createConflictReader>;
  traffic: ReturnType<typeof createTrafficReader>;
  consumption: ReturnType<typeof createConsumptionReader>;
  /** Address that the settings were read from. */
  configFrom?: string;
  /** Whether its settings let producers write; a broker is closed to them before it is removed. */
  mayWrite?: boolean;
}

interface BrokerReading extends Pick<RocketmqBroker, 'role' | 'runtime' | 'config' | 'ha'> {
  member: Member;
}

export interface NameReading {
  brokers: readonly BrokerReading[];
  /** Queues as read from the broker that serves them. */
  queues?: QueueReading;
  connections: ConnectionsByGroup;
  /** Whether the absence of a group here proves that it has no client; not so on a slave, which may lack heartbeats. */
  mayDenyClients: boolean;
  conflicts: ConflictsByGroup;
  traffic: Traffic;
  liteLags: readonly LiteLag[];
}

interface ReadingParts {
  sections: Pick<Sections, 'ask'>;
  governor: ReadGovernor;
  links: Links;
  names: ReadonlySet<string>;
  memories: Map<string, BrokerMemory>;
  absentMasters: AbsentMasters;
  silent: SilentBrokers;
  clock: Clock;
  /** Whether everything is read, not only the topics and groups that a load test reads each second. */
  isWhole: boolean;
}

const deadlineSeconds = 3;
/** A scale-in closes a broker to producers for a minute at least (`--quiet`) before it is stopped. */
const configSeconds = 60;
/** The broker looks at every lite topic of the group. */
const liteGroupsAtOnce = 4;
/** Deadline for a rotation of many small reads; values read before it expires count in the next snapshot. */
const rotaSeconds = 4;

export async function readBrokerName(
  members: readonly Member[],
  parts: ReadingParts,
  wanted: WantedSnapshot,
  io: Io,
): Promise<NameReading> {
  const { sections, governor, links } = parts;
  const readers = members.map((member) => ({
    member,
    reader: createBrokerReader(sections, links.to(member.id, member.address), parts.silent),
  }));
  const [first, ...others] = readers;
  if (first === undefined) return nothing;

  const { runtimeMaxAgeSeconds: maxAgeSeconds = 0 } = wanted;
  const runtimeOf = ({ reader }: MemberReader) => readRuntime(reader, { governor, maxAgeSeconds }, io);
  let runtimeOfFirst: RuntimeAnswer | undefined;
  const runtimesOfOthers = Promise.all(others.map(runtimeOf));
  const queuesOf = ({ member, reader }: MemberReader, readFigures: QueueSource['readFigures']) =>
    readQueues({ ...sourceOf(member, parts), reader, readFigures }, wanted, io);

  let serving = first;
  let queues = await queuesOf(first, async () => {
    runtimeOfFirst = await runtimeOf(first);
    return runtimeOfFirst.isNew ? runtimeOfFirst.table : undefined;
  });
  const runtimes = [runtimeOfFirst, ...(await runtimesOfOthers)].map((answer) => answer?.table);
  // A slave serves the queues of an absent master. Its figures are older than its commits, so it reads every queue.
  const standIn = first.reader.answers() ? undefined : others.find(({ reader }) => reader.answers());
  if (standIn !== undefined) {
    queues = withStandIn(queues, await queuesOf(standIn, async () => undefined));
    serving = standIn;
  }
  const absent = parts.absentMasters.get(first.member.brokerName);
  if (absent !== undefined) queues = withStandIn(await keptQueues(absent, parts, wanted, io), queues);

  const brokers = await Promise.all(
    readers.map(async ({ member, reader }, index): Promise<BrokerReading> => {
      const runtime = runtimes[index];
      const role = roleOf(member, members, runtime);
      const [ha, config] = await Promise.all([
        parts.isWhole && role === 'master' && isVersion5(runtime) ? readHa(reader, io) : undefined,
        parts.isWhole ? readConfig(reader, member, memoryOf(member.id, parts), io) : undefined,
      ]);
      return defined({ member, role, runtime, ha, config });
    }),
  );
  if (!parts.isWhole) return { ...nothing, brokers, queues };
  const { consumption, ...usage } = await readUsage(serving, queues, parts, io);
  const servingRole = brokers.find(({ member }) => member.id === serving.member.id)?.role;
  return {
    brokers,
    mayDenyClients: servingRole !== 'slave',
    queues: { ...queues, ...(consumption !== undefined && { consumption }) },
    ...usage,
  };
}

/** Sends nothing. */
async function keptQueues(master: Member, parts: ReadingParts, wanted: WantedSnapshot, io: Io): Promise<QueueReading> {
  // Do not mark it silent, because that would shorten its deadlines when it returns.
  const reader = createBrokerReader(parts.sections, linkToAbsent(master.id), createSilentBrokers(parts.clock));
  return readQueues({ ...sourceOf(master, parts), reader, readFigures: async () => undefined }, wanted, io);
}

/**
 * Returns the last queues of a broker name that the name servers do not list any more: nobody can write or commit
 * there, so they stay as they were.
 */
export async function readGone(
  master: Member,
  parts: ReadingParts,
  wanted: WantedSnapshot,
  io: Io,
): Promise<NameReading> {
  const sections: ReadingParts['sections'] = {
    ask: (read, within) => parts.sections.ask({ ...read, keepSeconds: Infinity }, within),
  };
  const queues = await keptQueues(master, { ...parts, sections }, wanted, io);
  // No client is connected there.
  return { ...nothing, mayDenyClients: true, queues: { ...queues, groups: [], hasAllGroups: true } };
}

const sourceOf = (broker: Member, parts: ReadingParts) => {
  const { offsets: offsetReader, oneReading } = memoryOf(broker.id, parts);
  return { broker, offsetReader, oneReading, names: parts.names };
};

interface MemberReader {
  member: Member;
  reader: BrokerReader;
}

const noTraffic: Traffic = { topics: [], groups: [] };
const nothing: NameReading = {
  brokers: [],
  connections: new Map(),
  mayDenyClients: false,
  conflicts: new Map(),
  traffic: noTraffic,
  liteLags: [],
};

/** Reads clients and rates: optional, and skipped while the broker is overloaded. */
async function readUsage({ reader }: MemberReader, queues: QueueReading, parts: ReadingParts, io: Io) {
  const { link } = reader;
  const memory = memoryOf(link.id, parts);
  const groups = new Set([
    ...queues.groups.map(({ name }) => name),
    ...queues.commits.values().map(({ group }) => group),
  ]);
  const askable = [...groups].filter((group) => !isPredefinedGroup(group));
  const optional = { optional: true, deadlineSeconds: rotaSeconds };
  const lite = new Set(queues.commits.values().flatMap(({ topic, group }) => (isLiteTopic(topic) ? [group] : [])));
  const readLite = (within: Io) =>
    pipelined([...lite], liteGroupsAtOnce, (group) =>
      unlessRefused(() => link.ask(encodeGetLiteGroupInfo(group, parts.clock.now()), within)),
    );
  const [connections = new Map(), traffic = noTraffic, consumption, liteLags = []] = await Promise.all([
    reader.ask({ section: 'clients', ...optional, read: (within) => memory.connections(link, askable, within) }, io),
    reader.ask({ section: 'traffic', ...optional, read: (within) => memory.traffic(link, queues, within) }, io),
    reader.ask({ section: 'consumption', ...optional, read: (within) => memory.consumption(link, queues, within) }, io),
    lite.size === 0 ? [] : reader.ask({ section: 'lite-topics', ...optional, read: readLite }, io),
  ]);
  const conflicts = await reader.ask(
    { section: 'subscriptions', ...optional, read: (within) => memory.conflicts(link, connections, within) },
    io,
  );
  return {
    connections,
    conflicts: conflicts ?? new Map<string, readonly string[]>(),
    traffic,
    consumption,
    liteLags: liteLags.filter((lag) => lag !== undefined),
  };
}

const memoryOf = (id: string, { memories, clock }: ReadingParts) => getOrMake(memories, id, () => createMemory(clock));

const createMemory = (clock: Clock): BrokerMemory => ({
  offsets: createQueueOffsetReader({ clock }),
  oneReading: createConsistentReading(),
  connections: createConnectionReader({ clock }),
  conflicts: createConflictReader({ clock }),
  traffic: createTrafficReader({ clock }),
  consumption: createConsumptionReader(),
});

const isVersion5 = (runtime: ReadonlyMap<string, string> | undefined) =>
  /^V[5-9]/.test(runtime?.get('brokerVersionDesc') ?? '');

/** Ignores the refusal of 5.x in DLedger mode, which has no such service, so that no section counts as failed. */
function unlessCopiedByDledger(cause: unknown): undefined {
  if (!(cause instanceof AppError) || !cause.message.includes('Can not get HARuntimeInfo')) throw cause;
}

async function readHa(reader: BrokerReader, io: Io): Promise<HaStatus | undefined> {
  const read = (within: Io) => reader.link.ask(encodeGetBrokerHaStatus(), within).catch(unlessCopiedByDledger);
  return reader.ask({ section: 'ha', deadlineSeconds, read }, io);
}

/** With DLedger, an election moves a broker id to another process with other settings, so these are read again. */
async function readConfig(
  reader: BrokerReader,
  { address }: Member,
  memory: BrokerMemory,
  io: Io,
): Promise<ReadonlyMap<string, string> | undefined> {
  const isSame = memory.configFrom === address;
  return reader.ask(
    {
      section: 'config',
      everySeconds: isSame ? configSeconds : 0,
      ...(!isSame && { keepSeconds: 0 }),
      optional: true,
      deadlineSeconds,
      async read(within) {
        const config = await reader.link.ask(encodeGetBrokerConfig(), within);
        memory.configFrom = address;
        memory.mayWrite = acceptsMessages(config);
        return config;
      },
    },
    io,
  );
}
