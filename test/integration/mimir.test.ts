// Queries a real Mimir with two tenants: figures of one tenant equal those from Prometheus, and a missing tenant is reported.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'vitest';
import { stringify } from 'yaml';
import { SourceConfig } from '../../analyzer/evidence/sources/config.ts';
import { readTelemetry } from '../../analyzer/evidence/sources/telemetry.ts';
import { freePorts } from '../../lab/free-port.ts';
import { builtWithGo } from '../support/built-with-go.ts';
import * as history from '../support/cluster-history.ts';
import { fullMatrix, requires } from '../support/prerequisites.ts';
import { makeBlocks, startPrometheus } from '../support/prometheus.ts';

// Scrapes avoid interval ends, which Prometheus 3 (in Mimir) and 2 count differently.
const from = 1_760_000_400 + 7;
const span = { from, to: from + 1800, scrapeSeconds: 15 };
const historyOf = (brokers: number) => {
  const cluster = { ...span, brokers };
  return history.openMetricsText(
    [...history.nodeExporterHistory(cluster), ...history.jmxExporterHistory(cluster)],
    span,
  );
};
const window = { from: new Date((from + 293) * 1000), to: new Date((from + 1793) * 1000), stepSeconds: 30 };
const read = (url: string, tenant?: string) =>
  readTelemetry(SourceConfig.parse({ kind: 'prometheus', url, ...(tenant !== undefined && { tenant }) }), window, {
    signal: AbortSignal.timeout(120_000),
    name: 'mimir',
  });

/** Release tags are not valid Go module versions: this is the latest version of the module proxy. */
const version = 'v1.3.1-0.20260423142704-aced80d74930';

/** Configures one process, blocks in a folder, rings in memory. */
function configOf(folder: string, { http, grpc, gossip }: { http: number; grpc: number; gossip: number }): string {
  const ring = { kvstore: { store: 'inmemory' }, instance_addr: '127.0.0.1' };
  const local = '127.0.0.1';
  return stringify({
    target: 'all',
    multitenancy_enabled: true,
    server: {
      http_listen_address: local,
      http_listen_port: http,
      grpc_listen_address: local,
      grpc_listen_port: grpc,
      log_level: 'error',
    },
    memberlist: { bind_addr: [local], bind_port: gossip },
    usage_stats: { enabled: false },
    activity_tracker: { filepath: join(folder, 'activity.log') },
    common: { storage: { backend: 'filesystem' } },
    blocks_storage: {
      filesystem: { dir: join(folder, 'blocks') },
      tsdb: { dir: join(folder, 'tsdb') },
      bucket_store: { sync_dir: join(folder, 'sync'), sync_interval: '2s', ignore_blocks_within: '0s' },
    },
    ruler_storage: { filesystem: { dir: join(folder, 'rules') } },
    alertmanager_storage: { filesystem: { dir: join(folder, 'alerts') } },
    ruler: { rule_path: join(folder, 'rule-files'), ring },
    ingester: { ring: { ...ring, replication_factor: 1 } },
    distributor: { ring },
    // The default is that of a network interface on which nothing listens, so queries would wait forever.
    frontend: { address: local },
    store_gateway: { sharding_ring: { ...ring, replication_factor: 1 } },
    compactor: { data_dir: join(folder, 'compactor'), cleanup_interval: '2s', sharding_ring: ring },
  });
}

// Building takes many minutes the first time.
if (fullMatrix) {
  requires('go', 'prometheus', 'promtool').test(
    'Mimir returns the same as Prometheus for each tenant, and a missing tenant names the setting',
    async () => {
      const mimir = await builtWithGo('mimir', 'github.com/grafana/mimir', version, './cmd/mimir', [
        'netgo',
        'stringlabels',
      ]);
      await using resources = new AsyncDisposableStack();
      const folder = await mkdtemp(join(tmpdir(), 'plimsoll-mimir-'));
      resources.defer(() => rm(folder, { recursive: true, force: true }));
      const texts = { orders: historyOf(2), payments: historyOf(3) };
      for (const [tenant, text] of Object.entries(texts)) {
        const made = join(folder, 'made', tenant);
        await mkdir(made, { recursive: true });
        await makeBlocks(made, text);
        await cp(join(made, 'data'), join(folder, 'blocks', tenant), { recursive: true });
      }
      const [http = 0, grpc = 0, gossip = 0] = await freePorts(3);
      const config = join(folder, 'mimir.yaml');
      await writeFile(config, configOf(folder, { http, grpc, gossip }));
      const child = spawn(mimir, [`-config.file=${config}`], { stdio: ['ignore', 'ignore', 'pipe'], cwd: folder });
      let said = '';
      child.stderr.on('data', (chunk) => (said += String(chunk)));
      const ended = once(child, 'exit');
      resources.defer(async () => {
        child.kill('SIGTERM');
        await ended;
      });
      const url = `http://127.0.0.1:${http}/prometheus`;
      const hosts = async (tenant: string) => {
        const asked = `${url}/api/v1/query?query=count(node_load1)&time=${from + 900}`;
        const answer = await fetch(asked, {
          headers: { 'X-Scope-OrgID': tenant },
          signal: AbortSignal.timeout(5000),
        });
        const { data } = (await answer.json()) as { data: { result: { value: [number, string] }[] } };
        return data.result[0]?.value[1];
      };
      for (const end = Date.now() + 120_000; ; await setTimeout(500)) {
        const counts = await Promise.all([hosts('orders'), hosts('payments')]).catch(() => []);
        if (counts.join() === '2,3') break;
        if (Date.now() > end || child.exitCode !== null) throw new Error(`no answer: ${said.slice(-4000)}`);
      }
      for (const [tenant, text] of Object.entries(texts)) {
        await using prometheus = await startPrometheus({ job: 'none', scrapes: [], history: text });
        await prometheus.untilAnswered('vector(1)');
        const [direct, through] = [await read(prometheus.url), await read(url, tenant)];
        expect(through.hosts).toEqual(direct.hosts);
        expect(through.brokers).toEqual(direct.brokers);
        expect(through.traffic).toEqual(direct.traffic);
        expect(through.findings.map(({ code }) => code)).not.toContain('source-warning');
      }
      await expect(read(url, 'nobody')).rejects.toMatchObject({ code: 'source-empty' });
      await expect(read(url)).rejects.toMatchObject({ hint: expect.stringContaining('tenant') as string });
    },
    1_800_000,
  );
}
