// Names the group that keeps the lease of a Kafka cluster's changes; it consumes nothing and is no consumer group to anybody.

export const leaseGroup = 'plimsoll-change-lease';
