// Provides clusters for pages: above its limit, healthy, stale, and with a hostile name.

import { examplePolicy } from './example-policy.ts';
import { PrometheusTelemetry } from '../../analyzer/evidence/sources/config.ts';
import type { Analysis } from '../../core/documents/analysis.ts';
import type { RecordedForecast } from '../../core/documents/history-entry.ts';
import type { ClusterStatus } from '../../core/documents/cluster-status.ts';
import { ServiceConfig } from '../../app/config/service.ts';
import type { SqliteHistory } from '../../service/history/sqlite-history.ts';
import { systemClock, type Clock } from '../../core/clock.ts';
import { createLookups } from '../../service/clusters/lookups.ts';
import { createAlertLog, type AlertLog } from '../../service/hooks/alert-log.ts';
import type { PagesParts } from '../../service/pages/router.ts';
import type { ServedCluster } from '../../service/parts.ts';
import { readAnalysis, rocketmqLoadTest } from './analyses.ts';
import { servedCluster } from './served-api.ts';
import { shownLoadTests, type ShownLoadTests } from './shown-load-tests.ts';
import { shownInstances } from './shown-instances.ts';
import { shownGc } from './shown-gc.ts';
import { fillPlans } from './shown-plans.ts';
import { ruleOfThree } from './shown-what-if.ts';
import { carriedAt, shownReading } from './shown-readings.ts';
import { endShare, shownRecorded } from './shown-recorded.ts';

const rightToLeft = '\u202eקבוצה';
/** Contains markup, quotes, a formula, right-to-left text, emoji of several code points, a new line, and no position for a line break. */
export const hostileName = `<script>alert(1)</script>"'=cmd()${rightToLeft}🔥👩‍👩‍👧\n`.padEnd(249, 'x');

const at = '2026-11-10T12:00:00.000Z';

const verdict = (entry: number, ageSeconds: number): NonNullable<ClusterStatus['verdict']> => ({
  entry,
  at: '2026-11-09T12:00:00.000Z',
  ageSeconds,
  kind: 'test',
  drifted: [],
});

/** Produced messages per second of the clusters that respond. */
const producedTps: Readonly<Record<string, number>> = { orders: 23_588, logs: 6552 };

function nowOf(cluster: string, safeTps: number): Pick<ClusterStatus, 'now' | 'headroom'> {
  const produceTps = producedTps[cluster] ?? 0;
  const { groups } = carriedAt(produceTps, hostileName);
  const consumeTps = Object.values(groups).reduce((sum, each) => sum + each.consumeTps, 0);
  return { now: { produceTps, consumeTps, at, source: 'exporter' }, headroom: 1 - produceTps / safeTps };
}

function statuses(): ClusterStatus[] {
  const { safeMaxTps, binding } = rocketmqLoadTest();
  const safe = 'tps' in safeMaxTps ? safeMaxTps.tps : 1000;
  const judged = (over: Partial<ClusterStatus>): ClusterStatus => ({
    cluster: 'orders',
    broker: 'rocketmq',
    domains: ['orders', '订单'],
    brokers: 3,
    state: 'ok',
    safeMaxTps,
    verdict: verdict(1, 86_400),
    ...(binding && { binding }),
    ...over,
  });
  return [
    judged({
      cluster: 'returns',
      state: 'down',
      brokers: 0,
      brokersExpected: 2,
      missing: ['broker-a:0', 'broker-a:1'].map((id) => ({ part: 'broker', id, lastSeenAt: at })),
      noDataSince: at,
    }),
    judged({
      state: 'over',
      ...nowOf('orders', safe),
      withoutOne: { lost: 'broker', id: 'broker-a:0', tps: safe / 2, headroom: -1.16 },
      forecast: { entry: 3, peak: { tps: safe * 1.2, low: safe * 1.1, high: safe * 1.3, at }, secondsToLimit: 0 },
      trust: { graded: 8, held: 8 },
    }),
    judged({
      cluster: 'logs',
      broker: 'kafka',
      domains: [],
      safeMaxTps: readAnalysis('load-test').safeMaxTps,
      verdict: verdict(2, 82_800),
      ...nowOf('logs', safe),
      forecast: { entry: 11, peak: { tps: safe * 1.005, low: safe, high: safe * 1.01, at } },
    }),
    judged({ cluster: 'waybills', state: 'stale', verdict: verdict(1, 40 * 86_400), noDataSince: at }),
    { cluster: hostileName, broker: 'kafka', domains: [hostileName], state: 'unknown' },
  ];
}

function sourceAt(url: string): NonNullable<ServedCluster['source']> {
  const config = PrometheusTelemetry.parse({ kind: 'prometheus', url, publicUrl: 'https://prometheus.example' });
  return { name: 'prometheus', config, cluster: 'orders', load: 'sum(rate(rocketmq_broker_put_messages_total[5m]))' };
}

