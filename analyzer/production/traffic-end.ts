// Finds the brokers that left the cluster, and those whose missing message rate keeps the cluster's rate unknown.

import { withoutSlaves } from '../../core/broker-kind/rocketmq.ts';
import type { Finding } from '../../core/documents/analysis.ts';
import type { TelemetryEnvironment } from '../../core/documents/evidence/telemetry.ts';
import { findingOf } from '../../core/documents/findings/findings.ts';
import type { SourceTelemetry } from '../evidence/sources/telemetry.ts';
import { type Block, brokersAt } from './blocks.ts';

/** Least share of a block with a known rate. */
const leastCover = 0.8;
/** If more blocks than this are missing at the end of a window, a finding reports it. */
const mostMissing = 4;

/** Omits brokers that left before these blocks or joined after them, if the number of brokers confirms it. */
export function environmentIn(
  { environment, brokers, events }: SourceTelemetry,
  blocks: readonly Block[],
): TelemetryEnvironment {
  const [first, last] = [blocks[0], blocks.at(-1)];
  if (first === undefined || last === undefined) return environment;
  const there = environment.brokers.filter(({ id }) =>
    (brokers.get(id) ?? []).some(({ from, to }) => to > first.window.from && from < last.window.to),
  );
  return there.length === brokersAt(events, first.window.from) ? { ...environment, brokers: there } : environment;
}

/** @returns brokers without a message rate for much of the time in which others have one */
export function silentBrokers({ environment, brokers }: SourceTelemetry, fromSeconds = 0): string[] {
  const reported = withoutSlaves(environment.brokers.map(({ id }) => id)).map((id) => {
    const own = (brokers.get(id) ?? []).filter(
      ({ from, messagesInPerSecond }) => from >= fromSeconds && messagesInPerSecond !== undefined,
    );
    return { id, seconds: own.reduce((sum, { from, to }) => sum + to - from, 0) };
  });
  const most = Math.max(0, ...reported.map(({ seconds }) => seconds));
  return reported.filter(({ seconds }) => seconds < leastCover * most).map(({ id }) => id);
}

export function endFinding(telemetry: SourceTelemetry, blocks: readonly Block[]): Finding[] {
  const { startedAt, durationSeconds } = telemetry;
  const last = blocks.at(-1)?.window;
  if (last === undefined || durationSeconds - last.to <= mostMissing * (last.to - last.from)) return [];
  const brokers = silentBrokers(telemetry, last.to);
  return [findingOf('traffic-ends-early', { startedAt, untilSeconds: last.to, durationSeconds, brokers })];
}
