// Runs every dashboard query against a real Prometheus with recorded pages of the exporter.

import { readFile } from 'node:fs/promises';
import { expect } from 'vitest';
import { clusterStates, type ClusterState } from '../../../core/documents/cluster-status.ts';
import { dashboards } from '../../../dashboards/grafana/registry.ts';
import { filledIn, panelsOf, targetsOf, variablesOf } from '../../support/dashboard-parts.ts';
import { pageHistory } from '../../support/page-history.ts';
import { requires } from '../../support/prerequisites.ts';
import { startPrometheus } from '../../support/prometheus.ts';

const golden = (name: string) => readFile(new URL(`../../golden/${name}`, import.meta.url), 'utf8');

requires('prometheus', 'promtool').test(
  'every dashboard query has a result with the labels that its legend names',
  async () => {
    const endsAt = Math.floor(Date.now() / 1000);
    const history = pageHistory(await Promise.all(['metrics.prom', 'metrics-rocketmq.prom'].map(golden)), {
      endsAt,
      seconds: 900,
      everySeconds: 60,
    });
    await using prometheus = await startPrometheus({ job: 'none', scrapes: [], history });
    await prometheus.untilAnswered('up');
    const unanswered: string[] = [];
    for (const dashboard of dashboards) {
      for (const { series, label = '' } of variablesOf(dashboard)) {
        if (series === undefined) continue;
        if ((await prometheus.labelValues(label, filledIn(series))).length === 0) unanswered.push(series);
      }
      // An annotation may have no result, but its query must be valid.
      for (const { expr = '' } of dashboard.annotations.list ?? []) await prometheus.query(filledIn(expr));
      for (const { expr, legendFormat = '' } of targetsOf(dashboard)) {
        const samples = await prometheus.query(atTheEnd(filledIn(expr)));
        if (samples.every(({ value }) => Number.isNaN(Number(value)))) unanswered.push(expr);
        for (const [, label = ''] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) {
          if (samples.every(({ metric }) => metric[label] === undefined)) unanswered.push(`${label} of ${expr}`);
        }
      }
    }
    expect(unanswered).toEqual([]);
  },
  60_000,
);

requires('prometheus', 'promtool').test(
  'a followed GC log without pauses shows 0, and without a GC log there is no value',
  async () => {
    const endsAt = Math.floor(Date.now() / 1000);
    const scrapes = Array.from({ length: 16 }, (_, minute) => endsAt - (15 - minute) * 60);
    const info = 'jvm_gclog_info{host="h",process="kafka",collector="G1",version="17"}';
    const history = `${scrapes.map((at) => `${info} 1 ${at}`).join('\n')}\n# EOF\n`;
    await using prometheus = await startPrometheus({ job: 'none', scrapes: [], history });
    await prometheus.untilAnswered('jvm_gclog_info');
    const jvm = dashboards.filter(({ uid }) => uid === 'plimsoll-jvm').flatMap(panelsOf);
    for (const title of ['Time in pauses', 'Full collections', 'Pauses over 1 s']) {
      const expr = filledIn(jvm.find((panel) => panel.title === title)?.targets?.[0]?.expr ?? '');
      const followed = await prometheus.query(expr);
      expect(followed.map(({ metric, value }) => [metric['process'], value])).toEqual([['kafka', '0']]);
      expect(await prometheus.query(expr.replaceAll('jvm_gclog_info', 'jvm_gclog_none'))).toEqual([]);
    }
  },
);

