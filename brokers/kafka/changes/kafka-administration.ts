// Administers a Kafka cluster: topics, settings, quotas and groups, each at the responsible broker.

import { type Clock, type Seconds, systemClock } from '../../../core/clock.ts';
import type { Io } from '../../driver.ts';
import type { KafkaClusterConfig } from '../config.ts';
import { describeClientQuotas, type QuotaEntity } from '../wire/describe-client-quotas.ts';
import { createAcls, deleteAcls, type KafkaAcl, readAcls } from './acls.ts';
import { openKafkaChanges } from './kafka-changes.ts';
import { alterQuotas, type QuotaChanges } from './quotas.ts';
import { createReach, type Reach } from './reach.ts';
import { deleteScramCredential, readScramCredentials, type ScramCredential, setScramCredential } from './scram.ts';
import { type Configured, readSettingsOf, refuse } from './settings.ts';
import { createTopic, deleteTopic, type TopicToDelete, type WantedTopic } from './topics.ts';
import { deleteGroupsV2, deleteRecordsV1, deleteRecordsV2, offsetDeleteV0 } from '../library.ts';
import { AppError } from '../../../core/errors.ts';
import { type Link, newestSpoken } from '../wire/links.ts';
import { leaderAddress, readMetadataOver } from '../wire/metadata.ts';
import { quotedWord } from '../../../core/text/quoted-word.ts';
import { kafkaErrorOf } from '../errors.ts';
import { kafkaVersionOf } from '../versions.ts';

export type KafkaAdministration = ReturnType<typeof openKafkaAdministration>;

/** @param patience how long a request is repeated while no controller answers; 30 s by default */
export function openKafkaAdministration(
  name: string,
  config: KafkaClusterConfig,
  { clock = systemClock, patience }: { clock?: Clock; patience?: Seconds } = {},
) {
  const reach = createReach(name, config, clock, patience);
  const { throughController, throughCoordinator } = reach;
  return {
    ...openKafkaChanges(name, config, { clock, reach }),
    /** @returns the release of the broker that answers, such as `3.9`; undefined if unknown */
    version: (io: Io) => reach.persist(io, async () => kafkaVersionOf((await reach.any(io)).link.ranges)),
    /** @returns the actual or planned shape. @throws AppError topic-conflict when the topic exists */
    createTopic(topic: WantedTopic, { validateOnly }: { validateOnly: boolean }, io: Io) {
      let attempts = 0;
      return throughController(io, (link) => createTopic(link, topic, { validateOnly, isRepeat: attempts++ > 0 }, io));
    },
    /** A missing topic is no error. */
    deleteTopic(name: string, io: Io, known: Omit<TopicToDelete, 'name'> = {}) {
      let attempts = 0;
      return throughController(io, (link) => deleteTopic(link, { name, ...known }, { isRepeat: attempts++ > 0 }, io));
    },
    /** Reads all settings of the broker or topic. @throws AppError not-found for a broker that is not in the cluster */
    allSettings: (of: Configured, io: Io) =>
      reach.decidingOn(of, io, (link) => readSettingsOf(link, of, undefined, io)),
    acls: (io: Io) => throughController(io, (link) => readAcls(link, io)),
    createAcls: (acls: readonly KafkaAcl[], io: Io) => throughController(io, (link) => createAcls(link, acls, io)),
    deleteAcls: (acls: readonly KafkaAcl[], io: Io) => throughController(io, (link) => deleteAcls(link, acls, io)),
    scram: (user: string, io: Io) => throughController(io, (link) => readScramCredentials(link, user, io)),
    setScram: (credential: ScramCredential, password: string, io: Io) =>
      throughController(io, (link) => setScramCredential(link, credential, password, io)),
    deleteScram: (credential: Pick<ScramCredential, 'user' | 'mechanism'>, io: Io) =>
      throughController(io, (link) => deleteScramCredential(link, credential, io)),
    /** Deletes records before these offsets, as retention would. */
    deleteRecords: (topic: string, kept: readonly FirstKept[], io: Io) => deleteFirstRecords(reach, topic, kept, io),
    quotas: (io: Io) => throughController(io, (link) => describeClientQuotas(link, io)),
    alterQuotas: (of: QuotaEntity, changes: QuotaChanges, how: { validateOnly: boolean }, io: Io) =>
      throughController(io, (link) => alterQuotas(link, of, changes, how, io)),
    /** A missing group is no error. @throws AppError change-refused while it has members */
    deleteGroup: (group: string, io: Io) => throughCoordinator(group, io, (link) => deleteGroup(link, group, io)),
    /** @throws AppError change-refused while a member subscribes to the topic */
    deleteOffsets: (group: string, topic: string, partitions: readonly number[], io: Io) =>
      throughCoordinator(group, io, (link) => deleteOffsets(link, { group, topic, partitions }, io)),
  };
}

