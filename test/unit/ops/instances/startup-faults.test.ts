import { expect, test } from 'vitest';
import { readProgramOutput } from '../../../../hosts/instances/supervisord.ts';
import { explainStartup, markOf, outputSince, readyLine } from '../../../../ops/instances/startup-faults.ts';

// Lines as Kafka 2.8 to 4.3 and RocketMQ 4.9 to 5.3 wrote them.
const lines: readonly (readonly [string, string])[] = [
  ['java.lang.RuntimeException: Lock failed,MQ already started', 'another broker uses the same store directory'],
  [
    'org.apache.kafka.common.KafkaException: Failed to acquire lock on file .lock in /data. A Kafka instance in another process or thread is using this directory.',
    'another broker uses the same log directory',
  ],
  [
    "kafka.common.InconsistentClusterIdException: The Cluster ID a doesn't match stored clusterId Some(b) in meta.properties.",
    'the data directory belongs to another cluster (meta.properties)',
  ],
  [
    'java.lang.RuntimeException: Invalid cluster.id in: /data/meta.properties. Expected aaa, but read bbb',
    'the data directory belongs to another cluster (meta.properties)',
  ],
  [
    'java.lang.RuntimeException: No readable meta.properties files found.',
    'the data directory is not formatted for KRaft',
  ],
  [
    'org.apache.kafka.common.KafkaException: Socket server failed to bind to 127.0.0.1:9092: Address already in use.',
    'a port is in use',
  ],
  ['java.net.BindException: Address already in use', 'a port is in use'],
  [
    'Error: LinkageError occurred while loading main class kafka.Kafka\n\tjava.lang.UnsupportedClassVersionError: kafka/Kafka has been compiled by a more recent version of the Java Runtime',
    'its Java is too old',
  ],
  ['Error: Could not find or load main class kafka.Kafka', 'classes of the broker are missing'],
  [
    "Unrecognized VM option 'UseBiasedLocking'\nError: Could not create the Java Virtual Machine.",
    'the JVM rejects an option',
  ],
  ['There is insufficient memory for the Java Runtime Environment to continue.', 'not enough memory'],
  [
    'org.apache.zookeeper.server.quorum.QuorumPeerConfig$ConfigException: Error processing /etc/zookeeper.properties\nCaused by: java.lang.IllegalArgumentException: myid file is missing',
    'the ZooKeeper server has no id (myid)',
  ],
  [
    'java.lang.RuntimeException: My id 7 not in the peer list',
    'the id of the ZooKeeper server (myid) has no server line in its settings',
  ],
  [
    'java.io.IOException: The accepted epoch, 1 is less than the current epoch, 2',
    'the data of the ZooKeeper server is damaged or incomplete',
  ],
  [
    'java.io.IOException: No snapshot found, but there are log entries. Something is broken!',
    'the data of the ZooKeeper server is damaged or incomplete',
  ],
  [
    'java.io.IOException: The current epoch, 1, is older than the last zxid, 8589934592',
    'the data of the ZooKeeper server is damaged or incomplete',
  ],
  [
    'ERROR Invalid config, exiting abnormally (org.apache.zookeeper.server.quorum.QuorumPeerMain)\norg.apache.zookeeper.server.quorum.QuorumPeerConfig$ConfigException: Error processing /etc/zookeeper.properties\nCaused by: java.lang.IllegalArgumentException: dataDir is not set',
    'the settings of ZooKeeper are incomplete or invalid',
  ],
  [
    "ERROR Error while creating ephemeral at /brokers/ids/101, node already exists and owner '72058' does not match current session '72059' (kafka.zk.KafkaZkClient$CheckedEphemeral)",
    'ZooKeeper has a broker with this id already',
  ],
  [
    'Error: Could not find or load main class org.apache.zookeeper.server.quorum.QuorumPeerMain',
    'this version of Kafka runs without ZooKeeper',
  ],
  [
    'org.apache.kafka.common.config.ConfigException: Missing required configuration "process.roles" which has no default value.',
    'this version of Kafka runs without ZooKeeper',
  ],
  ['ERROR: Please set the JAVA_HOME variable in your environment, We need java(x64)! !!', 'Java was not found'],
];

test.each(lines)('explains %s', (line, cause) => {
  expect(explainStartup(`INFO start\n${line}\n\tat java.base/x\n`)?.cause).toBe(cause);
});

test('does not explain a log without a known error', () => {
  expect(explainStartup('INFO [KafkaRaftServer nodeId=1] Kafka Server started')).toBeUndefined();
});

test('ignores output from before the start', () => {
  const before = 'ERROR Lock failed,MQ already started\n';
  const mark = markOf(before);
  expect(explainStartup(outputSince(`${before}The broker boot success\n`, mark))).toBeUndefined();
  expect(outputSince('rotated\n', mark)).toBe('rotated\n');
});

test('without redirect_stderr, ignores output of each stream from before the start', async () => {
  const streams = new Map([
    ['stdout', 'INFO start\n'],
    ['stderr', 'java.net.BindException: Address already in use\n'],
  ]);
  const run = async (_: string, words: readonly string[]) => ({
    exitCode: 0,
    stdout: streams.get(words.at(-1) ?? '') ?? '',
    stderr: '',
  });
  const io = { signal: new AbortController().signal };
  const read = () => readProgramOutput({ host: 'mq-1', run }, { program: 'broker', sudo: false }, 60_000, io);
  const mark = markOf(await read());
  streams.set('stdout', 'INFO start\nThe Name Server boot success. serializeType=JSON\n');
  const output = outputSince(await read(), mark);
  expect(output.trim()).toBe('The Name Server boot success. serializeType=JSON');
  expect(explainStartup(output)).toBeUndefined();
  // The next start fails with the same text as the one before.
  streams.set('stderr', 'java.net.BindException: Address already in use\n'.repeat(2));
  expect(outputSince(await read(), mark)).toContain('BindException');
});

test.each([
  '[2026-11-23 07:20:01,123] INFO [KafkaRaftServer nodeId=1] Kafka Server started (kafka.server.KafkaRaftServer)',
  '[2026-11-23 07:20:01,123] INFO [KafkaServer id=1] started (kafka.server.KafkaServer)',
  'The broker[broker-a, 10.0.0.1:10911] boot success. serializeType=JSON and name server is 10.0.0.1:9876',
  'The Name Server boot success. serializeType=JSON, address 0.0.0.0:9876',
  'INFO binding to port 0.0.0.0/0.0.0.0:2181 (org.apache.zookeeper.server.NIOServerCnxnFactory)',
])('recognizes that an instance serves from: %s', (line) => {
  expect(readyLine.test(line)).toBe(true);
});
