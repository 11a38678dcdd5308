// Runs `plimsoll serve` over simulated clusters in a separate process, and prints its address.

import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readDefaultPolicy } from '../core/policy/policy.ts';
import { KafkaClusterConfig } from '../brokers/kafka/config.ts';
import { systemClock } from '../core/clock.ts';
import { createLogger } from '../core/log.ts';
import { ExporterConfig } from '../exporter/config.ts';
import { listen } from '../exporter/http-server.ts';
import { createMetricsPage } from '../exporter/metrics-page.ts';
import { createProber } from '../exporter/probe.ts';
import { createProcessMetrics } from '../exporter/process-metrics.ts';
import { createAccess } from '../service/access/create-access.ts';
import { openOperatorToken } from '../service/access/operator-token.ts';
import { createServiceApp } from '../service/app.ts';
import { createCalculator } from '../service/calculation/calculator.ts';
import { ServiceConfig } from '../app/config/service.ts';
import { openHistory, type SqliteHistory } from '../service/history/sqlite-history.ts';
import { openReadingsFile } from '../service/readings/readings-file.ts';
import { openService } from '../service/open-service.ts';
import { readAnalysis } from '../test/support/analyses.ts';
import { clusterNames, simulatedInspector } from './simulated-fleet.ts';

const address = '127.0.0.1:0';
const [clusters = 0, groups = 0, partitionsPerGroup = 0, brokers = 3] = process.argv.slice(2, 6).map(Number);
const size = { clusters, groups, partitionsPerGroup, brokers };
const names = clusterNames(clusters);
const clock = systemClock;
const log = createLogger('warn');
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());

await using resources = new AsyncDisposableStack();
const { path: folder } = resources.use(await mkdtempDisposable(join(tmpdir(), 'plimsoll-bench-')));
const history = resources.use(openHistory(join(folder, 'ledger.sqlite'), { clock }));
fill(history);
const service = ServiceConfig.parse({});
const operatorToken = openOperatorToken(folder);
const access = createAccess(service, { address, clock, operatorToken });
const calculator = resources.use(createCalculator());
const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: ['nowhere.example:9092'] });
const readingsFile = resources.use(openReadingsFile(join(folder, 'readings.sqlite'), log));
const opened = openService({
  service,
  clusters: Object.fromEntries(names.map((name) => [name, config])),
  exporter: ExporterConfig.parse({}),
  sources: {},
  policy: readDefaultPolicy(),
  history,
  ...(readingsFile && { readingsFile }),
  access,
  calculator,
  clock,
  log,
});
const page = createMetricsPage({
  clusters: names.map((name) => ({
    name,
    kind: 'kafka',
    inspector: opened.listeners.hearCluster(name, simulatedInspector(name, size, clock)),
  })),
  hosts: [],
  clock,
  log,
  metrics: [opened.listeners.families, createProcessMetrics()],
});
const unnamed = {
  modules: {},
  open: () => Promise.reject(new Error('no cluster but those in memory')),
  limits: {},
  clock,
  log,
};
const pages = {
  page,
  prober: resources.use(createProber(unnamed)),
  canaries: { states: () => [] },
  groupsOf: new Map(),
  calculator,
};
const server = resources.use(
  await listen(createServiceApp(opened.parts, pages, access), address, { signal: stop.signal }),
);
const scheduled = opened.schedule.run({ signal: stop.signal });
process.stdout.write(`the operator token is in ${operatorToken.file}\nlistening on ${server.url}\n`);
await scheduled;

/** Gives each cluster one year of history: a load test, production verdicts, forecasts and notes. */
function fill(filled: SqliteHistory): void {
  const by = { name: 'plimsoll', through: 'schedule' } as const;
  const analysis = readAnalysis('load-test');
  const peak = { tps: 24_000, low: 20_000, high: 29_000, at: '2026-11-10T12:00:00Z', confidence: 0.8 };
  for (const cluster of names) {
    const document = { ...analysis, run: { ...analysis.run, cluster, startedAt: clock.now().toISOString() } };
    filled.append({ kind: 'test', cluster, document }, by);
    filled.append({ kind: 'verdict', cluster, document }, by);
    filled.append(
      { kind: 'forecast', cluster, document: { horizonEndsAt: peak.at, peak, points: [], chosen: 'seasonal' } },
      by,
    );
    filled.append({ kind: 'change', cluster, document: { what: 'annotated', after: 'moved to other racks' } }, by);
  }
}