requires('prometheus', 'promtool').test(
  'shows clusters that are down or reported differently, lost capacity, unknown partitions and first events',
  async () => {
    const endsAt = Math.floor(Date.now() / 1000);
    /** A sample per minute for an hour, with another value in the last ten; undefined: no sample. */
    const series = (name: string, before: number | undefined, after: number | undefined) =>
      Array.from({ length: 61 }, (_, minute) => 60 - minute).flatMap((minutesAgo) => {
        const value = minutesAgo >= 10 ? before : after;
        return value === undefined ? [] : [`${name} ${value} ${endsAt - minutesAgo * 60}`];
      });
    /** The state as an instance of the service reports it. */
    const stateOf = (cluster: string, instance: string, state: ClusterState) =>
      clusterStates.flatMap((each) => {
        const value = Number(each === state);
        const name = `plimsoll_cluster_state{cluster="${cluster}",state="${each}",instance="${instance}"}`;
        return series(name, value, value);
      });
    const readOf = (cluster: string, instance: string, isRead: 0 | 1) =>
      series(`plimsoll_cluster_up{cluster="${cluster}",instance="${instance}"}`, isRead, isRead);
    const jvm = 'host="h",process="kafka"';
    const lag = 'consumergroup="ledger",topic="paid"';
    const history = [
      ...stateOf('orders', 'a', 'ok'),
      // A standby instance has no verdicts.
      ...stateOf('orders', 'b', 'unknown'),
      // Instance a has lost its network.
      ...stateOf('pay', 'a', 'down'),
      ...stateOf('pay', 'b', 'ok'),
      ...readOf('pay', 'a', 0),
      ...readOf('pay', 'b', 1),
      ...stateOf('stock', 'a', 'down'),
      ...stateOf('stock', 'b', 'degraded'),
      ...stateOf('trade', 'a', 'down'),
      ...stateOf('trade', 'b', 'down'),
      ...stateOf('logs', 'a', 'over'),
      ...stateOf('audit', 'b', 'unknown'),
      ...stateOf('mail', 'a', 'ok'),
      ...stateOf('mail', 'b', 'degraded'),
      ...stateOf('cart', 'a', 'down'),
      ...stateOf('cart', 'b', 'unknown'),
      ...readOf('cart', 'a', 0),
      ...readOf('cart', 'b', 0),
      // The lag of partition 2 is unknown, so there is no maximum.
      ...series(`plimsoll_consumergroup_lag_seconds{cluster="orders",${lag},partition="0"}`, 40, 40),
      ...series(`plimsoll_consumergroup_lag_seconds{cluster="orders",${lag},partition="1"}`, 1200, 1200),
      ...series('kafka_topic_retention_seconds{cluster="orders",topic="paid"}', 600, 600),
      ...series('kafka_brokers{cluster="orders"}', 3, undefined),
      ...series('plimsoll_cluster_down{cluster="orders",kind="kafka"}', 0, 1),
      ...series('rocketmq_brokers{cluster="trade"}', 2, undefined),
      ...series('rocketmq_broker_up{cluster="trade",broker="broker-a:0"}', 1, undefined),
      ...series('plimsoll_cluster_down{cluster="trade",kind="rocketmq"}', 0, 1),
      ...series('plimsoll_without_one_tps{cluster="orders",lost="broker",id="1"}', 0, 0),
      ...series(`jvm_gclog_info{${jvm},collector="G1",version="17"}`, 1, 1),
      ...series(`jvm_gclog_full_collections_total{${jvm},cause="G1 Compaction Pause"}`, undefined, 1),
      ...series(`jvm_gclog_unrequested_full_collections_total{${jvm}}`, 0, 1),
      ...series(`jvm_gclog_long_pauses_total{${jvm}}`, 0, 1),
      ...series('rocketmq_broker_info{cluster="pay",broker="broker-a:0",broker_name="broker-a"}', 1, 1),
      ...series('plimsoll_scrape_section_success{cluster="pay",section="offsets",broker="broker-a:0"}', 1, 1),
      ...series(
        'rocketmq_consumergroup_dead_letters_total{cluster="pay",consumergroup="ledger",broker="broker-a"}',
        undefined,
        2,
      ),
      ...series('plimsoll_run_guard_breaches_total{instance="gen:9464",input="p99"}', undefined, 1),
      ...series('plimsoll_run_guard_stops_total{instance="gen:9464"}', 0, 1),
    ];
    await using prometheus = await startPrometheus({
      job: 'none',
      scrapes: [],
      history: `${history.join('\n')}\n# EOF\n`,
    });
    await prometheus.untilAnswered('plimsoll_cluster_down');
    const shown = async (uid: string, title: string, metric = '') => {
      const panels = dashboards.filter((dashboard) => dashboard.uid === uid).flatMap(panelsOf);
      const targets = panels.filter((panel) => panel.title === title).flatMap((panel) => panel.targets ?? []);
      const { expr = '' } = targets.find((target) => target.expr.includes(metric)) ?? {};
      return (await prometheus.query(filledIn(expr))).map(({ value }) => Math.round(Number(value)));
    };
    expect((await shown('plimsoll-fleet', 'State')).toSorted((a, b) => a - b)).toEqual([1, 1, 2, 5, 6, 6, 7, 7]);
    expect(await shown('plimsoll-fleet', 'Down')).toEqual([2]);
    expect(await shown('plimsoll-fleet', 'Degraded')).toEqual([2]);
    expect(await shown('plimsoll-fleet', 'Stale or no verdict')).toEqual([1]);
    expect(await shown('plimsoll-lag', 'Highest lag, time')).toEqual([1200]);
    expect(await shown('plimsoll-lag', 'Groups', 'lag_max')).toEqual([1200]);
    expect(await shown('plimsoll-lag', 'Consumer lag, time')).toEqual([1200]);
    expect(await shown('plimsoll-lag', 'Lag as share of retention')).toEqual([2]);
    expect(await shown('plimsoll-promotion', 'Consumer lag, time')).toEqual([1200]);
    expect(await shown('plimsoll-kafka', 'Brokers')).toEqual([0]);
    expect(await shown('plimsoll-kafka', 'Lost')).toEqual([3]);
    expect(await shown('plimsoll-rocketmq', 'Brokers', 'max_over_time')).toEqual([0]);
    expect(await shown('plimsoll-rocketmq', 'Brokers up')).toEqual([0]);
    expect(await shown('plimsoll-capacity', 'Headroom, N-1')).toEqual([-1]);
    expect(await shown('plimsoll-capacity', 'Headroom', 'without_one')).toEqual([-1]);
    expect(await shown('plimsoll-fleet', 'Clusters', 'without_one')).toEqual([-1]);
    expect(await shown('plimsoll-jvm', 'Full collections')).toEqual([1]);
    expect(await shown('plimsoll-jvm', 'Pauses over 1 s')).toEqual([1]);
    expect(await shown('plimsoll-lag', 'Dead letters')).toEqual([2]);
    expect(await shown('plimsoll-loadtest', 'Guard')).toEqual([1]);
  },
  60_000,
);