interface FirstKept {
  partition: number;
  /** The first offset that is kept. */
  offset: bigint;
}

const brokerWaitMs = 30_000;

/** @throws AppError broker-refused, with the partition; earlier partitions are done by then */
async function deleteFirstRecords(
  reach: Pick<Reach, 'any' | 'to' | 'persist'>,
  topic: string,
  kept: readonly FirstKept[],
  io: Io,
): Promise<void> {
  for (const { partition, offset } of kept) {
    const action = `delete the records of ${topic}-${partition} before ${offset}`;
    await reach.persist(io, async () => {
      const { link: any } = await reach.any(io);
      const address = leaderAddress(await readMetadataOver(any, io, [topic]), { topic, partition });
      if (address === undefined) {
        throw new AppError('broker-refused', `cannot ${action}: the partition has no leader`, {
          hint: `start a broker that has a replica: \`plimsoll get topic ${topic}\` lists them`,
        });
      }
      const link = await reach.to(address, io);
      const api = newestSpoken(link, deleteRecordsV2.api, deleteRecordsV1.api);
      const wanted = [{ name: topic, partitions: [{ partitionIndex: partition, offset }] }];
      const answer = await link.askForParts(action, io, api, wanted, brokerWaitMs);
      const part = answer.topics[0]?.partitions[0];
      refuse(link, { action, api: 'DeleteRecords' }, part?.errorCode, undefined);
    });
  }
}

/** Coordinator errors for a group that is in use. */
const inUse: ReadonlySet<string> = new Set(['NON_EMPTY_GROUP', 'GROUP_SUBSCRIBED_TO_TOPIC']);

/** A missing group is no error. @throws AppError change-refused while it has members; as the coordinator answers */
async function deleteGroup(link: Link, group: string, io: Io): Promise<void> {
  const action = `delete group ${group}`;
  const api = newestSpoken(link, deleteGroupsV2.api);
  await unlessInUse(action, group, () => link.ask(action, io, api, [group]));
}

/** @throws AppError change-refused while a member subscribes to the topic; as the coordinator answers */
async function deleteOffsets(
  link: Link,
  { group, topic, partitions }: { group: string; topic: string; partitions: readonly number[] },
  io: Io,
): Promise<void> {
  const action = `delete the offsets of group ${group} in ${topic}`;
  const api = newestSpoken(link, offsetDeleteV0.api);
  const wanted = { name: topic, partitions: partitions.map((partitionIndex) => ({ partitionIndex })) };
  await unlessInUse(action, group, () => link.ask(action, io, api, group, [wanted]));
}

async function unlessInUse(action: string, group: string, request: () => Promise<unknown>): Promise<void> {
  try {
    await request();
  } catch (cause) {
    const name = kafkaErrorOf(cause)?.name ?? '';
    if (name === 'GROUP_ID_NOT_FOUND') return;
    if (!inUse.has(name)) throw cause;
    throw new AppError('change-refused', `cannot ${action}: it has members now (${name})`, {
      cause,
      hint: `stop its members first; \`plimsoll get group ${quotedWord(group)}\` lists them`,
    });
  }
}
