// Names everything that can limit a load, and the symptoms that are only evidence of it.

/** Has a capacity and can be bought. */
export const resourceNames = [
  'cpu',
  'disk-io',
  'disk-space',
  'network-in',
  'network-out',
  'memory',
  'heap',
  'threads',
] as const;
export type Resource = (typeof resourceNames)[number];

/** Queues and stages inside a broker that can be full: more threads or another setting lifts them. */
export const brokerQueueNames = ['request-handlers', 'network-threads', 'send-queue', 'replication', 'flush'] as const;
export type BrokerQueue = (typeof brokerQueueNames)[number];

/** Limits in the configuration: only a change of the configuration lifts them. */
export const configuredLimitNames = ['produce-quota', 'fetch-quota', 'request-quota', 'connections'] as const;
export type ConfiguredLimitName = (typeof configuredLimitNames)[number];

/** Everything at a node that can stop the load because it is used up. */
export const constraintNames = [...resourceNames, ...brokerQueueNames, ...configuredLimitNames] as const;
export type Constraint = (typeof constraintNames)[number];

/** Has a threshold and is only evidence: never converted to a utilisation, never a capacity. */
export const symptomNames = ['iowait', 'gc-pause', 'consumer-lag', 'publish-latency', 'send-errors'] as const;
export type Symptom = (typeof symptomNames)[number];
