// Checks that changes of a real Kafka under load end well whatever fails at whatever moment (docs/chaos.md).

import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { parse } from 'yaml';
import type { KafkaClusterConfig } from '../../../brokers/kafka/config.ts';
import { kafkaDriver } from '../../../brokers/kafka/driver.ts';
import { defaultKafkaVersion } from '../../../lab/kafka/release.ts';
import { parseJournal } from '../../../ops/change/journal.ts';
import { ReassignFacts, type ReassignJournal } from '../../../ops/kafka/execute/reassign-facts.ts';
import { changedKafka } from '../../support/changed-kafka.ts';
import { chosenScenarios } from '../../support/chaos/chosen-seeds.ts';
import { inChaosFolder, runScenarios } from '../../support/chaos/chaos-suite.ts';
import { meetFault } from '../../support/chaos/meet-fault.ts';
import type { ChaosRow } from '../../support/chaos/record.ts';
import type { Scenario } from '../../support/chaos/scenario.ts';
import { driveRun } from '../../support/driven-run.ts';
import { kafkaTools } from '../../support/kafka-tools.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { startProxiedKafka, type ProxiedKafka } from '../../support/proxied-kafka.ts';
import { holding, pollOptions, properties, workload } from '../../support/reassign-under-load.ts';

/** Seconds within which a change, and what is done after a fault, have to end. */
const longest = { change: 100, recovery: 120 };
const throttle = ['--throttle', '1500000', '--moves-per-broker', '2', '--interval', '1', '--delayed-writes', 'off'];

/** So that a cut retention deletes within seconds. */
const deleting = { 'log.retention.check.interval.ms': '1000', 'log.segment.delete.delay.ms': '1000' };
/** The load adds 1 MB a second: without a limit by bytes, later changes would copy ever more and end too late. */
const own = { 'segment.bytes': String(2 ** 20), 'retention.ms': '3600000', 'retention.bytes': String(12 * 2 ** 20) };
const chaosTopic = 'plimsoll-orders';

async function makeTopic(config: KafkaClusterConfig): Promise<void> {
  const io = { signal: AbortSignal.timeout(60_000) };
  await using admin = await kafkaDriver.administer('lab', config, io);
  await admin.createTopic({ name: chaosTopic, partitions: 6, replicationFactor: 3, config: own }, io);
}

type Cluster = Awaited<ReturnType<typeof chaosCluster>>;

async function chaosCluster(kafka: ProxiedKafka, topic: string, folder: string) {
  const configPath = join(folder, 'proxied.yaml');
  const whole = parse(await readFile(kafka.kafka.configPath, 'utf8')) as { clusters: { lab: object } };
  const lab = { ...whole.clusters.lab, bootstrap: kafka.config.bootstrap };
  await writeFile(configPath, JSON.stringify({ ...whole, clusters: { lab } }));
  const changed = await changedKafka(kafka.kafka);
  const tools = await kafkaTools(defaultKafkaVersion, kafka.kafka.bootstrap.join());
  const pids = new Map(kafka.kafka.brokers.map(({ id, pid }) => [id, pid]));
  const stateFolder = join(folder, 'journal');
  const wordsOf = (state: string, ...more: string[]) => [
    'ops',
    'kafka',
    'reassign',
    '--config',
    configPath,
    '--state-dir',
    state,
    ...more,
  ];
  const controllerNow = async () =>
    /LeaderId:\s+(\d+)/.exec(await tools.run('quorum', 'describe', '--status'))?.[1] ?? '1';
  const { clusterId: id = '' } = await changed.changes.describe(changed.io());
  return {
    changed,
    id,
    topic,
    stateFolder,
    wordsOf,
    pidOf: (id: string) => pids.get(id) ?? Number.NaN,
    controllerNow,
    revived(before: number, now: number) {
      for (const [id, pid] of pids) if (pid === before) pids.set(id, now);
    },
    layout: () => changed.replicasOf(topic),
    async settled() {
      const sees = async () => (await changed.changes.describe(changed.io())).brokers.length;
      await expect.poll(() => sees().catch(() => 0), { ...pollOptions, timeout: 90_000 }).toBe(4);
      const behind = async () => {
        const { topics } = await changed.changes.describe(changed.io());
        const partitions = topics.find(({ name }) => name === topic)?.partitions ?? [];
        return partitions.filter(({ replicas, inSyncReplicas }) => inSyncReplicas.length < replicas.length).length;
      };
      await expect.poll(() => behind().catch(() => -1), { ...pollOptions, timeout: 90_000 }).toBe(0);
    },
    async left(): Promise<string[]> {
      const known = await changed.changes.settingsOf({ kind: 'topic', name: topic }, ['retention.ms'], changed.io());
      const retention = known.get('retention.ms');
      const moving = await changed.changes.moving(changed.io());
      return [
        ...(await changed.throttlesLeft(topic)),
        ...(retention?.value === own['retention.ms'] ? [] : [`retention.ms=${retention?.value}`]),
        ...moving.map(({ partition }) => `${topic}-${partition} moves`),
      ];
    },
    async plan(): Promise<ReassignJournal | undefined> {
      const states = join(stateFolder, 'kafka-changes');
      const names = (await readdir(states).catch(() => [])).filter((name) => /\.(json|over)$/.test(name));
      const read = await Promise.all(
        names.map(async (name) =>
          parseJournal(JSON.parse(await readFile(join(states, name), 'utf8')), ReassignFacts, name),
        ),
      );
      return read.toSorted((one, other) => (one.startedAt < other.startedAt ? 1 : -1))[0];
    },
    [Symbol.asyncDispose]: () => changed[Symbol.asyncDispose](),
  };
}

