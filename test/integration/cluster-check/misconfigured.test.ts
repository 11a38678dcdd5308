// Checks that the cluster check finds each misconfiguration of real brokers, and nothing else.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { KafkaClusterConfig } from '../../../brokers/kafka/config.ts';
import { openKafkaChanges } from '../../../brokers/kafka/changes/kafka-changes.ts';
import { driverOf } from '../../../brokers/registry.ts';
import { ClusterCheckReport } from '../../../core/documents/cluster-check-report.ts';
import { startKafka } from '../../support/kafka.ts';
import { plimsoll } from '../../support/plimsoll.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { startRocketmq } from '../../support/rocketmq.ts';

const run = promisify(execFile);

/** Rules about the host: labs share its one disk, and other JVMs run on it. */
const ofTheMachine = new Set(['store-own-disk', 'store-temporary', 'nic-not-counted', 'memory-fits']);

interface Answer {
  exitCode: number | null;
  report: ClusterCheckReport;
  /** `rule of subject`, without rules about the host. */
  found: string[];
}

async function preflight(configPath: string, ...words: string[]): Promise<Answer> {
  const { exitCode, stdout, stderr } = await plimsoll(['cluster', 'check', '--config', configPath, '--json', ...words]);
  if (stdout === '') throw new Error(stderr);
  const report = ClusterCheckReport.parse(JSON.parse(stdout));
  if (report.read.brokers.length === 0) throw new Error(report.notices.join('; '));
  // The result proves nothing if the host is too busy to report its processes.
  expect(report.unread.filter(({ rule }) => rule.startsWith('open-files'))).toEqual([]);
  const found = report.findings.flatMap(({ rule, area, subject, found: value }) =>
    (area === 'os' && value !== fewFiles) || ofTheMachine.has(rule) ? [] : [`${rule} of ${subject}`],
  );
  return { exitCode, report, found: found.toSorted() };
}

/** Open file limit of one process; the limit of the others depends on the host. */
const fewFiles = 4096;

async function cutOpenFiles(broker: { pid: number } | undefined): Promise<void> {
  await run('prlimit', ['--pid', String(broker?.pid), `--nofile=${fewFiles}:${fewFiles}`]);
}

/** Several JVMs on a shared host. */
const patience = 900_000;

/** 1 GiB of heap, allocated only when used. */
const goodHeap = ['-Xms1g', '-Xmx1g', '-XX:InitiatingHeapOccupancyPercent=35'];

const goodKafka = {
  'num.network.threads': '3',
  'num.io.threads': '8',
  'group.initial.rebalance.delay.ms': '3000',
};

/** Rule, and the settings that violate only this rule. */
const wrongKafka: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'kafka-unclean-election': { 'unclean.leader.election.enable': 'true' },
  'kafka-auto-create': { 'auto.create.topics.enable': 'true' },
  'kafka-flush-messages': { 'log.flush.interval.messages': '100' },
  'kafka-flush-time': { 'log.flush.interval.ms': '1000' },
  'kafka-request-queue': { 'queued.max.requests': '50' },
  'kafka-send-buffer': { 'socket.send.buffer.bytes': '8192' },
  'kafka-message-sizes': { 'message.max.bytes': '20971520', 'replica.fetch.max.bytes': '1048576' },
  'kafka-large-messages': { 'message.max.bytes': '20971520' },
  'kafka-broker-compression': { 'compression.type': 'gzip' },
  'kafka-controlled-shutdown': { 'controlled.shutdown.enable': 'false' },
  'kafka-leader-balance': { 'auto.leader.rebalance.enable': 'false' },
  'kafka-replica-lag-time': { 'replica.lag.time.max.ms': '2000' },
  'kafka-log-retention': { 'log.retention.ms': '-1' },
  'kafka-offsets-kept': { 'offsets.retention.minutes': '60' },
  'kafka-rebalance-delay': { 'group.initial.rebalance.delay.ms': '0' },
  'kafka-threads-order': { 'num.network.threads': '9' },
};

