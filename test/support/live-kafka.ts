// Runs Apache's own programs on a Kafka cluster: topics, live traffic, and stored messages.

import { setTimeout as delay } from 'node:timers/promises';
import { kafkaTools } from '../../bench/java-clients.ts';
import { defaultKafkaVersion } from '../../lab/kafka/release.ts';
import { startJavaLoad, type JavaLoad } from './java-load.ts';

const flags = (options: Readonly<Record<string, string | number>>) =>
  Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);

/** Leader and replicas of each partition, as Apache's tool prints them. */
export type Layout = readonly string[];

export type LiveKafka = Awaited<ReturnType<typeof openLiveKafka>>;

/** @param namespace network namespace of the programs */
export async function openLiveKafka(servers: readonly string[], namespace?: string) {
  const jars = await kafkaTools(defaultKafkaVersion, { signal: AbortSignal.timeout(120_000), progress: () => {} });
  const bootstrap = servers.join();
  const inside = { ...(namespace !== undefined && { namespace }) };

  async function tool(mainClass: string, ...words: string[]): Promise<string> {
    await using run = startJavaLoad(jars, mainClass, ['--bootstrap-server', bootstrap, ...words], inside);
    await run.ended;
    return run.printed();
  }

  return {
    tool,
    async createTopic(topic: string, partitions: number, ...words: string[]): Promise<void> {
      const made = await tool(
        'org.apache.kafka.tools.TopicCommand',
        '--create',
        ...flags({ topic, partitions, 'replication-factor': 3 }),
        ...words,
      );
      if (!made.includes('Created topic')) throw new Error(made);
    },
    async layoutOf(topic: string): Promise<Layout> {
      const printed = await tool('org.apache.kafka.tools.TopicCommand', '--describe', '--topic', topic);
      return [...printed.matchAll(/Partition: (\d+)\s+Leader: (\S+)\s+Replicas: (\S+)/g)]
        .map(([, partition, leader, replicas]) => `${partition} ${leader} ${replicas}`)
        .toSorted();
    },
    /** Sum of the end offsets of all partitions. */
    async storedIn(topic: string): Promise<number> {
      const printed = await tool('org.apache.kafka.tools.GetOffsetShell', '--topic', topic, '--time', '-1');
      return [...printed.matchAll(/^[^:\s]+:\d+:(\d+)$/gm)].reduce((sum, [, end]) => sum + Number(end), 0);
    },
    /** Runs kafka-producer-perf-test; round robin, so that partitions get equal shares. */
    produce(topic: string, load: { rate: number; messages: number; bytes: number; warmUp?: number }): JavaLoad {
      const words = [
        ...flags({ 'bootstrap-server': bootstrap, topic, 'record-size': load.bytes, 'num-records': load.messages }),
        ...flags({ throughput: load.rate, 'reporting-interval': 1000 }),
        ...flags(load.warmUp === undefined ? {} : { 'warmup-records': load.warmUp }),
        '--command-property',
        'acks=all',
        'partitioner.class=org.apache.kafka.clients.producer.RoundRobinPartitioner',
      ];
      return startJavaLoad(jars, 'org.apache.kafka.tools.ProducerPerformance', words, inside);
    },
    /** Runs kafka-consumer-perf-test. */
    consume(topic: string, group: string, messages: number): JavaLoad {
      const words = flags({ 'bootstrap-server': bootstrap, topic, group, 'num-records': messages, timeout: 60_000 });
      return startJavaLoad(jars, 'org.apache.kafka.tools.ConsumerPerformance', words, inside);
    },
    async until(load: JavaLoad, sign: RegExp): Promise<void> {
      const end = performance.now() + 60_000;
      while (!sign.test(load.printed())) {
        if (performance.now() > end) throw new Error(load.printed());
        await delay(100);
      }
    },
  };
}
