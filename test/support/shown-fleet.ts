// Provides clusters for pages: above its limit, healthy, stale, and with a hostile name.

import { gradeVerdict } from '../../analyzer/production/grading/grade-verdict.ts';
import { examplePolicy } from './example-policy.ts';
import { PrometheusTelemetry } from '../../analyzer/evidence/sources/config.ts';
import type { BrokerKind } from '../../core/cluster.ts';
import type { Analysis } from '../../core/documents/analysis.ts';
import type { HistoryEntry, RecordedForecast } from '../../core/documents/history-entry.ts';
import type { ClusterStatus } from '../../core/documents/cluster-status.ts';
import { ServiceConfig } from '../../app/config/service.ts';
import type { SqliteHistory } from '../../service/history/sqlite-history.ts';
import { systemClock, type Clock } from '../../core/clock.ts';
import { createLookups } from '../../service/clusters/lookups.ts';
import { createAlertLog, type AlertLog } from '../../service/hooks/alert-log.ts';
import type { PagesParts } from '../../service/pages/router.ts';
import type { ServedCluster } from '../../service/parts.ts';
import { clusterStatusOf, type StatusInputs } from '../../service/status/cluster-status-of.ts';
import { worstFirst } from '../../service/status/live-statuses.ts';
import { verdictsIn } from '../../service/status/verdict-in-force.ts';
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
const clock: Clock = { ...systemClock, now: () => new Date(at) };

/** Produced messages per second of the clusters that respond. */
const producedTps: Readonly<Record<string, number>> = { orders: 23_588, logs: 11_030 };

/** Moves a load test so that it ended at a time before `at`. */
function endedAgo(seconds: number, analysis: Analysis): Analysis {
  const { run } = analysis;
  const startedMs = Date.parse(at) - 1000 * (seconds + (run.durationSeconds ?? 0));
  // Payload of this size fits through the links of the brokers at the rates of the steps.
  return { ...analysis, run: { ...run, messageBytes: 370, startedAt: new Date(startedMs).toISOString() } };
}

/** After the loss of a master, the other one carries everything. */
function withLosses(analysis: Analysis): Analysis {
  const { safeMaxTps } = analysis;
  if (safeMaxTps.kind !== 'predicted') throw new Error('the load test predicts its safe maximum');
  const { tps, estimateTps, interval, limitedBy } = safeMaxTps;
  const halved = { low: interval.low / 2, confidence: interval.confidence, high: (interval.high ?? estimateTps) / 2 };
  const loss = { lost: 'broker', tps: tps / 2, limitedBy, estimateTps: estimateTps / 2, interval: halved } as const;
  return { ...analysis, withoutOne: ['broker-a:0', 'broker-b:0'].map((id) => ({ ...loss, id })) };
}

const tpsOf = ({ safeMaxTps }: Analysis): number => ('tps' in safeMaxTps ? safeMaxTps.tps : 1000);

const day = 86_400;
/** Last load test of each cluster. */
const loadTests = {
  orders: () => endedAgo(day, withLosses(rocketmqLoadTest())),
  logs: () => endedAgo(23 * 3600, readAnalysis('load-test')),
  returns: () => endedAgo(day, rocketmqLoadTest()),
  waybills: () => endedAgo(40 * day, rocketmqLoadTest()),
};

const by = { name: 'anna', through: 'cli' } as const;
const entryOf = (document: Analysis, id: number): HistoryEntry => ({ kind: 'test', id, at, by, document });
/** A peak that may fit or not. */
const narrow = { least: 0.505, band: 0.005 };

function statuses(): ClusterStatus[] {
  const status = (
    cluster: string,
    { broker = 'rocketmq', domains = ['orders', '订单'], ...over }: Partial<StatusInputs['about']>,
    known: Partial<StatusInputs['known']>,
    live: Partial<StatusInputs['live']>,
  ) =>
    clusterStatusOf({
      about: { cluster, broker, domains, ...over },
      known: { verdicts: [], trust: { graded: 0, held: 0 }, ...known },
      live: { settings: {}, ...live },
      thresholds: ServiceConfig.parse({}).thresholds,
      now: new Date(at),
    });
  const carried = (cluster: string): Pick<StatusInputs['live'], 'traffic'> => {
    const produceTps = producedTps[cluster] ?? 0;
    const { groups } = carriedAt(produceTps, hostileName);
    const consumeTps = Object.values(groups).reduce((sum, each) => sum + each.consumeTps, 0);
    return { traffic: { produceTps, consumeTps, at: new Date(at), source: 'exporter' } };
  };
  const lastSeen = new Date(Date.parse(at) - 1_200_000);
  const missing = (...ids: string[]) =>
    ids.map((id) => ({ part: 'broker' as const, id, lastSeenAt: lastSeen.toISOString() }));
  const tested = (cluster: keyof typeof loadTests, entry: number) => ({
    verdicts: verdictsIn(entryOf(loadTests[cluster](), entry)),
  });
  return worstFirst([
    status('returns', {}, tested('returns', 1), {
      brokers: { answering: 0, expected: 2 },
      isDown: true,
      missing: missing('broker-a:0', 'broker-b:0'),
      rateAt: lastSeen,
    }),
    status(
      'orders',
      {},
      {
        ...tested('orders', 1),
        forecast: { entry: 3, madeAtMs: Date.parse(at), forecast: forecast(loadTests.orders()) },
        trust: { graded: 1, held: 1 },
      },
      { brokers: { answering: 3, expected: 3 }, ...carried('orders') },
    ),
    status(
      'logs',
      { broker: 'kafka', domains: [] },
      {
        ...tested('logs', 2),
        forecast: { entry: 11, madeAtMs: Date.parse(at), forecast: forecast(loadTests.logs(), narrow) },
      },
      { brokers: { answering: 2, expected: 3 }, missing: missing('3'), ...carried('logs') },
    ),
    status('waybills', {}, tested('waybills', 1), { brokers: { answering: 3, expected: 3 }, rateAt: lastSeen }),
    status(hostileName, { broker: 'kafka', domains: [hostileName] }, {}, {}),
  ]);
}

