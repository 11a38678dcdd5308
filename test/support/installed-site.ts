// Prepares the installation of a cluster on hosts of a room: distributions, site.yaml, rendered files and plimsoll.yaml.

import { spawnSync } from 'node:child_process';
import { readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ClusterConfig } from '../../brokers/config.ts';
import type { BitsPerSecond } from '../../core/units.ts';
import type { RocketmqClusterConfig } from '../../brokers/rocketmq/config.ts';
import { confirmationText } from '../../brokers/cluster-id.ts';
import { administeredLab, type AdministeredLab } from './administration.ts';
import { startHostRoom, supervisorConfig, supervisorPrograms, type HostRoom } from './host-room.ts';
import type { PackedRelease } from './packed-release.ts';
import { runCli } from './run-cli.ts';

export interface InstalledSite extends AsyncDisposable {
  room: HostRoom;
  config: ClusterConfig;
  configPath: string;
  lab: AdministeredLab;
  /** Renders again with other versions or a changed layout, like an operator who edits site.yaml. */
  render(versions: Readonly<Record<string, string>>, changed?: object): Promise<void>;
}

export interface SiteRequest {
  machines: readonly string[];
  cluster: string;
  /** The value of `clusters` in site.yaml. */
  layout: object;
  releases: readonly [PackedRelease, ...PackedRelease[]];
  memory?: string;
  /** Additional values of site.yaml. */
  more?: object;
  /** Speed of each network interface in each direction; absent: not limited. */
  nic?: BitsPerSecond;
  /** Additional values of plimsoll.yaml, its hosts and its cluster. */
  settings?: object;
  hosts?: (room: HostRoom) => Readonly<Record<string, object>>;
  clusterSettings?: object;
}

export function rocketmqOf({ config }: Pick<InstalledSite, 'config'>): { config: RocketmqClusterConfig } {
  if (config.broker !== 'rocketmq') throw new Error('it is no RocketMQ');
  return { config };
}

/** Prepares without installing. Needs root, ip, java, maven, sshd and supervisor. */
export async function prepareSite(request: SiteRequest): Promise<InstalledSite> {
  const { machines, cluster, layout, releases, memory = '768MiB', more, nic } = request;
  const room = await startHostRoom(machines, nic);
  try {
    const program = spawnSync('sh', ['-c', 'command -v java'], { encoding: 'utf8' }).stdout.trim();
    const java = realpathSync(program).replace(/\/bin\/java$/, '');
    const site = join(room.folder, 'site.yaml');
    const configPath = join(room.folder, 'plimsoll.yaml');
    const out = join(room.folder, 'rendered');
    const render = async (versions: Readonly<Record<string, string>>, changed: object = {}) => {
      // JSON is valid YAML.
      writeFileSync(
        site,
        JSON.stringify({
          schemaVersion: 1,
          distributions: Object.fromEntries(releases.map(({ name, archive, sha512 }) => [name, { archive, sha512 }])),
          versions,
          supervisor: { kind: 'supervisord', config: supervisorConfig, programs: supervisorPrograms },
          java,
          memory,
          folders: { programs: '/srv/opt', settings: '/srv/etc', data: '/srv/data', logs: '/srv/logs' },
          machines: Object.fromEntries(room.hosts.map(({ name, address }) => [name, { address }])),
          clusters: { [cluster]: { ...layout, ...changed } },
          ...more,
        }),
      );
      const { exitCode, stderr } = await runCli('instances', 'render', site, '--out', out);
      if (exitCode !== 0) throw new Error(stderr);
    };
    const [{ name }] = releases;
    await render({ [name.replace(/-.*/, '')]: name });
    const { clusters } = parse(readFileSync(join(out, 'clusters.yaml'), 'utf8')) as {
      clusters: Record<string, object>;
    };
    const config = ClusterConfig.parse(clusters[cluster]);
    const own = { [cluster]: { ...clusters[cluster], ...request.clusterSettings } };
    const settings = {
      instances: 'rendered/instances.yaml',
      clusters: own,
      hosts: { ...room.hostEntries, ...request.hosts?.(room) },
    };
    writeFileSync(configPath, JSON.stringify({ ...settings, ...request.settings }));
    const { clusterId } = config;
    if (clusterId === undefined) throw new Error('no cluster id was rendered');
    const lab = await administeredLab({ configPath, config, confirmed: confirmationText(clusterId) });
    return {
      room,
      config,
      configPath,
      lab,
      render,
      async [Symbol.asyncDispose]() {
        await lab[Symbol.asyncDispose]();
        await room[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await room[Symbol.asyncDispose]();
    throw error;
  }
}
