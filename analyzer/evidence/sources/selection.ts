// Selects the series for each figure and target: the first scheme that has it, with one name per host and broker.

import { masterId } from '../../../core/broker-kind/rocketmq.ts';
import { AppError } from '../../../core/errors.ts';
import type { Candidate } from './discovery.ts';
import { figureNames, figureOf, type Layer } from './figures.ts';
import { clusterOf, isSameAddress, seriesByTarget, type Naming, type Target } from './targets.ts';

export interface Choice {
  candidate: Candidate;
  /** Names from `Identities.nameOf`. */
  targets: ReadonlySet<string>;
  /** Each card and disk counts separately. */
  seriesCount: number;
}

export interface Identities {
  /** Absent if no series has a cluster label. */
  cluster?: string;
  /** The source has a single cluster, with this name instead of the requested one. */
  isOtherName: boolean;
  /** For a broker, looks up its id by its addresses, if a series has both. */
  nameOf(layer: Layer, target: Target): string;
  /** General monitoring may contain thousands of pods and hosts; only those that brokers run on are wanted. */
  isWanted(candidate: Candidate, target: Target): boolean;
}

/** Limit of other hosts that are read as well, because the load generator may be among them. */
const mostOtherHosts = 50;

export function namingOf({ scheme, figure, alternative }: Candidate): Naming {
  const { of } = figureOf(figure);
  const own = of === 'cluster' ? [] : (scheme.names[of] ?? []);
  return {
    names: alternative.name ?? own,
    addresses: alternative.address ?? (of === 'group' || of === 'cluster' ? [] : scheme.addresses),
  };
}

/** Facts from the config: hosts by name, and brokers with their hosts. */
interface Stated {
  hosts: Readonly<Record<string, unknown>>;
  brokers: Readonly<Record<string, { host: string }>>;
}

/** @throws AppError usage if the source has several clusters and none was named */
export function identify(
  candidates: readonly Candidate[],
  wanted: string | undefined,
  stated: Stated = { hosts: {}, brokers: {} },
): Identities {
  const clusters = new Set<string>();
  for (const { figure, present } of candidates) {
    if (figureOf(figure).of === 'host') continue;
    for (const { labels } of present) {
      const value = clusterOf(labels);
      if (value !== undefined) clusters.add(value);
    }
  }
  const cluster = clusterNamed(clusters, wanted);
  const isOfCluster = (target: Target) =>
    cluster === undefined ||
    target.cluster === undefined ||
    target.cluster === cluster ||
    !clusters.has(target.cluster);
  const advertised = candidates
    .filter(({ figure }) => figure === 'brokerAddress')
    .flatMap((candidate) => seriesByTarget(candidate.present, namingOf(candidate)).series)
    .filter(isOfCluster);
  // A broker may advertise a name while its exporter is scraped by IP address, or its source may report no addresses.
  const configured = Object.entries(stated.brokers).map(([name, { host }]): Target => {
    return { name, addresses: [host.toLowerCase()] };
  });
  const brokerAddresses = [...advertised, ...configured].map(({ name, addresses }): Target => {
    return { name: masterNamed(name, advertised), addresses };
  });
  const isBrokerHost = brokerHostTest(candidates, isOfCluster, stated);
  const hosts = new Set(
    candidates
      .filter(({ figure, scheme }) => figure === 'cores' && scheme.scheme !== podScheme)
      .flatMap((candidate) => seriesByTarget(candidate.present, namingOf(candidate)).series.map(({ name }) => name)),
  );
  return {
    isWanted(candidate, target) {
      if (!isOfCluster(target)) return false;
      if (figureOf(candidate.figure).of !== 'host') return true;
      return (candidate.scheme.scheme !== podScheme && hosts.size <= mostOtherHosts) || isBrokerHost(target);
    },
    ...(cluster !== undefined && { cluster }),
    isOtherName: cluster !== undefined && wanted !== undefined && cluster !== wanted,
    nameOf: (layer, target) => (layer === 'broker' ? brokerNamed(target, brokerAddresses) : target.name),
  };
}

/** The targets of this scheme are all pods. */
export const podScheme = 'cadvisor';

function brokerHostTest(
  candidates: readonly Candidate[],
  isOfCluster: (target: Target) => boolean,
  { hosts, brokers }: Stated,
): (target: Target) => boolean {
  const stated = [...Object.keys(hosts), ...Object.values(brokers).map(({ host }) => host)];
  const known = new Set(stated.map((host) => host.toLowerCase()));
  for (const candidate of candidates) {
    if (figureOf(candidate.figure).of !== 'broker') continue;
    for (const target of seriesByTarget(candidate.present, namingOf(candidate)).series) {
      if (isOfCluster(target)) for (const address of target.addresses) known.add(address);
    }
  }
  const all = [...known];
  return (target) => all.some((a) => [target.name.toLowerCase(), ...target.addresses].some((b) => isSameAddress(a, b)));
}

function clusterNamed(clusters: ReadonlySet<string>, wanted: string | undefined): string | undefined {
  if (wanted !== undefined && clusters.has(wanted)) return wanted;
  const [only, ...others] = clusters;
  if (others.length === 0) return only;
  const names = [...clusters].toSorted().join(', ');
  throw new AppError(
    'usage',
    wanted === undefined
      ? `the source holds several clusters: ${names}`
      : `the source holds no cluster ${wanted}, and several others: ${names}`,
    { hint: 'name one of them, or narrow `select` of the source to one' },
  );
}

/** Some exporters of RocketMQ name a master only by its group, such as `broker-a`, others by `broker-a:0`. */
function masterNamed(name: string, advertised: readonly Target[]): string {
  const master = masterId(name);
  return advertised.some((each) => each.name === master) ? master : name;
}

/** Two brokers on one host share an address, so only the port distinguishes them. */
function brokerNamed(target: Target, brokerAddresses: readonly Target[]): string {
  const own = masterNamed(target.name, brokerAddresses);
  if (brokerAddresses.some(({ name }) => name === own)) return own;
  const sharing = (test: (address: string) => boolean) => [
    ...new Set(
      brokerAddresses
        .filter(({ addresses }) => addresses.some((a) => test(a) && target.addresses.some((b) => isSameAddress(a, b))))
        .map(({ name }) => name),
    ),
  ];
  const withPort = sharing((address) => /:\d+$/.test(address));
  const byHost = withPort.length === 1 ? withPort : sharing(() => true);
  return byHost.length === 1 ? (byHost[0] as string) : target.name;
}

/** @returns the series to read in full, in the order of the figures */
export function choose(candidates: readonly Candidate[], identities: Identities): Choice[] {
  const choices: Choice[] = [];
  for (const figure of figureNames) {
    const covered = new Set<string>();
    for (const candidate of candidates.filter((each) => each.figure === figure)) {
      const fresh = namesIn(candidate, identities).filter((name) => !covered.has(name));
      if (fresh.length === 0) continue;
      choices.push({ candidate, targets: new Set(fresh), seriesCount: fresh.length });
      for (const name of fresh) covered.add(name);
    }
  }
  return choices;
}

/** Returns one name per card or disk. */
function namesIn(candidate: Candidate, identities: Identities): string[] {
  const { of } = figureOf(candidate.figure);
  const { series } = seriesByTarget(candidate.present, namingOf(candidate));
  return series
    .filter((target) => identities.isWanted(candidate, target))
    .map((target) => identities.nameOf(of, target));
}
