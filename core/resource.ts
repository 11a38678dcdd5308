// What can be full, and what is only a sign of it?

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

/** Has a threshold and is only evidence: never converted to a utilisation, never a capacity. */
export const symptomNames = ['iowait', 'gc-pause', 'consumer-lag', 'publish-latency', 'send-errors'] as const;
export type Symptom = (typeof symptomNames)[number];
