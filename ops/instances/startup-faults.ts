// Explains from its output why a broker did not start: the cause and what to do.

import { streamBreak } from '../../hosts/instances/supervisord.ts';

export interface StartupFault {
  /** Line of the output. */
  line: string;
  cause: string;
  action: string;
}

/**
 * Causes first, then their consequences. Wordings: Kafka 2.8–4.3 (core, storage), RocketMQ 4.9–5.3
 * (DefaultMessageStore, BrokerStartup, NettyRemotingServer, mqbroker), ZooKeeper 3.5–3.9 (QuorumPeerConfig), HotSpot of
 * Java 8–21.
 */
const patterns: readonly (Omit<StartupFault, 'line'> & { pattern: RegExp })[] = [
  {
    pattern: /Lock failed, ?MQ already started/,
    cause: 'another broker uses the same store directory',
    action: 'give each broker of a host a separate storePathRootDir and storePathCommitLog, or stop the other one',
  },
  {
    pattern:
      /Failed to acquire lock on file \.lock in|A Kafka instance in another process or thread is using this directory/,
    cause: 'another broker uses the same log directory',
    action: 'give each broker of a host separate log.dirs, or stop the other one',
  },
  {
    pattern: /InconsistentClusterIdException|Invalid cluster\.id in:/,
    cause: 'the data directory belongs to another cluster (meta.properties)',
    action:
      'check log.dirs and the quorum or ZooKeeper addresses; do not delete meta.properties before you know which cluster the data belongs to',
  },
  {
    pattern:
      /InconsistentBrokerIdException|Configured (?:broker|node)\.id .* doesn't match|Stored node id .* doesn't match/,
    cause: 'the data directory belongs to another broker (meta.properties)',
    action: 'check node.id or broker.id, and log.dirs',
  },
  {
    pattern:
      /No readable meta\.properties files found|no meta\.properties (?:file )?(?:was )?found|No `meta\.properties` found/i,
    cause: 'the data directory is not formatted for KRaft',
    action:
      'format it once: kafka-storage.sh format --cluster-id ID --config FILE; check first that the right disk is mounted',
  },
  {
    pattern: /NodeExistsException|node already exists and owner|already registered on the path/,
    cause: 'ZooKeeper has a broker with this id already',
    action: 'give each broker a unique broker.id; after a crash, wait for the end of its session (18 s)',
  },
  {
    pattern: /Missing required configuration "?process\.roles|load main class org\.apache\.zookeeper/,
    cause: 'this version of Kafka runs without ZooKeeper',
    action: 'use a distribution before 4.0, or migrate the cluster to KRaft first (Kafka 3.9)',
  },
  {
    pattern: /Address already in use|BindException|Failed to bind to|Socket server failed to bind/,
    cause: 'a port is in use',
    action:
      'stop the other process, or give this instance another port; a RocketMQ broker also uses listenPort - 2 and + 1',
  },
  {
    pattern: /UnsupportedClassVersionError|has been compiled by a more recent version of the Java/,
    cause: 'its Java is too old',
    action: 'Kafka 4 needs Java 17, RocketMQ 5 Java 8 or later: set JAVA_HOME of the service',
  },
  {
    pattern:
      /JAVA_HOME (?:is not set|variable in your environment)|java: (?:command )?not found|can't find command '[^']*java'|exec: java/,
    cause: 'Java was not found',
    action:
      'install Java, or set JAVA_HOME in the environment of the service: supervisord and systemd do not read profiles',
  },
  {
    pattern: /Unrecognized VM option|Could not create the Java Virtual Machine|Conflicting collector combinations/,
    cause: 'the JVM rejects an option',
    action: 'remove the option that the line before names; newer versions of Java removed some options',
  },
  {
    pattern:
      /insufficient memory for the Java Runtime|Could not reserve enough space|Cannot allocate memory|OutOfMemoryError/,
    cause: 'not enough memory',
    action: 'lower -Xmx or free memory; the default heap of RocketMQ scripts is 8 GB',
  },
  {
    pattern: /Too many open files/,
    cause: 'the limit of open files is reached',
    action: 'raise LimitNOFILE of the unit, or minfds of supervisord',
  },
  {
    pattern: /No space left on device/,
    cause: 'a file system is full',
    action: 'free disk space before the next start',
  },
  {
    pattern: /Could not find or load main class|ClassNotFoundException|NoClassDefFoundError/,
    cause: 'classes of the broker are missing',
    action: 'check the installation folder and the class path of the service',
  },
  {
    pattern: /myid file is missing|serverid \S+ is not a number/,
    cause: 'the ZooKeeper server has no id (myid)',
    action: 'check that the disk of dataDir is mounted; write the number of its server line into the file myid there',
  },
  {
    pattern: /My id \d+ not in the peer list/,
    cause: 'the id of the ZooKeeper server (myid) has no server line in its settings',
    action: 'check that dataDir is that of this server, and that myid is the number of one of the lines server.N',
  },
  {
    pattern:
      /log entries\. Something is broken|The (?:current|accepted) epoch, \S+ is (?:older|less) than|Unable to load database on disk/,
    cause: 'the data of the ZooKeeper server is damaged or incomplete',
    action:
      'check the disk; only while all other servers serve, move version-2 of this dataDir away: the server copies the data again',
  },
  {
    pattern: /Invalid config, exiting abnormally|ConfigException: Error processing/,
    cause: 'the settings of ZooKeeper are incomplete or invalid',
    action: 'correct its settings file: the lines before name the setting',
  },
  {
    pattern: /AccessDeniedException|Permission denied|EACCES/,
    cause: 'the user of the service may not read or write a file',
    action: 'chown its directories to the user of the service',
  },
  {
    pattern: /org\.apache\.kafka\.common\.config\.ConfigException|Missing required configuration/,
    cause: 'a setting is missing or invalid',
    action: 'correct it in the settings file',
  },
  {
    pattern: /Timed out waiting for connection while in state: CONNECTING|ZooKeeperClientTimeoutException/,
    cause: 'ZooKeeper does not answer',
    action: 'start ZooKeeper first, and check zookeeper.connect',
  },
];

/** @returns the first cause in the order of the table; undefined if the output has no known one */
export function explainStartup(output: string): StartupFault | undefined {
  const lines = output.split('\n');
  for (const { pattern, cause, action } of patterns) {
    const line = lines.findLast((each) => pattern.test(each));
    if (line !== undefined) return { line: line.trim().slice(0, 300), cause, action };
  }
  return undefined;
}

/** Line of each product once it serves: Kafka with KRaft and with ZooKeeper, RocketMQ brokers and their companions, ZooKeeper. */
export const readyLine =
  /Kafka Server started|\[KafkaServer id=\d+\] started|The (?:broker|Name Server|controller|broker container)[^\n]* boot success|rocketmq-proxy startup successfully|binding to port/i;

const markLength = 300;

/** @param mark end of the output before the start; if it is not found, the output was rotated and all of it is new */
export function outputSince(output: string, mark = ''): string {
  const marks = mark.split(streamBreak);
  const since = (text: string, end = '') => {
    // A short mark was the complete output then: the same text later is new.
    const at = end.length < markLength ? (text.startsWith(end) ? 0 : -1) : text.lastIndexOf(end);
    return at < 0 ? text : text.slice(at + end.length);
  };
  return output
    .split(streamBreak)
    .map((text, stream) => since(text, marks[stream]))
    .join('\n');
}

/** End of each stream of the output. */
export const markOf = (output: string): string =>
  output
    .split(streamBreak)
    .map((text) => text.trimEnd().slice(-markLength))
    .join(streamBreak);
