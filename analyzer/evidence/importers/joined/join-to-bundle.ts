// Joins the recordings of a monitoring system during a load test to the bundle of that test; the bundle's readings take precedence.

import { findingOf } from '../../../../core/documents/findings/findings.ts';
import type { HostSeries, LoadTestRun } from '../../load-test-run.ts';
import type { SourceTelemetry } from '../../sources/telemetry.ts';
import { mergedHost, mergedBrokers } from './with-telemetry.ts';

/** Joins brokers by their id, and hosts by the brokers that run on them or by their name. */
export function joinToBundle(run: LoadTestRun, seen: SourceTelemetry): LoadTestRun {
  const { environment } = run.document;
  const ids = new Set(environment.brokers.map(({ id }) => id));
  const hostSeen = new Map(
    seen.environment.brokers.flatMap(({ id, host }) => (host === undefined ? [] : [[id, host]])),
  );
  const brokers = environment.brokers.map((broker) => {
    const host = broker.host ?? hostSeen.get(broker.id);
    return { ...broker, ...(host !== undefined && { host }) };
  });
  const hosts = new Map(run.hosts);
  for (const { id, host } of brokers) {
    const other = host === undefined ? undefined : (seen.hosts.get(host) ?? seen.hosts.get(hostSeen.get(id) ?? ''));
    if (host !== undefined && other !== undefined) hosts.set(host, hostBeside(run.hosts.get(host), { ...other, host }));
  }
  const figures = new Map([...seen.brokers].filter(([id]) => ids.has(id)));
  return {
    ...run,
    document: {
      ...run.document,
      environment: {
        ...environment,
        hosts: [...hosts.values()].flatMap(({ inventory }) => (inventory ? [inventory] : [])),
        brokers,
      },
    },
    hosts,
    brokers: mergedBrokers(run.brokers ?? new Map(), figures),
    lag: run.lag.length > 0 ? run.lag : seen.lag,
    underReplicated: run.underReplicated.length > 0 ? run.underReplicated : seen.underReplicated,
    // Only brokers of the bundle are used.
    findings: [
      ...run.findings,
      ...seen.findings.filter(({ code }) => code !== 'source-unselected'),
      findingOf('joined-source', { source: seen.source.name, brokers: figures.size, of: environment.brokers.length }),
    ],
  };
}

function hostBeside(own: HostSeries | undefined, other: HostSeries): HostSeries {
  const inventory = { ...other.inventory, host: other.host };
  return own === undefined ? { ...other, inventory } : mergedHost(own, { ...other, inventory });
}
