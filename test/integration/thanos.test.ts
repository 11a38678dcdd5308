// Queries a real Thanos over two Prometheus replicas: the same figures as from one, and warnings when a store is unavailable.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'vitest';
import { SourceConfig } from '../../analyzer/evidence/sources/config.ts';
import { readTelemetry } from '../../analyzer/evidence/sources/telemetry.ts';
import { freePorts } from '../../lab/free-port.ts';
import { builtWithGo } from '../support/built-with-go.ts';
import * as history from '../support/cluster-history.ts';
import { fullMatrix, requires } from '../support/prerequisites.ts';
import { startPrometheus } from '../support/prometheus.ts';

// Scrapes avoid interval ends, which Prometheus 3 (in Thanos) and 2 count differently.
const from = 1_760_000_400 + 7;
const span = { from, to: from + 1800, scrapeSeconds: 15 };
const cluster = { ...span, brokers: 2 };
const kept = () => [...history.nodeExporterHistory(cluster), ...history.jmxExporterHistory(cluster)];
const window = { from: new Date((from + 293) * 1000), to: new Date((from + 1793) * 1000), stepSeconds: 30 };
const read = (url: string) =>
  readTelemetry(SourceConfig.parse({ kind: 'prometheus', url }), window, {
    signal: AbortSignal.timeout(120_000),
    name: 'thanos',
  });

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 60_000; Date.now() < end; await setTimeout(200))
    if (await isSo().catch(() => false)) return;
  throw new Error('not within 60 s');
}

// Building takes minutes the first time.
if (fullMatrix) {
  requires('go', 'prometheus', 'promtool').test(
    'Thanos returns the same as Prometheus, without replica duplicates, and warns of an unavailable store',
    async () => {
      // Without these tags a sidecar crashes on its first response, because its labels have another layout.
      const tags = ['netgo', 'slicelabels'];
      const thanos = await builtWithGo('thanos', 'github.com/thanos-io/thanos', 'v0.42.2', './cmd/thanos', tags);
      await using resources = new AsyncDisposableStack();
      const folder = await mkdtemp(join(tmpdir(), 'plimsoll-thanos-'));
      resources.defer(() => rm(folder, { recursive: true }));
      function start(words: readonly string[]): ChildProcess {
        const child = spawn(thanos, [...words, '--log.level=error'], { stdio: 'ignore', cwd: folder });
        const ended = once(child, 'exit');
        resources.defer(async () => {
          child.kill('SIGTERM');
          await ended;
        });
        return child;
      }
      const text = history.openMetricsText(kept(), span);
      const [grpcA = 0, httpA = 0, grpcB = 0, httpB = 0, grpcQuery = 0, httpQuery = 0] = await freePorts(6);
      const sidecars: ChildProcess[] = [];
      const servers = [];
      for (const { replica, grpc, http } of [
        { replica: 'a', grpc: grpcA, http: httpA },
        { replica: 'b', grpc: grpcB, http: httpB },
      ]) {
        const prometheus = resources.use(await startPrometheus({ job: 'none', scrapes: [], history: text, replica }));
        await prometheus.untilAnswered('vector(1)');
        servers.push(prometheus);
        const at = [`--grpc-address=127.0.0.1:${grpc}`, `--http-address=127.0.0.1:${http}`];
        sidecars.push(start(['sidecar', `--prometheus.url=${prometheus.url}`, `--tsdb.path=${folder}`, ...at]));
      }
      const url = `http://127.0.0.1:${httpQuery}`;
      start([
        'query',
        `--grpc-address=127.0.0.1:${grpcQuery}`,
        `--http-address=127.0.0.1:${httpQuery}`,
        `--endpoint-strict=127.0.0.1:${grpcA}`,
        `--endpoint-strict=127.0.0.1:${grpcB}`,
        '--query.replica-label=replica',
      ]);
      const countAt = `${url}/api/v1/query?query=count(node_load1)&time=${from + 900}`;
      await until(async () => {
        const answer = (await (await fetch(`${countAt}&dedup=false`)).json()) as {
          data: { result: { value: [number, string] }[] };
        };
        return answer.data.result[0]?.value[1] === '4';
      });
      const [direct, through] = [await read(servers[0]?.url ?? ''), await read(url)];
      expect(through.hosts).toEqual(direct.hosts);
      expect(through.brokers).toEqual(direct.brokers);
      expect(through.traffic).toEqual(direct.traffic);
      expect(through.findings.map(({ code }) => code)).not.toContain('source-copies');
      expect(through.findings.map(({ code }) => code)).not.toContain('source-warning');

      sidecars[1]?.kill('SIGKILL');
      const partial = await read(url);
      expect(partial.hosts).toEqual(direct.hosts);
      const warnings = partial.findings.filter(({ code }) => code === 'source-warning').map(({ message }) => message);
      expect(warnings.join('\n')).toContain(`127.0.0.1:${grpcB}`);
    },
    900_000,
  );
}
