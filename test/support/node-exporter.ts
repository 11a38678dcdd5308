// Starts Debian's node_exporter on a free port.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { freePorts } from '../../lab/free-port.ts';

/** Collectors that this project reads. */
export const followed = [
  'bonding',
  'cpu',
  'diskstats',
  'filesystem',
  'loadavg',
  'meminfo',
  'netclass',
  'netdev',
  'netstat',
  'nvme',
  'pressure',
  'sockstat',
  'softnet',
  'stat',
  'time',
  'vmstat',
] as const;

/** Debian's package excludes lo and all mounts below /mnt and /media; these are the upstream defaults. */
const asUpstream = [
  '--collector.netdev.device-exclude=^$',
  '--collector.filesystem.mount-points-exclude=^/(dev|proc|run/credentials/.+|sys|var/lib/docker/.+|var/lib/containers/storage/.+)($|/)',
  // Otherwise an unknown speed is -1, "the default behavior in 2.x".
  '--collector.netclass.ignore-invalid-speed',
];

export interface NodeExporter extends AsyncDisposable {
  url: string;
  page(): Promise<string>;
}

/** @param flags in addition to those above; `webConfig` is an exporter-toolkit file */
export async function startNodeExporter({
  collectors = [...followed, 'uname', 'os', 'timex'],
  flags = [],
}: { collectors?: readonly string[]; flags?: readonly string[] } = {}): Promise<NodeExporter> {
  const [port] = await freePorts(1);
  const address = `127.0.0.1:${port}`;
  const child = spawn(
    'prometheus-node-exporter',
    [
      `--web.listen-address=${address}`,
      '--collector.disable-defaults',
      ...collectors.map((name) => `--collector.${name}`),
      ...asUpstream,
      ...flags,
    ],
    { stdio: 'ignore' },
  );
  const url = `http://${address}/metrics`;
  const exporter: NodeExporter = {
    url,
    page: async () => (await fetch(url)).text(),
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null) return;
      child.kill();
      await once(child, 'exit');
    },
  };
  for (let attempt = 1; ; attempt++) {
    try {
      await exporter.page();
      return exporter;
    } catch (error) {
      if (attempt === 100 || child.exitCode !== null) {
        await exporter[Symbol.asyncDispose]();
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