async function runScenario(
  scenario: Scenario,
  kafka: ProxiedKafka,
  cluster: Cluster,
  clockFile: string,
): Promise<ChaosRow> {
  const { topic, stateFolder } = cluster;
  await cluster.settled();
  await rm(join(stateFolder, 'kafka-changes'), { recursive: true, force: true });
  const before = await cluster.layout();
  const goal = holding(before, 4) > 0 ? ['--remove', '4'] : ['--add', '4'];
  const cut = scenario.change === 'retention-cut' ? ['--cut-retention', '10s'] : [];
  const { row, ended } = await meetFault(scenario, {
    words: cluster.wordsOf,
    execute: [...goal, '--topics', topic, ...throttle, ...cut, '--execute', '--confirm', cluster.id],
    config: kafka.config,
    stateFolder,
    clockFile,
    cluster: {
      pids: {
        broker: async () => cluster.pidOf('4'),
        controller: async () => cluster.pidOf(await cluster.controllerNow()),
      },
      proxies: kafka.brokers.map(({ proxy }) => proxy),
      revived: (was, now) => cluster.revived(was, now),
    },
    settled: () => cluster.settled(),
    longest,
  });
  const { violations } = row;
  const layout = layoutOf(await cluster.plan(), await cluster.layout(), before);
  const left = await cluster.left();
  if (layout === 'mixed') violations.push('the layout is neither the old nor the new one');
  if (left.length > 0) violations.push('settings or moves are left');
  if (violations.length > 0) process.stdout.write(`${scenario.seed}: ${ended?.stderr}\n`);
  return { ...row, layout, left };
}

function layoutOf(plan: ReassignJournal | undefined, now: number[][], before: number[][]): ChaosRow['layout'] {
  if (JSON.stringify(now) === JSON.stringify(before)) return 'old';
  const isNew =
    plan?.facts.target.every(({ partition, replicas }) => now[partition]?.join() === replicas.join()) === true;
  return isNew ? 'new' : 'mixed';
}

/** Seconds of load before the first change, and for each scenario; the one of every test run is short. */
const [lead, each] = fullMatrix ? [15, 70] : [10, 22];
const scenarios = chosenScenarios('kafka').filter(({ change }) => change !== 'offsets-reset');

if (scenarios.length > 0) {
  requires('java', 'maven', 'root', 'faketime').test(
    `Kafka: ${scenarios.map(({ seed }) => seed).join(', ')}`,
    async () => {
      await inChaosFolder(async ({ folder, clockFile }) => {
        await using kafka = await startProxiedKafka({ brokers: 4, properties: { ...properties, ...deleting } });
        await makeTopic(kafka.config);
        const seconds = lead + 5 + each * scenarios.length;
        await using run = await driveRun(kafka.kafka.configPath, { ...workload(`${seconds}s`), topic: chaosTopic });
        await using cluster = await chaosCluster(kafka, run.topic, folder);
        await run.at(lead);
        const delivery = await runScenarios(
          scenarios,
          (scenario) => runScenario(scenario, kafka, cluster, clockFile),
          async () => (await run.result()).ledger,
        );
        expect(delivery).toEqual({ lost: 0, duplicated: 0, reordered: 0 });
      });
    },
    (60 + 250 * scenarios.length) * 1000,
  );
}