requires('prometheus', 'promtool').test(
  'load tests of two clusters at the same time are shown apart',
  async () => {
    const endsAt = Math.floor(Date.now() / 1000);
    const minutes = Array.from({ length: 16 }, (_, minute) => [minute, endsAt - (15 - minute) * 60] as const);
    const of = (name: string, value: (minute: number) => number) =>
      minutes.map(([minute, at]) => `${name} ${value(minute)} ${at}`);
    const history = Object.entries({ orders: 100, trade: 30 }).flatMap(([cluster, rate]) => {
      const run = `instance="${cluster}.gen:9464"`;
      return [
        // Two jobs scrape its address.
        ...['load', 'pods'].flatMap((job) =>
          of(
            `plimsoll_run_info{${run},job="${job}",run="1",cluster="${cluster}",broker="kafka",workload="w"}`,
            () => 1,
          ),
        ),
        ...of(`plimsoll_run_target_messages_per_second{${run}}`, () => rate),
        ...['intended', 'sent', 'acknowledged', 'failed'].flatMap((what) =>
          of(`plimsoll_run_${what}_messages_total{${run},worker="0"}`, (minute) => rate * 60 * minute),
        ),
        ...of(`plimsoll_run_dropped_messages_total{${run},worker="0"}`, () => 0),
        ...[rate, '+Inf'].flatMap((le) =>
          of(`plimsoll_run_latency_seconds_bucket{${run},le="${le}"}`, (minute) => minute),
        ),
        ...of(`plimsoll_run_consumer_lag_messages{${run},group="audit"}`, () => rate),
      ];
    });
    await using prometheus = await startPrometheus({
      job: 'none',
      scrapes: [],
      history: `${history.join('\n')}\n# EOF\n`,
    });
    await prometheus.untilAnswered('plimsoll_run_info');
    const loadTest = dashboards.find(({ uid }) => uid === 'plimsoll-loadtest');
    const panels = loadTest === undefined ? [] : panelsOf(loadTest);
    const shown = async (title: string, place = 0) => {
      const { expr = '' } = panels.find((panel) => panel.title === title)?.targets?.[place] ?? {};
      const samples = await prometheus.query(filledIn(expr));
      return Object.fromEntries(samples.map(({ metric, value }) => [metric['cluster'], Math.round(Number(value))]));
    };
    for (const title of ['Target rate', 'Acknowledged']) expect(await shown(title)).toEqual({ orders: 100, trade: 30 });
    for (const place of [0, 1, 2, 3]) {
      expect(await shown('Target, sent, acknowledged', place)).toEqual({ orders: 100, trade: 30 });
    }
    expect(await shown('Failed or dropped')).toEqual({ orders: 1, trade: 1 });
    expect(await shown('Latency')).toEqual({ orders: 50, trade: 15 });
    expect(await shown('Backlog')).toEqual({ orders: 100, trade: 30 });
  },
  60_000,
);

requires('prometheus', 'promtool').test(
  'request handlers of a Kafka broker without JMX responses are not shown as busy',
  async () => {
    const endsAt = Math.floor(Date.now() / 1000);
    const scrapes = Array.from({ length: 16 }, (_, minute) => [minute, endsAt - (15 - minute) * 60] as const);
    const idle = 'kafka_broker_request_handler_idle_seconds_total{cluster="orders",pool="all",broker';
    const read = 'plimsoll_scrape_section_success{cluster="orders",section="internals",broker';
    const series = [
      [`${idle}="1"}`, (minute: number) => 45 * minute],
      [`${read}="1"}`, () => 1],
      // Repeated by the exporter.
      [`${idle}="2"}`, () => 45],
      [`${read}="2"}`, () => 0],
    ] as const;
    const lines = series.flatMap(([name, valueAt]) =>
      scrapes.map(([minute, at]) => `${name} ${valueAt(minute)} ${at}`),
    );
    await using prometheus = await startPrometheus({
      job: 'none',
      scrapes: [],
      history: `${lines.join('\n')}\n# EOF\n`,
    });
    await prometheus.untilAnswered(`${read}="1"}`);
    const panels = dashboards.flatMap(panelsOf);
    const expr = panels.find(({ title }) => title === 'Request handlers busy')?.targets?.[0]?.expr ?? '';
    const shown = await prometheus.query(filledIn(expr));
    expect(shown.map(({ metric, value }) => [metric['broker'], Number(value).toFixed(2)])).toEqual([['1', '0.25']]);
  },
);

/** The history is shorter than a day: comparisons with a day ago use ten minutes ago. */
const atTheEnd = (expr: string) => expr.replaceAll(/offset (?:1d|7d)/g, 'offset 10m');
