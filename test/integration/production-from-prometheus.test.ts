import { expect, test } from 'vitest';
import { SourceConfig } from '../../analyzer/evidence/sources/config.ts';
import { readTelemetry } from '../../analyzer/evidence/sources/telemetry.ts';
import type { Analysis } from '../../core/documents/analysis.ts';
import * as history from '../support/cluster-history.ts';
import { fullMatrix, requires } from '../support/prerequisites.ts';
import { startPrometheus } from '../support/prometheus.ts';
import { runCli } from '../support/run-cli.ts';

const hour = 3600;
const from = 1_760_000_400;
const span = { from: from - 600, to: from + 12 * hour, scrapeSeconds: 15 };
/** Two brokers; the first receives two of three messages, and its two cores are the bottleneck. */
const cluster = { ...span, brokers: 2, cores: 2 };
const wholeShare = 1.5;
const byCores = (0.7 * cluster.cores * wholeShare) / history.cpuSecondsPerMessage;
const readAtMost = 4500;

/** A group that stops for half an hour, and then reads at full speed. */
function readingGroup(): history.KeptSeries[] {
  const [stopped, resumed] = [from + 3 * hour, from + 3.5 * hour];
  const produced = (time: number) => history.sentUntil(time - span.from, wholeShare);
  const committed = (time: number) => {
    if (time < stopped) return produced(time);
    return Math.min(produced(time), produced(stopped) + readAtMost * Math.max(0, time - resumed));
  };
  const labels = {
    consumergroup: 'mail',
    topic: 'orders',
    partition: '0',
    instance: '10.0.0.9:9308',
    job: 'kafka-exporter',
  };
  return [
    { metric: 'kafka_consumergroup_current_offset', type: 'gauge', labels, at: (time) => Math.floor(committed(time)) },
    {
      metric: 'kafka_consumergroup_lag',
      type: 'gauge',
      labels,
      at: (time) => Math.round(produced(time) - committed(time)),
    },
  ];
}

/** The new leader of a partition lacks the last messages. */
function afterUncleanElection(series: history.KeptSeries): history.KeptSeries {
  const { metric, labels, at } = series;
  if (metric !== 'kafka_topic_partition_current_offset' || labels['partition'] !== '0') return series;
  const lost = (time: number) => (time < from + hour ? 0 : 100_000);
  return { ...series, at: (time) => 5_000_000_000 + (at(time) ?? 0) - lost(time) };
}

const window = ['--from', new Date(from * 1000).toISOString(), '--to', new Date(span.to * 1000).toISOString()];

async function analysed(groups: history.KeptSeries[]): Promise<{ analysis: Analysis; exitCode: number | undefined }> {
  const kept = [
    ...history.nodeExporterHistory(cluster),
    ...history.jmxExporterHistory(cluster),
    ...history.kafkaExporterHistory(cluster),
  ];
  await using prometheus = await startPrometheus({
    job: 'none',
    scrapes: [],
    history: history.openMetricsText([...kept, ...groups], span),
  });
  await prometheus.untilAnswered('vector(1)');
  const { exitCode, stdout, stderr } = await runCli('analyze', '--prometheus', prometheus.url, ...window, '--json');
  if (stdout === '') throw new Error(stderr);
  return { analysis: JSON.parse(stdout), exitCode };
}

requires('prometheus', 'promtool').describe('half a day of production in a real Prometheus', () => {
  test('the CPU cores are named as the limit, and groups without commits as unknown', async () => {
    const { analysis, exitCode } = await analysed([]);
    const { safeMaxTps, run, testedTps, consumerGroups } = analysis;
    expect(exitCode).toBe(0);
    expect(run.origin).toBe('production');
    if (safeMaxTps.kind !== 'predicted') throw new Error(JSON.stringify(safeMaxTps));
    expect(safeMaxTps.limitedBy).toMatchObject({ resource: 'cpu' });
    expect(safeMaxTps.estimateTps / byCores).toBeGreaterThan(0.95);
    expect(safeMaxTps.estimateTps / byCores).toBeLessThan(1.02);
    expect((testedTps?.high ?? 0) / (wholeShare * 2800)).toBeCloseTo(1, 1);
    expect(consumerGroups?.map(({ kind }) => kind)).toEqual(['unknown', 'unknown']);
  });

  test('messages of a partition are not counted again after an unclean election', async () => {
    const kept = [
      ...history.nodeExporterHistory(cluster),
      ...history.kafkaExporterHistory(cluster).map(afterUncleanElection),
    ];
    const text = history.openMetricsText(kept, span);
    await using prometheus = await startPrometheus({ job: 'none', scrapes: [], history: text });
    await prometheus.untilAnswered('vector(1)');
    const source = SourceConfig.parse({ kind: 'prometheus', url: prometheus.url });
    const hours = { from: new Date(from * 1000), to: new Date((from + 2 * hour) * 1000), stepSeconds: 60 };
    const { traffic } = await readTelemetry(source, hours, { signal: AbortSignal.timeout(60_000) });
    const highest = Math.max(...traffic.map(({ messagesPerSecond }) => messagesPerSecond));
    expect(highest / (wholeShare * 2800)).toBeCloseTo(1, 1);
  });

  if (!fullMatrix) return;
  test('a group with a lower limit than the brokers is named, with the rate at which it caught up', async () => {
    const { analysis } = await analysed(readingGroup());
    const { safeMaxTps, consumerGroups } = analysis;
    const mail = consumerGroups?.find(({ group }) => group === 'mail');
    if (mail?.kind !== 'measured') throw new Error(JSON.stringify(mail));
    expect(mail.tps / readAtMost).toBeCloseTo(1, 1);
    expect(mail.episodes).toBe(1);
    expect(safeMaxTps).toMatchObject({ kind: 'predicted', limitedBy: { slo: 'consumer-lag', group: 'mail' } });
  });
});
