// Lists the figures that the analysis reads from a monitoring system; naming schemes and reports use these keys.

export type Layer = 'host' | 'broker' | 'group' | 'cluster';

interface Figure {
  of: Layer;
  unit: string;
  /** Without it, no verdict can name a limit of this resource. */
  isNeeded?: true;
  /** One series per card or disk. */
  isPerDevice?: true;
}

const figures = {
  busyCores: { of: 'host', unit: 'cores', isNeeded: true },
  iowaitCores: { of: 'host', unit: 'cores' },
  stealCores: { of: 'host', unit: 'cores' },
  hottestCore: { of: 'host', unit: 'ratio' },
  cores: { of: 'host', unit: 'cores', isNeeded: true },
  memoryTotalBytes: { of: 'host', unit: 'bytes', isNeeded: true },
  memoryUsedBytes: { of: 'host', unit: 'bytes', isNeeded: true },
  networkInBytesPerSecond: { of: 'host', unit: 'bytes/s', isNeeded: true, isPerDevice: true },
  networkOutBytesPerSecond: { of: 'host', unit: 'bytes/s', isNeeded: true, isPerDevice: true },
  /** Length of the queue in front of a card, at the end of an interval. */
  networkBacklogBytes: { of: 'host', unit: 'bytes', isPerDevice: true },
  retransmitsPerSecond: { of: 'host', unit: 'segments/s' },
  linkBytesPerSecond: { of: 'host', unit: 'bytes/s', isNeeded: true, isPerDevice: true },
  /** Reported by the driver; for a virtual card this is no capacity. */
  reportedLinkBytesPerSecond: { of: 'host', unit: 'bytes/s', isPerDevice: true },
  diskBusy: { of: 'host', unit: 'ratio', isNeeded: true, isPerDevice: true },
  diskAwaitSeconds: { of: 'host', unit: 's', isPerDevice: true },
  diskWrittenBytesPerSecond: { of: 'host', unit: 'bytes/s', isPerDevice: true },
  bootTimeSeconds: { of: 'host', unit: 's since 1970' },
  messagesInPerSecond: { of: 'broker', unit: 'messages/s', isNeeded: true },
  bytesInPerSecond: { of: 'broker', unit: 'bytes/s' },
  bytesOutPerSecond: { of: 'broker', unit: 'bytes/s' },
  replicationBytesInPerSecond: { of: 'broker', unit: 'bytes/s' },
  replicationBytesOutPerSecond: { of: 'broker', unit: 'bytes/s' },
  produceRequestsPerSecond: { of: 'broker', unit: 'requests/s' },
  fetchRequestsPerSecond: { of: 'broker', unit: 'requests/s' },
  requestHandlersBusy: { of: 'broker', unit: 'ratio' },
  networkProcessorsBusy: { of: 'broker', unit: 'ratio' },
  requestQueueRequests: { of: 'broker', unit: 'requests' },
  requestQueueSeconds: { of: 'broker', unit: 's' },
  throttledSeconds: { of: 'broker', unit: 's' },
  sendQueueRequests: { of: 'broker', unit: 'requests' },
  sendQueueWaitSeconds: { of: 'broker', unit: 's' },
  pageCacheLockSeconds: { of: 'broker', unit: 's' },
  heapUsedRatio: { of: 'broker', unit: 'ratio' },
  gcPauseShare: { of: 'broker', unit: 'ratio' },
  underReplicatedPartitions: { of: 'broker', unit: 'partitions' },
  underMinIsrPartitions: { of: 'broker', unit: 'partitions' },
  flushesPerSecond: { of: 'broker', unit: 'flushes/s' },
  flushSecondsPerSecond: { of: 'broker', unit: 'ratio' },
  unflushedBytes: { of: 'broker', unit: 'bytes' },
  connections: { of: 'broker', unit: 'connections' },
  replicationLagBytes: { of: 'broker', unit: 'bytes' },
  startTimeSeconds: { of: 'broker', unit: 's since 1970' },
  restarts: { of: 'broker', unit: 'restarts' },
  leaders: { of: 'broker', unit: 'partitions' },
  /** Only compared with messagesInPerSecond, to detect a rate per minute. */
  putRate: { of: 'broker', unit: 'messages/s' },
  brokerAddress: { of: 'broker', unit: '1' },
  brokerHost: { of: 'broker', unit: '1' },
  brokerCount: { of: 'cluster', unit: 'brokers' },
  underReplicated: { of: 'cluster', unit: 'partitions' },
  offsetsPerSecond: { of: 'cluster', unit: 'messages/s' },
  groupLag: { of: 'group', unit: 'messages', isNeeded: true },
  groupCommitsPerSecond: { of: 'group', unit: 'messages/s' },
} as const satisfies Record<string, Figure>;

export type FigureName = keyof typeof figures;

export const figureNames = Object.keys(figures) as FigureName[];

/** @returns the definition of a figure, with its optional flags */
export function figureOf(name: FigureName): Figure {
  return figures[name];
}
