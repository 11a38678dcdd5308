// Reads the inventory of instances from the configured hosts, and proposes the desired state from it.

import { existsSync } from 'node:fs';
import { join } from 'node:path/posix';
import type { InstancesDocument } from '../../core/documents/instances.ts';
import { AppError } from '../../core/errors.ts';
import { nearest } from '../../core/text/nearest.ts';
import type { HostsConfig } from '../../hosts/config.ts';
import type { FoundInstance } from '../../hosts/instances/find-instances.ts';
import { openInstanceHost } from '../../hosts/instances/instance-host.ts';
import { parseProperties } from '../../hosts/instances/instance-settings.ts';
import type { Caller } from '../caller.ts';
import { instancesPath, readDesired, type DesiredRequest } from './desired-file.ts';
import { proposeInstances, type Proposed } from './discover.ts';
import { inventoryOf } from './inventory.ts';
import { readHosts } from './read-hosts.ts';

type InventoryRequest = DesiredRequest & Readonly<{ cluster?: string | undefined }>;

type InventoryIo = Pick<Caller<InventoryRequest>, 'options' | 'signal' | 'clock'>;

/** Without instances.yaml, running instances are listed without a desired state. @throws AppError config-unreadable, config-invalid, usage */
export async function readInventory(io: InventoryIo): Promise<InstancesDocument> {
  const { options, signal, clock } = io;
  const { config, file } = await instancesPath(io);
  requireCluster(options.cluster, config.clusters);
  const isThere = existsSync(file);
  const instances = isThere ? (await readDesired(io)).instances : {};
  const notices = isThere
    ? []
    : [`there is no ${file}: \`plimsoll instances discover\` writes it; until then nothing is compared`];
  const wanted = Object.entries(instances).filter(
    ([, { cluster }]) => options.cluster === undefined || cluster === options.cluster,
  );
  const desired = Object.fromEntries(wanted);
  // With a cluster selected, instances of other clusters on the same hosts are omitted.
  const names =
    options.cluster === undefined ? readable(config.hosts) : [...new Set(wanted.map(([, { host }]) => host))];
  const views = await readHosts(names, config.hosts, Object.values(instances), { clock, signal });
  const all = inventoryOf(options.cluster === undefined ? desired : instances, views);
  const shown = options.cluster === undefined ? all : all.filter(({ cluster }) => cluster === options.cluster);
  return { schemaVersion: 1, instances: shown, notices: [...notices, ...views.flatMap((view) => view.notices)] };
}

/** A node_exporter shows no processes. */
const readable = (hosts: HostsConfig): string[] =>
  Object.entries(hosts).flatMap(([name, { probe }]) => (probe === 'node-exporter' ? [] : [name]));

/** @throws AppError config-unreadable, config-invalid, usage; not-found if no instance runs */
export async function discoverInstances(io: InventoryIo): Promise<Proposed & { file: string }> {
  const { options, signal, clock } = io;
  const { config, file } = await instancesPath(io);
  requireCluster(options.cluster, config.clusters);
  const names = readable(config.hosts);
  const views = await readHosts(names, config.hosts, [], { clock, signal });
  const notices = views.flatMap((view) => view.notices);
  const found = views.flatMap((view) => view.found ?? []);
  if (found.length === 0) {
    const why = notices.length > 0 ? notices.join('; ') : 'no broker, name server or controller runs there';
    throw new AppError(
      'not-found',
      `no instances found on ${names.length === 0 ? 'any host' : names.join(', ')}: ${why}`,
      {
        hint: 'start them, or add their hosts to `hosts:` in the config file (probe: ssh or local)',
      },
    );
  }
  const ids = await readClusterIds(found, config.hosts, io);
  const proposed = proposeInstances(found, config.clusters, ids, options.cluster);
  return { file, instances: proposed.instances, notices: [...notices, ...proposed.notices] };
}

/** `cluster.id` that Kafka wrote into meta.properties of its directories. */
async function readClusterIds(
  found: readonly FoundInstance[],
  hosts: HostsConfig,
  { clock, signal }: Pick<InventoryIo, 'clock' | 'signal'>,
): Promise<Map<FoundInstance, string>> {
  const ids = new Map<FoundInstance, string>();
  for (const [name, own] of Map.groupBy(found, ({ host }) => host)) {
    const config = hosts[name];
    if (config === undefined) continue;
    await using host = openInstanceHost(name, config, { clock });
    for (const each of own.filter(({ settings }) => settings.role.startsWith('kafka-'))) {
      const paths = each.settings.directories.map((folder) => join(folder, 'meta.properties'));
      const { texts } = await host.files.readAll(paths, { signal }, { regularOnly: true });
      const id = [...texts.values()]
        .map((text) => parseProperties(text).get('cluster.id'))
        .find((each) => each !== undefined);
      if (id !== undefined) ids.set(each, id);
    }
  }
  return ids;
}

function requireCluster(name: string | undefined, clusters: Readonly<Record<string, unknown>>): void {
  if (name === undefined || Object.hasOwn(clusters, name)) return;
  const names = Object.keys(clusters);
  const meant = nearest(name, names);
  throw new AppError('usage', `the config file has no cluster ${name}; clusters: ${names.join(', ') || 'none'}`, {
    hint: meant === undefined ? 'give one of them with --cluster NAME' : `did you mean --cluster ${meant}?`,
  });
}