requires('java', 'maven').describe('cluster check of Kafka', () => {
  test('finds exactly sixteen wrong settings and four wrong JVM options of a broker', async () => {
    await using kafka = await startKafka({
      properties: { ...goodKafka, ...Object.assign({}, ...Object.values(wrongKafka)) },
      jvmOptions: ['-Xms128m', '-Xmx512m', '-Xmn400m', '-XX:+UseSerialGC'],
    });
    await cutOpenFiles(kafka.brokers[0]);
    const { exitCode, found } = await preflight(kafka.configPath);
    const ofJvm = ['collector', 'heap-fixed', 'heap-too-small', 'young-share'];
    const wrong = [...Object.keys(wrongKafka), ...ofJvm, 'open-files-kafka'].map((rule) => `${rule} of 1`);
    expect(found).toEqual([...wrong, 'kafka-one-broker of lab'].toSorted());
    expect(exitCode).toBe(6);
  });

  if (fullMatrix) {
    test(
      'has only findings about the host for three brokers that are set up well',
      async () => {
        await using kafka = await startKafka({
          brokers: 3,
          properties: {
            ...goodKafka,
            'min.insync.replicas': '2',
            'default.replication.factor': '3',
            'transaction.state.log.min.isr': '2',
            'broker.rack': 'rack-{id}',
          },
          jvmOptions: goodHeap,
        });
        const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: kafka.bootstrap });
        const io = { signal: AbortSignal.timeout(patience) };
        await using admin = await driverOf(config).administer('lab', config, io);
        await admin.createTopic({ name: 'orders', partitions: 3, replicationFactor: 3 }, io);
        const { found, report, exitCode } = await preflight(kafka.configPath);
        expect(found).toEqual([]);
        expect(report.read).toMatchObject({ brokers: ['1', '2', '3'], topics: 1 });

        // Each state is created by the tool that an operator would use.
        await admin.createTopic({ name: 'single', partitions: 1, replicationFactor: 1 }, io);
        await admin.createTopic({ name: 'pair', partitions: 1, replicationFactor: 2 }, io);
        const settings = (values: Record<string, string>) => ({ partitions: 1, replicationFactor: 3, config: values });
        await admin.createTopic({ name: 'loose', ...settings({ 'min.insync.replicas': '1' }) }, io);
        await admin.createTopic({ name: 'tight', ...settings({ 'min.insync.replicas': '3' }) }, io);
        await admin.createTopic({ name: 'unclean', ...settings({ 'unclean.leader.election.enable': 'true' }) }, io);
        await admin.createTopic({ name: 'endless', ...settings({ 'retention.ms': '-1' }) }, io);
        await admin.createTopic({ name: 'small', ...settings({ 'segment.bytes': '1048576' }) }, io);
        await admin.createTopic({ name: 'flushed', ...settings({ 'flush.messages': '1' }) }, io);
        await using changes = openKafkaChanges('lab', config);
        await changes.alterSettings(
          { kind: 'broker', name: '2' },
          { 'leader.replication.throttled.rate': '1000000' },
          io,
        );
        await changes.alterSettings(
          { kind: 'broker', name: '2' },
          { 'follower.replication.throttled.rate': '1000000' },
          io,
        );
        await changes.alterSettings({ kind: 'broker', name: '3' }, { 'num.io.threads': '4' }, io);
        const throttled = { 'leader.replication.throttled.replicas': '0:1' };
        await changes.alterSettings({ kind: 'topic', name: 'orders' }, throttled, io);
        await changes.alterSettings(
          { kind: 'topic', name: 'orders' },
          { 'follower.replication.throttled.replicas': '*' },
          io,
        );
        await cutOpenFiles(kafka.brokers[0]);
        const later = await preflight(kafka.configPath);
        expect(later.found).toEqual(
          [
            'topic-copies of single',
            'topic-three-copies of pair',
            'topic-room-for-maintenance of pair',
            'topic-min-in-sync of loose',
            'topic-room-for-maintenance of tight',
            'topic-unclean-election of unclean',
            'topic-retention of endless',
            'topic-small-segments of small',
            'topic-flush of flushed',
            'topic-throttle-leader of orders',
            'topic-throttle-follower of orders',
            'kafka-throttle-leader of 2',
            'kafka-throttle-follower of 2',
            'kafka-io-threads of 3',
            'kafka-siblings-differ of lab',
            'open-files-kafka of 1',
          ].toSorted(),
        );
        expect([exitCode, later.exitCode]).toEqual([6, 6]);
      },
      patience,
    );
  }
});

const goodRocketmq = {
  autoCreateSubscriptionGroup: 'false',
  diskMaxUsedSpaceRatio: '75',
  sendMessageThreadPoolNums: '2',
};

