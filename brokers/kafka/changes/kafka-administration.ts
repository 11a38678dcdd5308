// Administers a Kafka cluster: topics, settings, quotas and groups, each at the responsible broker.

import { systemClock, type Clock } from '../../../core/clock.ts';
import type { Seconds } from '../../../core/units.ts';
import type { Io } from '../../driver.ts';
import type { KafkaClusterConfig } from '../config.ts';
import { describeClientQuotas, type QuotaEntity } from '../wire/describe-client-quotas.ts';
import { createAcls, deleteAcls, readAcls, type KafkaAcl } from './acls.ts';
import { deleteGroup, deleteOffsets } from './group-deletion.ts';
import { openKafkaChanges } from './kafka-changes.ts';
import { alterQuotas, type QuotaChanges } from './quotas.ts';
import { createReach } from './reach.ts';
import { deleteFirstRecords, type FirstKept } from './records.ts';
import { deleteScramCredential, readScramCredentials, setScramCredential, type ScramCredential } from './scram.ts';
import { readSettingsOf, type Configured } from './settings.ts';
import { createTopic, deleteTopic, type TopicToDelete, type WantedTopic } from './topics.ts';

export type KafkaAdministration = ReturnType<typeof openKafkaAdministration>;

/** @param patience how long a request is repeated while no controller answers; 30 s by default */
export function openKafkaAdministration(
  name: string,
  config: KafkaClusterConfig,
  { clock = systemClock, patience }: { clock?: Clock; patience?: Seconds } = {},
) {
  const reach = createReach(name, config, clock, patience);
  const { throughController, throughCoordinator } = reach;
  const { describe, settingsOf, alterSettings, sizes, offsetsAt } = openKafkaChanges(name, config, { clock, reach });
  return {
    describe,
    settingsOf,
    alterSettings,
    sizes,
    offsetsAt,
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
    [Symbol.asyncDispose]: () => reach[Symbol.asyncDispose](),
  };
}
