// Keeps the readings of unchanged clusters and hosts across a reload of the config file.

import type { SourcesConfig } from '../analyzer/evidence/sources/config.ts';
import { driverOf } from '../brokers/registry.ts';
import type { ClustersConfig } from '../brokers/config.ts';
import { valueDecoderOf } from '../brokers/schema-registry/value-decoder.ts';
import type { Clock } from '../core/clock.ts';
import type { HostInventory } from '../core/documents/evidence/host-reading.ts';
import { limitsOf, type ExporterConfig } from '../exporter/config.ts';
import { hearCluster, type ObservedCluster } from './clusters/observed-cluster.ts';
import { deadLetterTopicsOf } from '../app/change/resend/dead-letter-topics.ts';
import type { ServiceConfig } from '../app/config/service.ts';
import type { ObservedGcLogs } from './gc/gc-watch.ts';
import type { WatchedCourse } from './grading/watched-course.ts';
import type { History } from './history/history.ts';
import { watchHistory } from './history/watched-history.ts';
import { createAlertLog } from './hooks/alert-log.ts';
import { createChanges } from './live/changes.ts';
import type { ServedCluster } from './parts.ts';
import { recordReadings } from './readings/recorder.ts';
import { defined } from '../core/defined.ts';

export interface KeptReadings extends ReturnType<typeof newReadings> {
  /** With the serialized config of the cluster. */
  observed: ReadonlyMap<string, { written: string; cluster: ObservedCluster }>;
}

interface Written {
  clusters: ClustersConfig;
  exporter: ExporterConfig;
  service: ServiceConfig;
  sources: SourcesConfig;
}

export interface KeptFor extends Written {
  history: History;
  clock: Clock;
  /** Readings from before the reload; absent at the start. */
  kept?: KeptReadings;
}

/** Keeps the last readings of clusters whose config is unchanged. */
export function keptFor(inputs: KeptFor): KeptReadings {
  const { kept, clock } = inputs;
  const ofAll = kept ?? newReadings(inputs);
  const { recorder, changes } = ofAll;
  const observedAs = (name: string) => {
    const written = writtenOf(name, inputs);
    const before = kept?.observed.get(name);
    if (before !== undefined && before.written !== written) recorder.forget(name);
    const cluster =
      before?.written === written
        ? before.cluster
        : hearCluster(aboutCluster(name, inputs), clock, (served) => {
            recorder.noteCluster(served);
            changes.note(name);
          });
    return [name, { written, cluster }] as const;
  };
  return { ...ofAll, observed: new Map(Object.keys(inputs.clusters).map(observedAs)) };
}

function newReadings({ history, clock }: Pick<KeptFor, 'history' | 'clock'>) {
  const changes = createChanges();
  const watched = watchHistory(history, clock, ({ cluster }) => changes.note(cluster));
  const gcLogs: ObservedGcLogs = new Map();
  return {
    changes,
    history: watched,
    courses: new Map<string, WatchedCourse>(),
    hosts: new Map<string, HostInventory>(),
    gcLogs,
    recorder: recordReadings(clock),
    alerts: createAlertLog(watched.history),
  };
}

/** Serializes the config of a cluster, with references instead of secrets. */
function writtenOf(name: string, { clusters, exporter, service, sources }: Written): string {
  const known = service.clusters[name];
  const { domains } = aboutCluster(name, { clusters, exporter, service, sources });
  const all = [clusters[name], limitsOf(exporter, name).shown, known, known && sources[known.source], domains];
  return JSON.stringify(all);
}

function aboutCluster(name: string, { clusters, exporter, service, sources }: Written) {
  const cluster = clusters[name] as ClustersConfig[string];
  const known = service.clusters[name];
  const source = known && sources[known.source];
  const ofSource = known &&
    source && {
      name: known.source,
      config: source,
      cluster: known.nameInSource ?? name,
      ...defined({ load: known.load }),
    };
  return {
    ...defined({ decoder: valueDecoderOf(cluster), source: ofSource }),
    name,
    broker: cluster.broker,
    deadLetterTopics: deadLetterTopicsOf(cluster),
    domains: Object.entries(service.domains).flatMap(([domain, { cluster: of }]) => (of === name ? [domain] : [])),
    shown: limitsOf(exporter, name).shown,
    lookUp: (io) => driverOf(cluster).lookUp(name, cluster, io),
  } satisfies Pick<
    ServedCluster,
    'name' | 'broker' | 'deadLetterTopics' | 'decoder' | 'domains' | 'shown' | 'lookUp' | 'source'
  >;
}