const loads: Readonly<Record<BrokerKind, string>> = {
  rocketmq: 'sum(rate(rocketmq_broker_put_messages_total[5m]))',
  kafka: 'sum(rate(kafka_topic_partition_current_offset[5m]))',
};

function sourceAt(url: string, cluster: string, broker: BrokerKind): NonNullable<ServedCluster['source']> {
  const config = PrometheusTelemetry.parse({ kind: 'prometheus', url, publicUrl: 'https://prometheus.example' });
  return { name: 'prometheus', config, cluster, load: loads[broker] };
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
      ...(cluster !== hostileName &&
        shownReading(cluster, broker, hostileName, producedTps[cluster] ?? 0, { isDown: cluster === 'returns' })),
      ...(cluster !== 'waybills' && prometheus !== undefined && { source: sourceAt(prometheus, cluster, broker) }),
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
    clock,
    log: unused as never,
    access: unused as never,
    schedule: { states: () => [], ask: unused },
    instances: { last: () => shownInstances(at, [hostileName]) },
    gc: shownGc(at, 'rocketmq', { 'broker-a:0': 'mq-1', 'broker-a:1': 'mq-2', 'broker-b:0': 'mq-3' }, 'orders'),
    readings: shownRecorded(at, {
      orders: { brokers: ['broker-a:0', 'broker-a:1', 'broker-b:0'], peakTps: 23_588 / endShare },
      logs: { brokers: ['1', '2', '3'], peakTps: 11_030 / endShare },
      returns: { brokers: ['broker-a:0', 'broker-b:0'], peakTps: 900, isDown: true },
    }),
    alerts: shownAlerts(),
    loadTests: shownLoadTests(at, hostileName, producedTps['orders']),
    policy: examplePolicy(),
    calculator: ruleOfThree(),
    lookups: createLookups(clock),
    tails: { count: 0 },
    author: { name: 'plimsoll', through: 'schedule' },
  };
}

/** One resolved alert and one that fires, as Alertmanager posts them. */
function shownAlerts(): AlertLog {
  const alerts = createAlertLog();
  const minutesAgo = (minutes: number) => new Date(Date.parse(at) - minutes * 60_000).toISOString();
  const alert = (alertname: string, annotations: Record<string, string>, own: Record<string, string>) => ({
    labels: { alertname, cluster: 'orders', ...own },
    annotations,
  });
  // A rule of the user: its severity and text are unknown to the service.
  const lag = alert('OrdersWait', { summary: hostileName }, { severity: 'page', consumergroup: 'billing' });
  const over = alert(
    'ClusterOverSafeMax',
    {
      description: 'The load of orders is 108% of its safe maximum.',
      description_zh: 'orders 的负载为安全上限的 108%。',
    },
    { severity: 'critical' },
  );
  const resolved = { status: 'resolved', startsAt: minutesAgo(65), endsAt: minutesAgo(50) } as const;
  // Three minutes after the load rose above the safe maximum.
  const firing = { status: 'firing', startsAt: minutesAgo(38), endsAt: '0001-01-01T00:00:00Z' } as const;
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
  const [document, kafka] = [loadTests.orders(), loadTests.logs()];
  history.append({ kind: 'test', cluster: 'orders', domain: 'orders', document, evidence: '/runs/20261109' }, by);
  history.append({ kind: 'test', cluster: 'logs', document: kafka }, by);
  history.append({ kind: 'forecast', cluster: 'orders', document: forecast(document) }, by);
  const peakMs = Date.parse('2026-11-09T14:00:00.000Z');
  const peak = { event: 'natural-peak', startedAtMs: peakMs, endedAtMs: peakMs + 3_600_000, strains: [] } as const;
  const grade = gradeVerdict({ id: 1, document }, { ...peak, tps: 20_990 });
  if (grade !== undefined) history.append({ kind: 'grade', cluster: 'orders', document: grade }, by);
  history.append({ kind: 'change', cluster: 'orders', document: { what: 'annotated', after: hostileName } }, by);
  fillPlans(history, hostileName);
  history.append({ kind: 'forecast', cluster: 'logs', document: forecast(kafka, narrow) }, by);
}

/** @param least load, and the half-width of its band, as ratios of the safe maximum; its peak is half of that maximum higher */
function forecast(analysis: Analysis, { least = 0.7, band = 0.1 } = {}): RecordedForecast {
  const safe = tpsOf(analysis);
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