/** Rule, and the settings that violate only this rule. */
const wrongRocketmq: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'rocketmq-permission': { brokerPermission: '4' },
  'rocketmq-send-threads': { sendMessageThreadPoolNums: '128' },
  'rocketmq-put-lock': { useReentrantLockWhenPutMessage: 'false' },
  'rocketmq-pull-threads': { pullMessageThreadPoolNums: '4' },
  'rocketmq-send-queue-wait': { waitTimeMillsInSendQueue: '3000' },
  'rocketmq-fast-failure': { brokerFastFailureEnable: 'false' },
  'rocketmq-page-cache-busy': { osPageCacheBusyTimeOutMills: '5000' },
  'rocketmq-sync-flush': { flushDiskType: 'SYNC_FLUSH' },
  'rocketmq-warm-files': { warmMapedFileEnable: 'true' },
  'rocketmq-by-heap': { transferMsgByHeap: 'false' },
  'rocketmq-cache-belief': { accessMessageInMemoryMaxRatio: '60' },
  'rocketmq-message-size': { maxMessageSize: '16777216' },
  'rocketmq-disk-ratio': { diskMaxUsedSpaceRatio: '95' },
  'rocketmq-retention': { fileReservedTime: '720' },
  'rocketmq-auto-topic': { autoCreateTopicEnable: 'true' },
  'rocketmq-auto-group': { autoCreateSubscriptionGroup: 'true' },
  'rocketmq-ha-throttle': { haFlowControlEnable: 'true' },
  'rocketmq-ha-gap': { haMaxGapNotInSync: '1073741824' },
};

if (fullMatrix) {
  requires('java', 'maven').describe('cluster check of RocketMQ 5.3.3', () => {
    const jvmOptions = [...goodHeap, '-XX:G1ReservePercent=25', '-XX:+AlwaysPreTouch'];

    test(
      'has only findings about the host and the single master for a good setup',
      async () => {
        await using rocketmq = await startRocketmq({ nameServers: 2, properties: goodRocketmq, jvmOptions });
        const { found, report } = await preflight(rocketmq.configPath);
        expect(found).toEqual(['rocketmq-masters-alone of lab']);
        expect(report.read.brokers).toHaveLength(1);
      },
      patience,
    );

    test(
      'finds exactly eighteen wrong settings and three wrong JVM options',
      async () => {
        const all = Object.assign({}, ...Object.values(wrongRocketmq)) as Record<string, string>;
        await using rocketmq = await startRocketmq({
          properties: { ...goodRocketmq, ...all },
          jvmOptions: [...jvmOptions, '-Xms512m', '-XX:MaxDirectMemorySize=1024g'],
        });
        await cutOpenFiles(rocketmq.brokers[0]);
        const { found, report } = await preflight(rocketmq.configPath);
        expect(report.findings.map(({ rule }) => rule)).toContain('memory-fits');
        const { id } = rocketmq.brokers[0] ?? { id: '' };
        const wrong = [...Object.keys(wrongRocketmq), 'heap-fixed', 'open-files-rocketmq'].map(
          (rule) => `${rule} of ${id}`,
        );
        const ofCluster = ['rocketmq-masters-alone of lab', 'rocketmq-name-servers of lab'];
        expect(found).toEqual([...wrong, ...ofCluster].toSorted());
      },
      patience,
    );

    test(
      'with --must-not-lose asynchronous replication is critical and synchronous flush is no finding',
      async () => {
        await using rocketmq = await startRocketmq({
          mode: 'master-slave',
          properties: { ...goodRocketmq, flushDiskType: 'SYNC_FLUSH' },
          jvmOptions: ['-Xms256m'],
        });
        const [usual, strict] = [
          await preflight(rocketmq.configPath),
          await preflight(rocketmq.configPath, '--must-not-lose'),
        ];
        const of = ({ found }: Answer, rule: string) => found.filter((each) => each.startsWith(rule));
        expect(of(usual, 'rocketmq-sync-flush')).toEqual(['rocketmq-sync-flush of broker-a:0']);
        expect(of(usual, 'rocketmq-safe-copies')).toEqual([]);
        expect(of(strict, 'rocketmq-sync-flush')).toEqual([]);
        expect(of(strict, 'rocketmq-safe-copies')).toEqual(['rocketmq-safe-copies of broker-a:0']);
        expect(of(usual, 'rocketmq-slave-reads')).toEqual(['rocketmq-slave-reads of broker-a:1']);
      },
      patience,
    );
  });
}
