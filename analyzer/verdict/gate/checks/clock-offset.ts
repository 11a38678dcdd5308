// Checks that load and hosts use the same clock: the bytes of a broker follow the load immediately.

import { findingOf } from '../../../../core/documents/findings/findings.ts';
import { clockOption } from '../../../../core/documents/findings/gate-findings.ts';
import { followedLoad } from '../followed-load.ts';
import { refused, warned, type Check } from '../check.ts';

/**
 * Conditions for an offset: the least correlation, the largest remaining share of the unexplained variance, and the
 * least gain in correlation, which matters for rising steps.
 */
const surely = 0.9;
const leftShare = 0.5;
const nearer = 0.01;
/** Least offset in samples: a reading stamped at its end is off by less than two. */
const leastSamples = 2;
/** Tolerable share of the shortest step: a smaller offset assigns few samples to the wrong rate. */
const tolerableShare = 0.1;

export const clockOffset: Check = ({ run, steps }) => {
  const { environment, rehearsal, sources } = run.document;
  const offsets = new Map<number, { nodes: string[]; best: number; now: number; isOfFile: boolean }>();
  const seen = new Set<string>();
  for (const { id, host } of environment.brokers) {
    // The rehearsal stopped this broker, so its bytes do not follow the load.
    if (id === rehearsal?.stop?.broker) continue;
    const series = host === undefined ? undefined : run.hosts.get(host);
    if (series === undefined || seen.has(series.host)) continue;
    seen.add(series.host);
    const followed = followedLoad(run, series);
    if (followed === undefined) continue;
    const { sampleSeconds, now } = followed;
    // No correlation exceeds 1, so no offset can be better.
    if (now + nearer > 1) continue;
    const { offsetSeconds, best } = followed.search();
    const isBetter = best >= now + nearer && 1 - best ** 2 <= leftShare * (1 - Math.max(0, now) ** 2);
    if (best < surely || !isBetter || Math.abs(offsetSeconds) < leastSamples * sampleSeconds) continue;
    const hasNetwork = series.intervals.find(({ network }) => network !== undefined) !== undefined;
    const isOfFile = sources !== undefined || series.readBy?.[hasNetwork ? 'network' : 'cpu'] !== undefined;
    const same = offsets.get(offsetSeconds);
    if (same) same.nodes.push(id);
    else offsets.set(offsetSeconds, { nodes: [id], best, now, isOfFile });
  }
  const shortest = Math.min(...steps.map(({ step: { recorded } }) => recorded.to - recorded.from));
  return [...offsets].map(([seconds, { nodes, best, now, isOfFile }]) => {
    const isGrave = Math.abs(seconds) > tolerableShare * shortest;
    const facts = { nodes, offsetSeconds: seconds, correlation: best, asStamped: now, isGrave, isOfFile };
    const finding = findingOf('clock-offset', facts);
    if (!isGrave) return warned(finding);
    const option = isOfFile ? ` (--clock-offset ${clockOption(seconds)})` : '';
    return refused(`readings on the clock of the load${option}`, nodes[0] ?? 'cluster', finding);
  });
};
