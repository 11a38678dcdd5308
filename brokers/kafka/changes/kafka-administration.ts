// Administers a Kafka cluster: topics, settings, quotas and groups, each at the broker that decides about it.

import { systemClock, type Clock } from '../../../core/clock.ts';
import type { Seconds } from '../../../core/units.ts';
import type { AclRule } from '../../acl-rule.ts';
import type { Io } from '../../driver.ts';
import type { KafkaClusterConfig } from '../config.ts';
import { describeClientQuotas, type ClientQuotas, type QuotaEntity } from '../wire/describe-client-quotas.ts';
import { createAcls, deleteAcls, readAcls, type KafkaAcl } from './acls.ts';
import { deleteGroup, deleteOffsets } from './group-deletion.ts';
import { openKafkaChanges, type KafkaChanges } from './kafka-changes.ts';
import { alterQuotas, type QuotaChanges } from './quotas.ts';
import { createReach } from './reach.ts';
import { deleteFirstRecords, type FirstKept } from './records.ts';
import { deleteScramCredential, readScramCredentials, setScramCredential, type ScramCredential } from './scram.ts';
import { readSettingsOf, type Configured, type DescribedSetting } from './settings.ts';
import { createTopic, deleteTopic, type TopicToDelete, type WantedTopic } from './topics.ts';

type Shared = Pick<KafkaChanges, 'describe' | 'settingsOf' | 'alterSettings' | 'sizes' | 'offsetsAt'>;

export interface KafkaAdministration extends Shared, AsyncDisposable {
  /** @returns what the topic has, or would have. @throws AppError topic-conflict when it exists */
  createTopic(
    topic: WantedTopic,
    how: { validateOnly: boolean },
    io: Io,
  ): Promise<{ partitions: number; replicationFactor: number }>;
  /** One that does not exist is deleted already. */
  deleteTopic(name: string, io: Io, known?: Omit<TopicToDelete, 'name'>): Promise<void>;
  /** All that the broker knows. @throws AppError not-found for a broker that is not in the cluster */
  allSettings(of: Configured, io: Io): Promise<ReadonlyMap<string, DescribedSetting>>;
  acls(io: Io): Promise<readonly AclRule[]>;
  createAcls(acls: readonly KafkaAcl[], io: Io): Promise<void>;
  deleteAcls(acls: readonly KafkaAcl[], io: Io): Promise<void>;
  scram(user: string, io: Io): Promise<readonly ScramCredential[]>;
  setScram(credential: ScramCredential, password: string, io: Io): Promise<void>;
  deleteScram(credential: Pick<ScramCredential, 'user' | 'mechanism'>, io: Io): Promise<void>;
  /** Deletes what is stored before these offsets, as retention would. */
  deleteRecords(topic: string, kept: readonly FirstKept[], io: Io): Promise<void>;
  quotas(io: Io): Promise<readonly ClientQuotas[]>;
  alterQuotas(of: QuotaEntity, changes: QuotaChanges, how: { validateOnly: boolean }, io: Io): Promise<void>;
  /** One that does not exist is deleted already. @throws AppError change-refused while it has members */
  deleteGroup(group: string, io: Io): Promise<void>;
  /** @throws AppError change-refused while a member subscribes to the topic */
  deleteOffsets(group: string, topic: string, partitions: readonly number[], io: Io): Promise<void>;
}

/** @param patience for how long a request is repeated while no controller answers: 30 s unless less is wanted */
export function openKafkaAdministration(
  name: string,
  config: KafkaClusterConfig,
  { clock = systemClock, patience }: { clock?: Clock; patience?: Seconds } = {},
): KafkaAdministration {
  const reach = createReach(name, config, clock, patience);
  const { throughController, throughCoordinator } = reach;
  return {
    ...openKafkaChanges(name, config, { clock, reach }),
    createTopic(topic, { validateOnly }, io) {
      let attempts = 0;
      return throughController(io, (link) => createTopic(link, topic, { validateOnly, isRepeat: attempts++ > 0 }, io));
    },
    deleteTopic(name, io, known = {}) {
      let attempts = 0;
      return throughController(io, (link) => deleteTopic(link, { name, ...known }, { isRepeat: attempts++ > 0 }, io));
    },
    allSettings: (of, io) => reach.decidingOn(of, io, (link) => readSettingsOf(link, of, undefined, io)),
    acls: (io) => throughController(io, (link) => readAcls(link, io)),
    createAcls: (acls, io) => throughController(io, (link) => createAcls(link, acls, io)),
    deleteAcls: (acls, io) => throughController(io, (link) => deleteAcls(link, acls, io)),
    scram: (user, io) => throughController(io, (link) => readScramCredentials(link, user, io)),
    setScram: (credential, password, io) =>
      throughController(io, (link) => setScramCredential(link, credential, password, io)),
    deleteScram: (credential, io) => throughController(io, (link) => deleteScramCredential(link, credential, io)),
    deleteRecords: (topic, kept, io) => deleteFirstRecords(reach, topic, kept, io),
    quotas: (io) => throughController(io, (link) => describeClientQuotas(link, io)),
    alterQuotas: (of, changes, how, io) => throughController(io, (link) => alterQuotas(link, of, changes, how, io)),
    deleteGroup: (group, io) => throughCoordinator(group, io, (link) => deleteGroup(link, group, io)),
    deleteOffsets: (group, topic, partitions, io) =>
      throughCoordinator(group, io, (link) => deleteOffsets(link, { group, topic, partitions }, io)),
    [Symbol.asyncDispose]: () => reach[Symbol.asyncDispose](),
  };
}
