// Compares the clock of each broker's host with that of the run, and workers' clocks by negative end-to-end latencies.

import { findingOf } from '../../../../core/documents/findings/findings.ts';
import { largest } from '../../../../core/statistics/statistics.ts';
import { refused, warned, type Check, type GateContext, type Inconsistency } from '../check.ts';

export const clocks: Check = (context) => [...hostClocks(context), ...workerClocks(context)];

function hostClocks({ run, policy }: GateContext): Inconsistency[] {
  const { clockSeconds, clockShare } = policy.inputs;
  // Between two attempts, the clock of the run is stopped but host clocks continue.
  if (run.events.resumed.length > 0) return [];
  const hosts = new Map(
    run.document.environment.brokers.flatMap(({ id, host }) => (host === undefined ? [] : [[host, id]])),
  );
  return [...hosts].flatMap(([host, node]): Inconsistency[] => {
    const clock = run.hosts.get(host)?.clock;
    if (clock === undefined) return [];
    const { aheadSeconds, overSeconds } = clock;
    if (Math.abs(aheadSeconds) <= clockSeconds.value + clockShare.value * overSeconds) return [];
    const finding = findingOf('clock-contradicted', { how: 'host-clock', node, aheadSeconds, overSeconds });
    return [refused('readings whose clock goes as that of the run', node, finding)];
  });
}

/** A delayed message may arrive slightly before its due time, because the broker's clock decides. */
function workerClocks({ run, policy }: GateContext): Inconsistency[] {
  const { resume } = run.document;
  if (resume !== undefined && resume.workload['delay'] !== undefined) return [];
  const known = (run.events.clockErrorSeconds ?? 0) + policy.inputs.negativeLatencySeconds.value;
  const early = run.consumed.flatMap((line) => (line.early && line.early.medianSeconds > known ? [line.early] : []));
  const messages = early.reduce((sum, each) => sum + each.messages, 0);
  const all = run.consumed.reduce((sum, line) => sum + line.messages, 0);
  if (messages <= policy.step.failedShare.value * all) return [];
  const longestSeconds = largest(early.map(({ medianSeconds }) => medianSeconds)) ?? 0;
  const isSloOfIt = policy.slo?.endToEndP99 !== undefined;
  const finding = findingOf('clock-contradicted', { how: 'negative-latency', messages, longestSeconds });
  return [isSloOfIt ? refused('workers on one clock, to judge endToEndP99', 'cluster', finding) : warned(finding)];
}
