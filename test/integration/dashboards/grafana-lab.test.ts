// Runs every dashboard query against Prometheus, `plimsoll serve` and real brokers under load.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { dashboards } from '../../../dashboards/grafana/registry.ts';
import { filledIn, targetsOf } from '../../support/dashboard-parts.ts';
import { startKafka } from '../../support/kafka.ts';
import { fillLedger } from '../../support/known-clusters.ts';
import { startLoad } from '../../support/load-in-progress.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { startPrometheus } from '../../support/prometheus.ts';
import { selectorsIn } from '../../support/promql-words.ts';
import { startRocketmq } from '../../support/rocketmq.ts';
import { startService } from '../../support/running-service.ts';

/** Metrics that neither lab has, each with its requirement. */
const notInTheLabs = new Map([
  ['rocketmq_dledger_leader', 'DLedger'],
  ['rocketmq_sync_state_set_missing', 'controllers'],
  ['rocketmq_broker_transient_store_free_buffers', 'a transient store'],
  ['zookeeper_outstanding_requests', 'ZooKeeper'],
  ['zookeeper_latency_average_seconds', 'ZooKeeper'],
  ['jvm_gclog_live_set_bytes', 'a collection of the old generation'],
  ['plimsoll_scrape_section_success', 'a part that cannot be read'],
  ['rocketmq_consumergroup_retry_lag_messages', 'a consumer that sends messages back'],
  ['rocketmq_consumergroup_dead_letters_total', 'a consumer that gives messages up'],
  ['plimsoll_process_cgroup_cpu_throttled_periods_total', 'a container with a limit of cores'],
]);

const expressions = [...new Set(dashboards.flatMap((dashboard) => targetsOf(dashboard).map(({ expr }) => expr)))];
const card = Object.keys(networkInterfaces()).find((name) => name !== 'lo') ?? 'lo';

if (fullMatrix) {
  requires('java', 'maven', 'prometheus').describe('a real Prometheus', () => {
    const unanswered = new Set(expressions);
    let scratch: string;
    beforeAll(async () => {
      scratch = await mkdtemp(join(tmpdir(), 'plimsoll-dashboards-'));
    });
    afterAll(() => rm(scratch, { recursive: true }));

    test.each([
      ['kafka', () => startKafka({ jmx: 'prometheus' })],
      ['rocketmq', () => startRocketmq({ mode: 'master-slave' })],
    ] as const)(
      'has results for dashboard queries when scraping %s',
      async (name, startLab) => {
        // Every JVM that starts writes it, including brokers.
        vi.stubEnv(
          'JAVA_TOOL_OPTIONS',
          `-Xlog:gc*,safepoint:file=${join(scratch, `${name}-gc-%p.log`)}:time,uptime,tags`,
        );
        await using lab = await startLab();
        if ('bootstrap' in lab) await fill(lab.bootstrap);
        const written = parse(await readFile(lab.configPath, 'utf8')) as { hosts?: Record<string, unknown> };
        await using service = await startService(
          {
            ...written,
            hosts: {
              ...written.hosts,
              here: {
                probe: 'local',
                network: { devices: [card], speed: '10gbit' },
                gcLogs: { broker: { files: join(scratch, `${name}-gc-*.log`) } },
              },
            },
            service: {
              domains: { shop: { cluster: 'lab' } },
              promotions: [{ name: 'now', from: '2020-01-01T00:00', to: '2099-01-01T00:00' }],
              schedule: { readings: '5s' },
            },
          },
          (ledger) => fillLedger(ledger, 'lab'),
        );
        const bundle = join(scratch, `${name}-run`);
        const shape =
          '--rate-steps 300,600 --step-duration 40s --warm-up 2s --message-size 500 --groups 1 --partitions 2';
        const words = [
          '--config',
          lab.configPath,
          '--cluster',
          'lab',
          '--no-calibration',
          '--keep-topic',
          '--out',
          bundle,
        ];
        const load = startLoad(bundle, [...words, ...shape.split(' ')]);
        await load.untilSecond(1);
        const { url } = JSON.parse(await readFile(join(bundle, 'control.json'), 'utf8')) as { url: string };
        await using prometheus = await startPrometheus({
          job: 'plimsoll',
          scrapes: [new URL(service.url).host, new URL(url).host],
          everySeconds: 10,
        });
        await prometheus.untilAnswered('up');
        const askOne = async (expr: string) => {
          const samples = await prometheus.query(sooner(filledIn(expr)));
          if (samples.some(({ value }) => !Number.isNaN(Number(value)))) unanswered.delete(expr);
        };
        // In sequence they take longer than the load.
        const ask = async () => {
          const all = [...unanswered];
          for (let first = 0; first < all.length; first += 20)
            await Promise.all(all.slice(first, first + 20).map(askOne));
        };
        let isOver = false;
        const ended = load.ended.finally(() => (isOver = true));
        while (!isOver) {
          if ('bootstrap' in lab) await askForNothing(lab.bootstrap);
          await ask();
          await delay(2000);
        }
        const { exitCode, stderr } = await ended;
        expect(exitCode, stderr).toBe(0);
        // Consumers catch up now, and the last pages are read.
        const endAt = Date.now() + 40_000;
        while (Date.now() < endAt) {
          await ask();
          await delay(2000);
        }
      },
      500_000,
    );

    test('lacks results only for metrics that neither lab has', () => {
      const left = [...unanswered].filter((expr) => selectorsIn(expr).every(({ metric }) => !notInTheLabs.has(metric)));
      expect(left).toEqual([]);
      const lacked = new Set([...unanswered].flatMap((expr) => selectorsIn(expr).map(({ metric }) => metric)));
      expect([...notInTheLabs.keys()].filter((metric) => !lacked.has(metric))).toEqual([]);
    });
  });
}

const witness = (brokers: string[], retries: number) =>
  new Kafka({ clientId: 'witness', brokers, logLevel: logLevel.NOTHING, retry: { retries } });

/** Creates a topic whose settings are read before the load test creates its topic, and a group that has read it. */
async function fill(brokers: string[]): Promise<void> {
  const client = witness(brokers, 20);
  const [admin, producer] = [client.admin(), client.producer()];
  await Promise.all([admin.connect(), producer.connect()]);
  await admin.createTopics({ topics: [{ topic: 'orders' }], waitForLeaders: true });
  await producer.send({ topic: 'orders', messages: Array.from({ length: 100 }, () => ({ value: 'x' })) });
  await admin.setOffsets({ groupId: 'billing', topic: 'orders', partitions: [{ partition: 0, offset: '100' }] });
  await Promise.all([admin.disconnect(), producer.disconnect()]);
}

/** Causes an error response. With retries, kafkajs repeats the request for minutes. */
async function askForNothing(brokers: string[]): Promise<void> {
  const admin = witness(brokers, 0).admin();
  await admin.connect();
  await expect(admin.deleteTopics({ topics: ['nowhere'] })).rejects.toThrow('topic');
  await admin.disconnect();
}

/** A lab has no data of yesterday, and no group with a lag of a minute. */
const sooner = (expr: string) =>
  expr.replaceAll(/offset (?:1d|7d)/g, 'offset 10s').replace(/(queue_lag_seconds\{[^}]*\}\)\)) > 60$/, '$1 >= 0');
