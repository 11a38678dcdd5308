// Renders the files of clusters for their machines, and the instances.yaml that installs them.

import type { ByKind } from '../../core/broker-kind/registry.ts';
import { defined } from '../../core/defined.ts';
import type { DesiredInstance, InstanceRole } from '../../core/documents/instances.ts';
import type { SiteFile } from '../../core/documents/site.ts';
import { AppError } from '../../core/errors.ts';
import { parseProperties, settingsOfRole } from '../../hosts/instances/instance-settings.ts';
import type { RenderedFile } from './host-files.ts';
import { clusterId, numberFile } from './kafka-files.ts';
import { kafkaVersionIn, mayUseZooKeeper } from './kafka-version.ts';
import { renderPlan } from './render-plan.ts';
import { addressesOf, addressOf, type RenderedCluster } from './site.ts';
import { layoutClusters, placedSite, sharedMemory, type PlacedSite } from './site-layout.ts';

/** Role by name of the settings file. */
const settingsFiles: Readonly<Record<string, InstanceRole>> = {
  'server.properties': 'kafka-broker',
  'zookeeper.properties': 'zookeeper',
  'broker.conf': 'rocketmq-master',
  'namesrv.conf': 'rocketmq-name-server',
  'controller.conf': 'rocketmq-controller',
};
/** Files of the machine, not of an instance: an operator installs them once. */
const ofMachine = new Set(['sysctl.conf', 'limits.conf']);

/** @param plans absent: uses the clusters of site.yaml. @throws AppError config-invalid */
export function siteInstances(file: SiteFile, plans?: readonly RenderedCluster[]) {
  const own = plans === undefined ? layoutClusters(file) : [];
  const written = plans ?? own.map(({ cluster }) => cluster);
  const site = placedSite(file, written, new Map(own.flatMap(({ machines }) => [...machines])));
  const clusters = plans === undefined ? written : sharedMemory(written, site, file);
  const files = renderPlan(clusters, site);
  const instances: Record<string, DesiredInstance> = {};
  for (const cluster of clusters) {
    const zones = new Map(cluster.brokers.map(({ host, zone }) => [host, zone]));
    const { nameServers = [], controllers = [], zookeepers = [], brokers } = cluster;
    for (const { host } of [...nameServers, ...controllers, ...zookeepers, ...brokers]) {
      const beside = files.filter(({ path }) => path.startsWith(`${cluster.name}/${host}/`));
      instances[host] = instanceOf(host, cluster, beside, { file, site, zone: zones.get(host) });
    }
  }
  const used = new Set(Object.values(instances).flatMap(({ install }) => install?.distribution ?? []));
  const distributions = Object.fromEntries(Object.entries(file.distributions).filter(([name]) => used.has(name)));
  return {
    files,
    instances,
    distributions,
    // Entries for `clusters` of plimsoll.yaml.
    clusters: Object.fromEntries(
      clusters.map((cluster) => [
        cluster.name,
        { ...clusterEntry(cluster, site), ...brokerHosts(Object.values(instances), cluster.name) },
      ]),
    ),
  };
}

