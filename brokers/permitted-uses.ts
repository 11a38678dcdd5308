// Lists the features whose permissions each kind of broker defines: title, and the commands that a user runs.

export const uses = {
  monitoring: [
    'Exporter and monitoring',
    ['exporter', 'serve', 'top', 'get brokers', 'get topics', 'get groups', 'get topic'],
  ],
  lag: ['Lag of one consumer group', ['get group']],
  clients: ['Clients of a cluster', ['get clients (and those of Monitoring)', 'serve (page of clients)']],
  acls: ['Access control rules', ['get acls']],
  check: ['Cluster check', ['cluster check', 'ready']],
  message: ['Reading a message', ['get message']],
  messages: ['Browsing messages', ['get messages', 'serve (page of messages)']],
  receive: ['Receiving messages', ['receive', 'receive --group']],
  commitReceived: ['Receiving messages for a consumer group', ['receive --group --commit']],
  capture: ['Capturing a topic', ['capture']],
  lease: ['Lease of changes', ['ops status', 'every --execute, --resume and --abort']],
  offsets: [
    'Offsets of a consumer group',
    ['ops offsets backup', 'ops offsets reset', 'ops offsets restore', 'ops offsets copy'],
  ],
  send: ['Sending a message', ['send']],
} as const satisfies Readonly<Record<string, readonly [title: string, commands: readonly string[]]>>;

/** Commands that send probes to clusters of each kind. */
export const canaryUses = [
  'exporter (canary)',
  'instances roll (canary)',
  'instances upgrade (canary)',
  'instances reconfigure (canary)',
] as const;
