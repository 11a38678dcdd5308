import { expect, test } from 'vitest';
import type { ClusterStatus } from '../../../../core/documents/cluster-status.ts';
import { countSeries } from '../../../../exporter/exposition/series-count.ts';
import { renderLines } from '../../../../exporter/exposition/render-lines.ts';
import { serviceMetrics } from '../../../../service/metrics/service-metrics.ts';
import { measureService, type MeasuredService } from '../../../../service/metrics/service-measurements.ts';

const at = '2026-11-21T12:00:00.000Z';
const status: ClusterStatus = {
  cluster: 'orders "x"',
  broker: 'kafka',
  domains: ['shop'],
  state: 'degraded',
  loadState: 'near',
  brokers: 2,
  brokersExpected: 3,
  safeMaxTps: {
    kind: 'predicted',
    tps: 1000,
    estimateTps: 1100,
    interval: { low: 1000, confidence: 0.95 },
    limitedBy: { resource: 'network-out', node: '2' },
  },
  verdict: { entry: 1, at, ageSeconds: 60, kind: 'test', drifted: [] },
  binding: [{ limitedBy: { slo: 'consumer-lag', group: 'billing' }, probability: 0.75 }],
  now: { produceTps: 900, at: '2026-11-21T11:59:50.000Z', source: 'exporter' },
  headroom: 0.1,
  withoutOne: { lost: 'broker', id: '2', tps: 500, headroom: -0.8 },
  forecast: {
    entry: 2,
    peak: { tps: 1500, low: 1400, high: 1600, at: '2026-11-21T14:00:00.000Z' },
    secondsToLimit: 3600,
  },
  trust: { graded: 4, held: 3, bias: 0.04 },
};
const service = (over: Partial<MeasuredService> = {}): MeasuredService => ({
  fleet: { at, clusters: [status] },
  forecastOf: () => ({
    entry: 2,
    madeAtMs: Date.parse('2026-11-21T11:30:00Z'),
    forecast: {
      horizonEndsAt: '2026-11-22T12:00:00Z',
      peak: { tps: 1500, low: 1400, high: 1600, at: '2026-11-21T14:00:00.000Z', confidence: 0.8 },
      points: [11, 12, 13, 14].map((hour) => ({ at: `2026-11-21T${hour}:00:00Z`, tps: 100 * hour, low: 90 * hour })),
      chosen: 'seasonal',
    },
  }),
  actionsOf: () => [
    {
      kind: 'ready',
      lever: 'leader-move',
      gain: { low: 50, high: 100 },
      targets: [],
      commands: [],
      evidence: '',
      evidenceZh: '',
    },
    { kind: 'no-gain', lever: 'quota', reason: 'no-client-ids' },
  ],
  instances: [
    {
      name: 'orders-1',
      cluster: 'orders',
      host: 'mq-1',
      role: 'kafka-broker',
      failureDomain: 'mq-1',
      desired: 'running',
      state: 'crash-loop',
      startedBy: 'supervisord',
      directories: [],
      restartsLastHour: 4,
    },
  ],
  readings: {
    of: (cluster) =>
      cluster === status.cluster
        ? {
            names: () => [],
            points: () => [],
            last: () => undefined,
            bytes: 0,
            leftOut: { cluster: 0, broker: 0, group: 3, topic: 0 },
          }
        : undefined,
    usage: () => ({ bytes: 3552, mostBytes: 268_435_456 }),
  },
  promotions: [{ name: '618', fromMs: Date.parse('2026-11-21T11:00:00Z'), toMs: Date.parse('2026-11-21T12:00:00Z') }],
  maintenance: new Map([['orders', true]]),
  jobs: [{ name: 'grading', isRunning: false, lastEnd: { at: new Date(at), durationSeconds: 2, failure: 'no' } }],
  isLeader: true,
  history: { isWritable: false, failures: 3 },
  verdictLastsSeconds: 2_592_000,
  publicUrl: 'https://plimsoll.example/p/',
  ...over,
});
async function seriesOf(given: MeasuredService): Promise<string[]> {
  const unlimited = { origin: { names: [], values: [] }, shed: new Set<never>(), count: countSeries(Infinity) };
  const lines = await renderLines(serviceMetrics, measureService(given), unlimited);
  return [...(lines ?? new Map<string, Buffer[]>()).values()]
    .flatMap((chunks) => chunks.map(String))
    .join('')
    .trimEnd()
    .split('\n');
}

test('a rate above which throughput stopped growing has a separate kind, which an alert uses', async () => {
  const ceiling = { tps: 1200, suspects: [], decidedBy: 'host metrics of broker 1' };
  const found: ClusterStatus['safeMaxTps'] = { kind: 'at-least', tps: 1000, reason: 'limit-cause-unknown', ceiling };
  const kindsOf = async (safe: ClusterStatus['safeMaxTps']) => {
    const series = await seriesOf(service({ fleet: { at, clusters: [{ ...status, safeMaxTps: safe }] } }));
    return series.filter((line) => line.startsWith('plimsoll_safe_max_kind')).map((line) => line.split('kind="')[1]);
  };
  expect(await kindsOf(found)).toEqual(['limit-cause-unknown"} 1']);
  expect(await kindsOf({ kind: 'at-least', tps: 1000, reason: 'no-limit-reached' })).toEqual(['at-least"} 1']);
});

