// Sets up a Kafka cluster for chaos runs: brokers behind proxies, and a load beneath the changes.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { parse } from 'yaml';
import type { KafkaClusterConfig } from '../../../brokers/kafka/config.ts';
import { kafkaDriver } from '../../../brokers/kafka/driver.ts';
import { defaultKafkaVersion } from '../../../lab/kafka/release.ts';
import { changedKafka } from '../changed-kafka.ts';
import { driveRun } from '../driven-run.ts';
import { kafkaTools } from '../kafka-tools.ts';
import { requires } from '../prerequisites.ts';
import { startProxiedKafka, type ProxiedKafka } from '../proxied-kafka.ts';
import { pollOptions, properties, workload } from '../reassign-under-load.ts';
import { chosenScenarios } from './chosen-seeds.ts';
import { inChaosFolder, runScenarios } from './chaos-suite.ts';
import type { ChaosChange } from './meet-fault.ts';
import type { ChaosRow } from './record.ts';
import type { Scenario } from './scenario.ts';

/** Lets brokers delete segments within seconds after retention is reduced. */
const deleting = { 'log.retention.check.interval.ms': '1000', 'log.segment.delete.delay.ms': '1000' };
/** The load adds 1 MB a second: without a size limit, later changes would copy more and more data and time out. */
export const own = {
  'segment.bytes': String(2 ** 20),
  'retention.ms': '3600000',
  'retention.bytes': String(12 * 2 ** 20),
};
const chaosTopic = 'plimsoll-orders';

export async function makeTopic(config: KafkaClusterConfig, name: string, partitions: number): Promise<void> {
  const io = { signal: AbortSignal.timeout(60_000) };
  await using admin = await kafkaDriver.administer('lab', config, io);
  await admin.createTopic({ name, partitions, replicationFactor: 3, config: own }, io);
}

export type KafkaSite = Awaited<ReturnType<typeof siteOf>>;

async function siteOf(
  kafka: ProxiedKafka,
  topic: string,
  { folder, clockFile }: { folder: string; clockFile: string },
) {
  const configPath = join(folder, 'proxied.yaml');
  const whole = parse(await readFile(kafka.kafka.configPath, 'utf8')) as { clusters: { lab: object } };
  const lab = { ...whole.clusters.lab, bootstrap: kafka.config.bootstrap };
  await writeFile(configPath, JSON.stringify({ ...whole, clusters: { lab } }));
  const changed = await changedKafka(kafka.kafka);
  const tools = await kafkaTools(defaultKafkaVersion, kafka.kafka.bootstrap.join());
  const pids = new Map(kafka.kafka.brokers.map(({ id, pid }) => [id, pid]));
  const pidOf = (id: string) => pids.get(id) ?? Number.NaN;
  const stateFolder = join(folder, 'journal');
  const controllerNow = async () =>
    /LeaderId:\s+(\d+)/.exec(await tools.run('quorum', 'describe', '--status'))?.[1] ?? '1';
  const { clusterId: id = '' } = await changed.changes.describe(changed.io());
  async function settled(): Promise<void> {
    const sees = async () => (await changed.changes.describe(changed.io())).brokers.length;
    await expect.poll(() => sees().catch(() => 0), { ...pollOptions, timeout: 90_000 }).toBe(4);
    const behind = async () => {
      const { topics } = await changed.changes.describe(changed.io());
      const partitions = topics.flatMap((each) => each.partitions);
      return partitions.filter(({ replicas, inSyncReplicas }) => inSyncReplicas.length < replicas.length).length;
    };
    await expect.poll(() => behind().catch(() => -1), { ...pollOptions, timeout: 90_000 }).toBe(0);
  }
  return {
    changed,
    config: kafka.config,
    topic,
    stateFolder,
    confirm: [`--confirm=${id}`],
    settled,
    /** Properties that all kinds of change share. */
    chaosOf: (words: readonly string[]) =>
      ({
        words: (state: string, ...more: string[]) => [...words, '--config', configPath, '--state-dir', state, ...more],
        confirm: [`--confirm=${id}`],
        config: kafka.config,
        stateFolder,
        clockFile,
        cluster: {
          pids: { broker: async () => pidOf('4'), controller: async () => pidOf(await controllerNow()) },
          proxies: kafka.brokers.map(({ proxy }) => proxy),
          revived(before: number, now: number) {
            for (const [broker, pid] of pids) if (pid === before) pids.set(broker, now);
          },
        },
        settled,
      }) satisfies Partial<ChaosChange>,
    async [Symbol.asyncDispose]() {
      await tools[Symbol.asyncDispose]();
      await changed[Symbol.asyncDispose]();
    },
  };
}

/** Seconds of load before the first change. */
const lead = 15;

/** One cluster and one load for the seeds of some kinds of change. @param each seconds of load for each seed */
export function chaosOfKafka(
  changes: readonly string[],
  run: (scenario: Scenario, site: KafkaSite) => Promise<ChaosRow>,
  { each = 70, prepare = async () => undefined }: { each?: number; prepare?(site: KafkaSite): Promise<unknown> } = {},
): void {
  const scenarios = chosenScenarios('kafka').filter(({ change }) => changes.includes(change));
  if (scenarios.length === 0) return;
  requires('java', 'maven', 'root', 'faketime').test(
    `Kafka, ${changes.join(' and ')}: ${scenarios.map(({ seed }) => seed).join(', ')}`,
    async () => {
      await inChaosFolder(async (place) => {
        await using kafka = await startProxiedKafka({ brokers: 4, properties: { ...properties, ...deleting } });
        await makeTopic(kafka.config, chaosTopic, 6);
        const seconds = lead + 5 + each * scenarios.length;
        await using load = await driveRun(kafka.kafka.configPath, { ...workload(`${seconds}s`), topic: chaosTopic });
        await using site = await siteOf(kafka, load.topic, place);
        await prepare(site);
        await load.at(lead);
        const delivery = await runScenarios(
          scenarios,
          (scenario) => run(scenario, site),
          async () => (await load.result()).ledger,
        );
        expect(delivery).toEqual({ lost: 0, duplicated: 0, reordered: 0 });
      });
    },
    (60 + 250 * scenarios.length) * 1000,
  );
}
