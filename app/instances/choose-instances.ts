// Finds the instances of instances.yaml that a command names, and their common cluster.

import type { DesiredInstance } from '../../core/documents/instances.ts';
import { AppError } from '../../core/errors.ts';
import { meantHint } from '../../core/text/nearest.ts';
import type { DesiredState } from './desired-file.ts';

type Instances = Pick<DesiredState, 'file' | 'instances'>;

export type NamedInstance = readonly [string, DesiredInstance];

/** @throws AppError not-found; usage if it belongs to another cluster */
export function instanceNamed(
  { instances, file }: Instances,
  name: string,
  cluster: string | undefined,
): DesiredInstance {
  const target = Object.hasOwn(instances, name) ? instances[name] : undefined;
  if (target === undefined) {
    throw new AppError('not-found', `${file} has no instance ${name}`, {
      hint: meantHint(name, Object.keys(instances), '`plimsoll instances list` lists them'),
    });
  }
  if (cluster === undefined || cluster === target.cluster) return target;
  throw new AppError('usage', `${name} belongs to cluster ${target.cluster}, and not to ${cluster}`);
}

/** @throws AppError not-found; usage if they belong to several clusters, or none is named and there are several */
function clusterOf(state: Instances, names: readonly string[], wanted: string | undefined) {
  const named = names.map((name) => [name, instanceNamed(state, name, wanted)] as const);
  const cluster = wanted ?? named[0]?.[1].cluster ?? onlyCluster(state);
  const other = named.find(([, target]) => target.cluster !== cluster);
  if (other !== undefined)
    throw new AppError('usage', `${other[0]} belongs to cluster ${other[1].cluster}, and not to ${cluster}`);
  return { cluster, named };
}

/** @returns the named instances; by default every instance of the cluster with the desired state running. @throws AppError of clusterOf */
export function chooseInstances(
  state: Instances,
  names: readonly string[],
  wanted: string | undefined,
  { isInstalled = false }: { isInstalled?: boolean } = {},
): { cluster: string; chosen: NamedInstance[] } {
  const { cluster, named } = clusterOf(state, names, wanted);
  const all = Object.entries(state.instances).filter(
    ([, each]) =>
      each.cluster === cluster && each.desired === 'running' && (!isInstalled || each.install !== undefined),
  );
  const chosen = named.length > 0 ? named : all;
  if (chosen.length > 0) return { cluster, chosen };
  const what = isInstalled ? 'with `install` that is to run' : 'that is to run';
  const hint = isInstalled
    ? '`plimsoll instances render SITE.yaml --out DIR` writes them'
    : 'set `desired: running` for those that are to be restarted';
  const clusters = clustersOf(state);
  throw new AppError('not-found', `${state.file} has no instance of cluster ${cluster} ${what}`, {
    hint: clusters.includes(cluster) ? hint : meantHint(cluster, clusters, hint),
  });
}

const clustersOf = ({ instances }: Pick<Instances, 'instances'>): string[] => [
  ...new Set(Object.values(instances).map(({ cluster }) => cluster)),
];

function onlyCluster({ instances, file }: Instances): string {
  const clusters = clustersOf({ instances });
  const [only] = clusters;
  if (only !== undefined && clusters.length === 1) return only;
  throw new AppError(
    'usage',
    clusters.length === 0 ? `${file} has no instances` : `--cluster is missing; clusters: ${clusters.join(', ')}`,
  );
}