/** Everything that pages need but the history. @param prometheus source of the past of clusters; unknown without one */
export function shownFleet(
  prometheus?: string,
): Omit<PagesParts, 'history' | 'logins'> & { loadTests: ShownLoadTests } {
  const clusters = statuses();
  const served = clusters.map(({ cluster, broker }) =>
    // The last cluster was never read.
    servedCluster(cluster, {
      broker,
      ...(cluster !== hostileName && shownReading(cluster, broker, hostileName, producedTps[cluster] ?? 0)),
      ...(cluster !== 'waybills' && prometheus !== undefined && { source: sourceAt(prometheus) }),
    }),
  );
  const unused = () => {
    throw new Error('pages do not ask for this');
  };
  return {
    statuses: {
      fleet: () => ({
        at,
        clusters,
        promotion: { name: '双十一', from: at, to: '2026-11-12T00:00:00.000Z', isOn: true },
      }),
      cluster: (name) => clusters.find(({ cluster }) => cluster === name),
      promotions: () => [{ name: '双十一', fromMs: Date.parse(at), toMs: Date.parse('2026-11-12T00:00:00.000Z') }],
    },
    clusters: new Map(served.map((each) => [each.name, each])),
    config: ServiceConfig.parse({
      prices: { currency: 'CNY', brokers: { logs: 800 } },
      domains: { shop: { cluster: 'logs', topics: ['order-*'], owners: ['shop-oncall'] } },
    }),
    clock: { ...systemClock, now: () => new Date(at) },
    log: unused as never,
    access: unused as never,
    schedule: { states: () => [], ask: unused },
    instances: { last: () => shownInstances(at, [hostileName]) },
    gc: shownGc(at, 'rocketmq', { 'broker-a:0': 'mq-1', 'broker-a:1': 'mq-2', 'broker-b:0': 'mq-3' }, 'orders'),
    readings: shownRecorded(at, {
      orders: { brokers: ['broker-a:0', 'broker-a:1', 'broker-b:0'], peakTps: 23_588 / endShare },
      logs: { brokers: ['1', '2', '3'], peakTps: 6552 / endShare },
      returns: { brokers: ['broker-a:0', 'broker-a:1'], peakTps: 900, isDown: true },
    }),
    alerts: shownAlerts(),
    loadTests: shownLoadTests(at, hostileName),
    policy: examplePolicy(),
    calculator: ruleOfThree(),
    lookups: createLookups(systemClock),
    tails: { count: 0 },
    author: { name: 'plimsoll', through: 'schedule' },
  };
}

/** One resolved alert and one that fires, as Alertmanager posts them. */
function shownAlerts(): AlertLog {
  const alerts = createAlertLog();
  const minutesAgo = (minutes: number) => new Date(Date.parse(at) - minutes * 60_000).toISOString();
  const alert = (alertname: string, summary: string) => ({
    labels: { alertname, cluster: 'orders', severity: 'page' },
    annotations: { summary },
  });
  const lag = alert('ConsumerLagGrows', hostileName);
  const over = alert('LoadAboveSafeMaximum', 'orders carries more than its safe maximum.');
  const resolved = { status: 'resolved', startsAt: minutesAgo(50), endsAt: minutesAgo(35) } as const;
  const firing = { status: 'firing', startsAt: minutesAgo(12), endsAt: '0001-01-01T00:00:00Z' } as const;
  alerts.add(
    {
      alerts: [
        { ...lag, ...resolved },
        { ...over, ...firing },
      ],
    },
    Date.parse(at),
  );
  return alerts;
}

/** Provides a clock for `fillLedger`: an entry every 65 minutes of the day before `at`. */
export function ledgerClock(): Clock {
  let ms = Date.parse('2026-11-09T11:00:00.000Z');
  return { ...systemClock, now: () => new Date((ms += 65 * 60_000)) };
}

/**
 * Entries 1 and 2 are load tests, 3 a forecast, 4 a grade, 5 a note with hostile text, 6 to 10 plans, 11 a forecast whose peak may fit or
 * not.
 */
export function fillLedger(history: SqliteHistory): void {
  const by = { name: 'anna', through: 'cli' } as const;
  const [document, kafka] = [rocketmqLoadTest(), readAnalysis('load-test')];
  history.append({ kind: 'test', cluster: 'orders', domain: 'orders', document, evidence: '/runs/20261109' }, by);
  history.append({ kind: 'test', cluster: 'logs', document: kafka }, by);
  history.append({ kind: 'forecast', cluster: 'orders', document: forecast(document) }, by);
  history.append(
    {
      kind: 'grade',
      cluster: 'orders',
      document: {
        of: 1,
        event: 'natural-peak',
        startedAt: at,
        endedAt: at,
        predicted: { value: 1000, unit: 'msg/s' },
        actual: 990,
        held: true,
      },
    },
    by,
  );
  history.append({ kind: 'change', cluster: 'orders', document: { what: 'annotated', after: hostileName } }, by);
  fillPlans(history, hostileName);
  history.append(
    { kind: 'forecast', cluster: 'logs', document: forecast(document, { least: 0.505, band: 0.005 }) },
    by,
  );
}

/** @param least load, and the half-width of its band, as ratios of the safe maximum; its peak is half of that maximum higher */
function forecast({ safeMaxTps }: Analysis, { least = 0.7, band = 0.1 } = {}): RecordedForecast {
  const safe = 'tps' in safeMaxTps ? safeMaxTps.tps : 1000;
  const points = Array.from({ length: 96 }, (_, hour) => {
    const tps = safe * (least + 0.5 * Math.sin((hour * Math.PI) / 12) ** 2);
    const moment = new Date(Date.parse(at) + hour * 3_600_000).toISOString();
    return { at: moment, tps, low: tps * (1 - band), high: tps * (1 + band) };
  });
  return {
    horizonEndsAt: points.at(-1)?.at ?? at,
    peak: {
      tps: safe * (least + 0.5),
      low: safe * (least + 0.5) * (1 - band),
      high: safe * (least + 0.5) * (1 + band),
      at: points[6]?.at ?? at,
      confidence: 0.8,
    },
    points,
    chosen: 'seasonal',
  };
}
