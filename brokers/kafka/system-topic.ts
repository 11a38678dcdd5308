// Recognizes topics in which Kafka and its companions keep their state.

/** By convention: __remote_log_metadata, _schemas, _confluent-tier-state. A shorter retention would delete their state. */
export const isSystemTopic = (topic: string): boolean => topic.startsWith('_');

/** Of Kafka itself: without them groups, transactions and share groups lose their state. */
export const isOwnTopic = (topic: string): boolean =>
  /^__(consumer_offsets|transaction_state|share_group_state|cluster_metadata)$/.test(topic);

/** Of Schema Registry and remote storage. */
const companions = /^(_schemas|__remote_log_metadata)$/;

/**
 * As the documentation of Connect, Strimzi and MirrorMaker 2 names them; other topics have such names too, but Connect starts only
 * with compacted ones.
 */
const ofConnect =
  /^((.+[-_.])?connect[-_.](cluster[-_.])?(configs?|offsets?|status)|mirrormaker2-cluster-(configs|offsets|status)|mm2-(configs|offsets|offset-syncs|status)\..+\.internal)$/;

/** Their state is found by the number of partitions, or has to be in a single one. */
export const hasFixedPartitions = (topic: string, isCompacted: boolean): boolean =>
  isOwnTopic(topic) || companions.test(topic) || (isCompacted && ofConnect.test(topic));

/** Of Kafka Streams, which deletes the records that it has processed: whole segments stay on disk, and retention is unlimited. */
export const isRepartitionTopic = (topic: string): boolean => topic.endsWith('-repartition');

/** Of Kafka Streams, which reads the state of an application from it; others may have chosen such a name. */
export const isChangelog = (topic: string, isCompacted: boolean): boolean =>
  isCompacted && topic.endsWith('-changelog');
