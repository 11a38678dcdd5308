// Recognizes topics in which Kafka and its companions keep their state.

/** By convention: __remote_log_metadata, _schemas, _confluent-tier-state. A shorter retention would delete their state. */
export const isSystemTopic = (topic: string): boolean => topic.startsWith('_');