function instanceOf(
  host: string,
  cluster: RenderedCluster,
  files: readonly RenderedFile[],
  { file, site, zone }: { file: SiteFile; site: PlacedSite; zone: string | undefined },
): DesiredInstance {
  const named = files.map(({ path, text }) => ({ path, text, name: path.slice(path.lastIndexOf('/') + 1) }));
  const settings = named.find(({ name }) => settingsFiles[name] !== undefined);
  if (settings === undefined) {
    throw new AppError('config-invalid', `no settings were rendered for ${host}`, {
      hint: 'correct the plan or site.yaml so that this host has a broker, controller or name server',
    });
  }
  const role = settingsFiles[settings.name] ?? 'kafka-broker';
  const read = settingsOfRole(role, parseProperties(settings.text), '/root');
  const isController = read.role === 'rocketmq-controller';
  const port = isController ? site.port(host, 'rocketmq-controller') : read.port;
  const { supervisor, sudo, user } = file;
  const services = supervisor.kind === 'systemd' ? supervisor.units : supervisor.programs;
  const isService = (name: string) => name === `${host}.service` || name === `${host}.program.conf`;
  const targets = named
    .filter(({ name }) => !ofMachine.has(name))
    .map(({ path, name }) => {
      const folder = isService(name) ? services : name === numberFile ? site.data(host) : site.etc(host);
      return [`${folder}/${name}`, path] as const;
    });
  const keepsData = read.directories.length > 0;
  const number = named.find(({ name }) => name === numberFile)?.text.trim();
  const broker = read.broker ?? number;
  // Roles that store the cluster id for brokers.
  const isNamed = cluster.zookeepers === undefined ? read.role.startsWith('kafka-') : read.role === 'zookeeper';
  return {
    cluster: cluster.name,
    host: site.machine(host),
    role: read.role,
    desired: 'running',
    ...(supervisor.kind === 'systemd'
      ? { systemd: { unit: `${host}.service`, sudo } }
      : { supervisord: defined({ program: host, sudo, config: supervisor.config }) }),
    ...defined({ broker, port }),
    settings: `${site.etc(host)}/${settings.name}`,
    directories: keepsData ? [...read.directories] : [],
    java: file.java,
    ...(zone !== undefined && { failureDomain: zone }),
    install: {
      distribution: versionOf(file, cluster),
      home: site.programs(host),
      sudo,
      ...(user !== undefined && { user }),
      files: Object.fromEntries(targets),
      folders: [site.logs(host), ...(keepsData ? [] : [site.data(host)])],
      ...(isNamed && { clusterId: clusterId(cluster.name) }),
    },
  };
}

function versionOf({ versions, distributions }: SiteFile, { name: cluster, broker, zookeepers }: RenderedCluster) {
  const name = versions[broker];
  const distribution = name !== undefined && Object.hasOwn(distributions, name) ? distributions[name] : undefined;
  if (name !== undefined && distribution !== undefined) {
    const version = [distribution.archive, name].map(kafkaVersionIn).find((each) => each !== undefined);
    if (zookeepers === undefined || version === undefined || mayUseZooKeeper(version)) return name;
    throw new AppError(
      'config-invalid',
      `site.yaml: cluster ${cluster} has \`zookeepers\`, and ${name} is Kafka ${version}, which runs without ZooKeeper`,
      { hint: 'name a distribution before 4.0 as versions.kafka; a new cluster of Kafka 4 has `controllers` instead' },
    );
  }
  throw new AppError(
    'config-invalid',
    name === undefined ? `site.yaml names no version for ${broker}` : `site.yaml has no distribution ${name}`,
    { hint: `add it under \`distributions\`, and its name as versions.${broker}` },
  );
}

/** Roles with a configured id. Other RocketMQ replicas get their id in an election, so it cannot identify their hosts. */
const hasFixedId: ReadonlySet<InstanceRole> = new Set([
  'kafka-broker',
  'kafka-broker-controller',
  'rocketmq-master',
  'rocketmq-slave',
]);

/** The `brokers` of a cluster in plimsoll.yaml: without them, a load test does not know the host of a broker. */
function brokerHosts(instances: readonly DesiredInstance[], name: string) {
  const known = instances.flatMap(({ cluster, role, broker, host }) =>
    cluster === name && broker !== undefined && hasFixedId.has(role) ? [[broker, { host }] as const] : [],
  );
  return known.length > 0 ? { brokers: Object.fromEntries(known) } : {};
}

function clusterEntry(cluster: RenderedCluster, site: PlacedSite): Readonly<Record<string, unknown>> {
  const { name, broker, brokers, nameServers = [], controllers = [], zookeepers = [] } = cluster;
  const entries: ByKind<() => Readonly<Record<string, unknown>>> = {
    kafka: () => ({
      broker,
      bootstrap: addressesOf(site, brokers, 'kafka-client'),
      clusterId: clusterId(name),
      ...(zookeepers.length > 0 && { zookeeper: addressesOf(site, zookeepers, 'zookeeper-client') }),
    }),
    rocketmq: () => ({
      broker,
      namesrv: addressesOf(site, nameServers, 'rocketmq-name-server'),
      ...(controllers.length > 0 && { controllers: addressesOf(site, controllers, 'rocketmq-controller') }),
      clusterId: {
        name,
        brokers: brokers.map(({ group = '', host }) => `${group}@${addressOf(site, host, 'rocketmq-broker')}`),
      },
    }),
  };
  return entries[broker]();
}