test('a cluster status is exported as series with the values of the metric table', async () => {
  const series = await seriesOf(service());
  expect(series.map((line) => line.replaceAll('cluster="orders \\"x\\""', 'cluster'))).toEqual(
    expect.arrayContaining([
      'plimsoll_safe_max_tps{cluster,bound="low"} 1000',
      'plimsoll_safe_max_tps{cluster,bound="estimate"} 1100',
      'plimsoll_safe_max_kind{cluster,kind="predicted"} 1',
      'plimsoll_cluster_state{cluster,state="degraded"} 1',
      'plimsoll_cluster_state{cluster,state="near"} 0',
      'plimsoll_cluster_near_limit{cluster} 1',
      'plimsoll_cluster_domain_info{cluster,domain="shop"} 1',
      'plimsoll_cluster_console_info{cluster,url="https://plimsoll.example/p"} 1',
      'plimsoll_now_age_seconds{cluster} 10',
      'plimsoll_headroom_ratio{cluster} 0.1',
      'plimsoll_binding_probability{cluster,resource="consumer-lag",node="billing"} 0.75',
      'plimsoll_without_one_headroom_ratio{cluster,lost="broker",id="2"} -0.8',
      'plimsoll_forecast_within_tps{cluster,within="15m",bound="estimate"} 1225',
      'plimsoll_forecast_within_tps{cluster,within="24h",bound="low"} 1400',
      'plimsoll_forecast_within_tps{cluster,within="24h",bound="estimate"} 1500',
      'plimsoll_forecast_age_seconds{cluster} 1800',
      'plimsoll_time_to_limit_seconds{cluster} 3600',
      'plimsoll_action_gain_tps{cluster,action="leader-move",bound="low"} 50',
      'plimsoll_calibration_held_ratio{cluster} 0.75',
      'plimsoll_cluster_process_state{process="orders-1",cluster="orders",host="mq-1",role="kafka-broker",state="crash-loop"} 1',
      'plimsoll_cluster_process_state{process="orders-1",cluster="orders",host="mq-1",role="kafka-broker",state="running"} 0',
      'plimsoll_cluster_process_as_desired{process="orders-1",cluster="orders",host="mq-1",role="kafka-broker"} 0',
      'plimsoll_cluster_process_restarts_last_hour{process="orders-1",cluster="orders",host="mq-1",role="kafka-broker"} 4',
      'plimsoll_promotion_on{promotion="618"} 0',
      'plimsoll_job_success{task="grading",cluster=""} 0',
      'plimsoll_history_writable 0',
      'plimsoll_history_write_failures_total 3',
    ]),
  );
  expect(series.some((line) => line.includes('bound="high"') && line.startsWith('plimsoll_safe_max'))).toBe(false);
});

test.for([
  ['before the first', '2026-06-01T00:00:00Z', 0, '2026-06-18'],
  ['during the next', '2027-06-18T12:00:00Z', 1, '2027-06-18'],
  ['after the last', '2027-07-01T00:00:00Z', 0, '2027-06-18'],
] as const)('a promotion that occurs more than once has one series: %s', async ([, now, isOn, day]) => {
  const times = [2026, 2027].map((year) => {
    const fromMs = Date.UTC(year, 5, 18);
    return { name: '618', fromMs, toMs: fromMs + 86_400_000 };
  });
  const series = await seriesOf(service({ fleet: { at: now, clusters: [] }, promotions: times }));
  expect(series.filter((line) => line.startsWith('plimsoll_promotion_'))).toEqual([
    `plimsoll_promotion_on{promotion="618"} ${isOn}`,
    `plimsoll_promotion_start_timestamp_seconds{promotion="618"} ${Date.parse(day) / 1000}`,
    `plimsoll_promotion_end_timestamp_seconds{promotion="618"} ${Date.parse(day) / 1000 + 86_400}`,
  ]);
});

test('a cluster without data exports its state and no numbers', async () => {
  const { cluster, broker } = status;
  const unknown: ClusterStatus = { cluster, broker, domains: [], state: 'unknown' };
  const series = await seriesOf(
    service({
      fleet: { at, clusters: [unknown] },
      forecastOf: () => undefined,
      actionsOf: () => [],
      jobs: [],
      instances: [],
      readings: { of: () => undefined, usage: () => ({ bytes: 0, mostBytes: 0 }) },
    }),
  );
  const ofCluster = series.filter((line) => line.includes('cluster='));
  expect(
    ofCluster.every((line) => /^plimsoll_(?:cluster_state|cluster_console_info|maintenance_on)\{/.test(line)),
  ).toBe(true);
  expect(series.join('\n')).not.toMatch(/NaN|undefined/);
});

test('a service with complete data exports every metric of the table', async () => {
  const series = await seriesOf(
    service({
      fleet: { at, clusters: [{ ...status, now: { produceTps: 900, consumeTps: 800, at, source: 'exporter' } }] },
      jobs: [
        {
          name: 'reading',
          cluster: 'orders',
          isRunning: false,
          lastEnd: { at: new Date(at), durationSeconds: 1 },
          lastSuccessAt: new Date(at),
        },
      ],
      history: {
        isWritable: true,
        failures: 0,
        lastEntryAt: new Date(at),
        usage: { usedBytes: 4096, quotaBytes: 2 ** 32, entries: new Map([['verdict', 2]]) },
      },
    }),
  );
  const given = new Set(series.map((line) => /^\w+/.exec(line)?.[0]));
  expect(given).toEqual(new Set(Object.keys(serviceMetrics)));
});

test('dropped readings are counted by kind, and the memory of kept readings is exported', async () => {
  const series = await seriesOf(service());
  expect(series).toContain('plimsoll_readings_left_out{cluster="orders \\"x\\"",part="group"} 3');
  expect(series).toContain('plimsoll_readings_bytes 3552');
});
