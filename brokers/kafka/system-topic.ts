// Recognizes topics in which Kafka and related programs keep their state.

/** By convention: __remote_log_metadata, _schemas, _confluent-tier-state. A shorter retention would delete their state. */
export const isSystemTopic = (topic: string): boolean => topic.startsWith('_');

/** Topics of Kafka itself, with the state of groups, transactions and share groups. */
export const isOwnTopic = (topic: string): boolean =>
  /^__(consumer_offsets|transaction_state|share_group_state|cluster_metadata)$/.test(topic);

/** Topics of Schema Registry and remote storage. */
const companions = /^(_schemas|__remote_log_metadata)$/;

/**
 * Names from the documentation of Connect, Strimzi and MirrorMaker 2. Other topics can have such names too, but Connect
 * starts only with compacted ones.
 */
const ofConnect =
  /^((.+[-_.])?connect[-_.](cluster[-_.])?(configs?|offsets?|status)|mirrormaker2-cluster-(configs|offsets|status)|mm2-(configs|offsets|offset-syncs|status)\..+\.internal)$/;

/** Whether the state in the topic is found by the number of partitions, or must be in a single one. */
export const hasFixedPartitions = (topic: string, isCompacted: boolean): boolean =>
  isOwnTopic(topic) || companions.test(topic) || (isCompacted && ofConnect.test(topic));

/**
 * Repartition topics of Kafka Streams, which deletes processed records: whole segments stay on disk, and retention is
 * unlimited.
 */
export const isRepartitionTopic = (topic: string): boolean => topic.endsWith('-repartition');

/** Changelogs of Kafka Streams, from which it restores an application's state; other topics may have such a name. */
export const isChangelog = (topic: string, isCompacted: boolean): boolean =>
  isCompacted && topic.endsWith('-changelog');
