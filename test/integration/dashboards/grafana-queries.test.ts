// Runs every dashboard query against a real Prometheus with recorded pages of the exporter.

import { readFile } from 'node:fs/promises';
import { expect } from 'vitest';
import { dashboards } from '../../../dashboards/grafana/registry.ts';
import { filledIn, panelsOf, targetsOf, variablesOf } from '../../support/dashboard-parts.ts';
import { pageHistory } from '../../support/page-history.ts';
import { requires } from '../../support/prerequisites.ts';
import { startPrometheus } from '../../support/prometheus.ts';

const golden = (name: string) => readFile(new URL(`../../golden/${name}`, import.meta.url), 'utf8');

requires('prometheus', 'promtool').test(
  'every query of every dashboard is answered, with the labels its legend names',
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
      // What happened need not have happened; the question must be one.
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
  'a followed GC log without pauses and full collections shows 0, and without a GC log there is no value',
  async () => {
    const endsAt = Math.floor(Date.now() / 1000);
    const scrapes = Array.from({ length: 16 }, (_, minute) => endsAt - (15 - minute) * 60);
    const info = 'jvm_gclog_info{host="h",process="kafka",collector="G1",version="17"}';
    const history = `${scrapes.map((at) => `${info} 1 ${at}`).join('\n')}\n# EOF\n`;
    await using prometheus = await startPrometheus({ job: 'none', scrapes: [], history });
    await prometheus.untilAnswered('jvm_gclog_info');
    const jvm = dashboards.filter(({ uid }) => uid === 'plimsoll-jvm').flatMap(panelsOf);
    for (const title of ['Time in pauses', 'Full collections']) {
      const expr = filledIn(jvm.find((panel) => panel.title === title)?.targets?.[0]?.expr ?? '');
      const followed = await prometheus.query(expr);
      expect(followed.map(({ metric, value }) => [metric['process'], value])).toEqual([['kafka', '0']]);
      expect(await prometheus.query(expr.replaceAll('jvm_gclog_info', 'jvm_gclog_none'))).toEqual([]);
    }
  },
);

requires('prometheus', 'promtool').test(
  'request handlers of a Kafka broker whose JMX does not answer are not shown as busy',
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

/** The history is shorter than a day: what is compared with a day ago is compared with ten minutes ago. */
const atTheEnd = (expr: string) => expr.replaceAll(/offset (?:1d|7d)/g, 'offset 10m');
