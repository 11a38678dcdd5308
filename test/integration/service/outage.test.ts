// Kills brokers of real clusters, and measures when page, metric and alert report it, with the shipped intervals.

import { execFileSync } from 'node:child_process';
import { appendFileSync, globSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { expect } from 'vitest';
import type { ClusterStatus } from '../../../core/documents/cluster-status.ts';
import { launchChromium } from '../../../tools/chromium.ts';
import { rulesFolder } from '../../support/alert-rules.ts';
import { startAlertmanager, type RunningAlertmanager } from '../../support/alertmanager.ts';
import { makeTopics } from '../../support/kafka-topics.ts';
import { startKafka } from '../../support/kafka.ts';
import { main } from '../../support/plimsoll.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { startPrometheus, type RunningPrometheus } from '../../support/prometheus.ts';
import { startRocketmq } from '../../support/rocketmq.ts';
import { servePlimsoll, type ServedPlimsoll } from '../../support/served-plimsoll.ts';

/** As docs/reference/alerts.md recommends. */
const scrapeSeconds = 15;
const pictures = process.env['PLIMSOLL_PICTURES'];
const records = process.env['PLIMSOLL_OUTAGE_RECORD'];

interface Watched extends AsyncDisposable {
  service: ServedPlimsoll;
  prometheus: RunningPrometheus;
  alertmanager: RunningAlertmanager;
}

/** Starts everything from a broker to the pager, with a verdict, so that headroom is known. */
async function watch(labConfig: string): Promise<Watched> {
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-outage-'));
  opened.defer(() => rm(folder, { recursive: true }));
  const words = ['--config', labConfig, '--state-dir', join(folder, 'state')];
  execFileSync(process.execPath, [
    main,
    'history',
    'add',
    'examples/founding-70k',
    '--cluster',
    'lab',
    '--state-dir',
    join(folder, 'state'),
  ]);
  const service = opened.use(await servePlimsoll(words));
  const alertmanager = opened.use(await startAlertmanager({ waits: 'as-shipped' }));
  const prometheus = opened.use(
    await startPrometheus({
      job: 'plimsoll',
      scrapes: [new URL(service.url).host],
      everySeconds: scrapeSeconds,
      rules: globSync(`${rulesFolder}/*.yaml`),
      alertmanager: alertmanager.address,
    }),
  );
  await until(async () => (await statusOf(service)).headroom !== undefined, 90);
  await until(async () => (await prometheus.query('plimsoll_headroom_ratio')).length > 0, 60);
  const kept = opened.move();
  return { service, prometheus, alertmanager, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

async function statusOf(service: ServedPlimsoll): Promise<ClusterStatus> {
  const answer = await service.get('/api/v1/clusters/lab');
  return ((await answer.json()) as { standing: ClusterStatus }).standing;
}

async function until(isThere: () => Promise<boolean>, seconds: number): Promise<number> {
  const began = performance.now();
  for (;;) {
    const after = (performance.now() - began) / 1000;
    if (await isThere()) return after;
    if (after > seconds) throw new Error(`not within ${seconds} s`);
    await setTimeout(250);
  }
}

interface Expected {
  of: string;
  state: ClusterStatus['state'];
  alert: string;
  alertWithin: number;
  /** Whether the rate becomes unknown. */
  isRateLost: boolean;
}

/** @returns seconds from the kill until each sign */
async function killAndTime(
  { service, prometheus, alertmanager }: Watched,
  pids: readonly number[],
  { of, state, alert, alertWithin, isRateLost }: Expected,
): Promise<Record<string, number>> {
  for (const pid of pids) process.kill(pid, 'SIGKILL');
  const isPaged = () =>
    alertmanager.told.some(
      ({ receiver, alerts }) =>
        receiver === 'pager' &&
        alerts.some(({ status, labels }) => status === 'firing' && labels['alertname'] === alert),
    );
  const [page, metric, alerted, rateDropped] = await Promise.all([
    until(async () => (await statusOf(service)).state === state, 60),
    until(
      async () => (await prometheus.query(`plimsoll_cluster_state{cluster="lab",state="${state}"} == 1`)).length > 0,
      60,
    ),
    until(async () => isPaged(), alertWithin),
    isRateLost ? until(async () => (await prometheus.query('plimsoll_headroom_ratio')).length === 0, 90) : undefined,
  ]);
  const seconds = { page, metric, alerted, ...(rateDropped !== undefined && { rateDropped }) };
  if (records !== undefined) appendFileSync(records, `${JSON.stringify({ of, seconds })}\n`);
  await picture(service, of);
  return seconds;
}

async function picture(service: ServedPlimsoll, of: string): Promise<void> {
  if (pictures === undefined) return;
  const browser = await launchChromium();
  try {
    const views = [
      { name: 'en-light', width: 1280, colorScheme: 'light', lang: 'en' },
      { name: 'zh-dark', width: 1280, colorScheme: 'dark', lang: 'zh' },
      { name: 'phone-en-dark', width: 360, colorScheme: 'dark', lang: 'en' },
      { name: 'phone-zh-light', width: 360, colorScheme: 'light', lang: 'zh' },
    ] as const;
    for (const { name, width, colorScheme, lang } of views) {
      for (const [where, path] of [
        ['fleet', '/'],
        ['cluster', '/clusters/lab'],
      ] as const) {
        const context = await browser.newContext({ colorScheme, viewport: { width, height: 800 } });
        const shown = await context.newPage();
        await shown.goto(new URL(`${path}?lang=${lang}`, service.url).href);
        await shown.screenshot({ path: join(pictures, `${of}-${where}-${name}.png`) });
        await context.close();
      }
    }
  } finally {
    await browser.close();
  }
}

const minutes = 60_000;

const runs = () => {
  requires('java', 'prometheus', 'alertmanager').test(
    'RocketMQ without its slave is degraded, and without its master too it is down and pages within 90 s',
    async () => {
      await using rocketmq = await startRocketmq({ mode: 'master-slave' });
      await using watched = await watch(rocketmq.configPath);
      const pidOf = (id: string) => rocketmq.brokers.find((broker) => broker.id === id)?.pid ?? NaN;
      const slave = await killAndTime(watched, [pidOf('broker-a:1')], {
        of: 'rocketmq-slave-killed',
        state: 'degraded',
        alert: 'RocketmqBrokerMissing',
        alertWithin: 300,
        isRateLost: false,
      });
      expect(slave['page']).toBeLessThan(2 * scrapeSeconds + 5);
      expect((await statusOf(watched.service)).missing).toMatchObject([{ part: 'broker', id: 'broker-a:1' }]);
      const master = await killAndTime(watched, [pidOf('broker-a:0')], {
        of: 'rocketmq-master-killed',
        state: 'down',
        alert: 'RocketmqClusterDown',
        alertWithin: 90,
        isRateLost: true,
      });
      expect(master['page']).toBeLessThan(2 * scrapeSeconds + 5);
      expect(await statusOf(watched.service)).toMatchObject({ brokers: 0, brokersExpected: 2 });
      expect(await (await watched.service.get('/?lang=en')).text()).toContain('0 of 2 brokers');
      const resolved = watched.alertmanager.told
        .flatMap(({ alerts }) => alerts)
        // Processes of other tests on this machine start and stop.
        .filter(({ status, labels }) => status === 'resolved' && labels['alertname'] !== 'BrokerProcessGone');
      expect(resolved).toEqual([]);
    },
    12 * minutes,
  );

  requires('java', 'prometheus', 'alertmanager').test(
    'Kafka without one of three brokers is degraded, and without all of them it is down and pages within 90 s',
    async () => {
      await using kafka = await startKafka({ brokers: 3 });
      // A lost broker stays expected because of its replicas.
      const admin = new Kafka({ brokers: [...kafka.bootstrap], logLevel: logLevel.NOTHING }).admin();
      await admin.connect();
      await makeTopics(admin, [{ topic: 'orders', replicationFactor: 3 }]);
      await admin.disconnect();
      await using watched = await watch(kafka.configPath);
      const [first, ...others] = kafka.brokers;
      const one = await killAndTime(watched, [first?.pid ?? NaN], {
        of: 'kafka-one-killed',
        state: 'degraded',
        alert: 'KafkaBrokerMissing',
        alertWithin: 300,
        isRateLost: false,
      });
      // The controllers fence a silent broker after 9 s.
      expect(one['page']).toBeLessThan(2 * scrapeSeconds + 15);
      const all = await killAndTime(
        watched,
        others.map(({ pid }) => pid),
        {
          of: 'kafka-all-killed',
          state: 'down',
          alert: 'KafkaClusterDown',
          alertWithin: 90,
          isRateLost: true,
        },
      );
      expect(all['page']).toBeLessThan(2 * scrapeSeconds + 5);
      expect(await statusOf(watched.service)).toMatchObject({ brokers: 0, brokersExpected: 3 });
    },
    12 * minutes,
  );
};

if (fullMatrix) runs();
