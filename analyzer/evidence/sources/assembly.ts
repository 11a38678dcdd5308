// Assembles figures of any monitoring source into telemetry of a cluster; does no I/O.

import { findingOf } from '../../../core/documents/findings/findings.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import {
  brokerIntervalsOf,
  commitsOf,
  lagOf,
  trafficOf,
  underReplicatedOf,
  withoutControllers,
} from './broker-series.ts';
import type { StatedHost } from './config.ts';
import { environmentOf } from './environment.ts';
import type { FigureSeries } from './figure-series.ts';
import { hostSeriesOf } from './host-series.ts';
import { missingFindings } from './source-findings.ts';
import type { FigureSource, SourceTelemetry } from './source-telemetry.ts';
import { topologyEventsOf } from './topology-events.ts';

interface ReadFigures {
  name: string;
  format: string;
  /** Seconds since the epoch. */
  span: { from: number; to: number };
  series: readonly FigureSeries[];
  stated: { hosts: Readonly<Record<string, StatedHost>>; brokers: Readonly<Record<string, { host: string }>> };
  inventory: readonly FigureSource[];
  findings: readonly Finding[];
  cost?: SourceTelemetry['cost'];
}

export function assembled(read: ReadFigures): SourceTelemetry {
  const { name, format, span, stated, inventory, cost } = read;
  const series = withoutControllers(read.series);
  const hosts = hostSeriesOf(series, stated.hosts);
  const unknownSpeeds = [...hosts.values()].flatMap(({ host, inventory: own }) => {
    const unknown = new Set(
      own?.networkDevices?.filter(({ speed }) => speed === undefined).map(({ device }) => device),
    );
    return (own?.links ?? [])
      .filter(({ device }) => unknown.has(device))
      .flatMap(({ device, reportedBitsPerSecond }) =>
        reportedBitsPerSecond === undefined
          ? []
          : [findingOf('source-speed-reported', { source: name, host, device, bitsPerSecond: reportedBitsPerSecond })],
      );
  });
  const haveSpeeds = [...hosts.values()].every(({ inventory: own }) =>
    own?.networkDevices?.every(({ speed }) => speed !== undefined),
  );
  const unanswered = inventory.filter(({ figure }) => figure !== 'linkBytesPerSecond' || !haveSpeeds);
  return {
    source: { name, format, flags: [] },
    startedAt: new Date(span.from * 1000).toISOString(),
    durationSeconds: span.to - span.from,
    environment: environmentOf(series, hosts, stated.brokers),
    hosts,
    brokers: brokerIntervalsOf(series),
    lag: lagOf(series),
    commits: commitsOf(series),
    underReplicated: underReplicatedOf(series),
    traffic: trafficOf(series),
    events: topologyEventsOf(series, span.from),
    findings: [...read.findings, ...unknownSpeeds, ...missingFindings(name, unanswered)],
    inventory,
    ...(cost && { cost }),
  };
}
