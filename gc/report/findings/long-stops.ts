// Judges stops that last longer than the clients and peers of a broker wait.

import { durationText } from '../../../core/text/duration-text.ts';
import { stopLimits } from '../limits.ts';
import { figure, type FindingRule } from './finding-rule.ts';

export const longStops: FindingRule = ({ fold: { stopped }, broker }) => {
  const longest = stopped.stops.quantile(1) ?? 0;
  const crossed = stopLimits.filter(
    (limit) => (broker === undefined || limit.broker === broker) && longest > limit.seconds,
  );
  const [worst] = crossed;
  if (worst === undefined) return undefined;
  const effects = crossed.map(
    ({ broker, setting, seconds, effect }) =>
      `${stopped.stops.countAbove(seconds)} exceeded ${durationText(seconds)} (${broker}: ${setting}; ${effect.en})`,
  );
  return {
    severity: worst.severity,
    message: `The longest stop took ${durationText(longest)}: ${effects.join('; ')}. Find its cause below and remove it before you raise the timeout.`,
    evidence: [
      figure('longest stop', longest, 'seconds'),
      ...crossed.map(({ setting, seconds, source }) => ({ name: setting, value: seconds, unit: 'seconds', source })),
    ],
  };
};

/** What one HotSpot engineer's "long" is cannot be known: a tenth of a second is half of what RocketMQ waits. */
const noticeableSeconds = 0.1;

export const slowSafepoint: FindingRule = ({ fold: { stopped } }) => {
  const { slowestSafepoint: stop } = stopped;
  const seconds = stop?.timeToSafepointSeconds ?? 0;
  if (stop === undefined || seconds < noticeableSeconds) return undefined;
  const operation = stop.operation === undefined ? '' : ` (${stop.operation})`;
  return {
    severity: 'warning',
    message: `Threads took ${durationText(seconds)} to come to a safepoint${operation} of a stop of ${durationText(stop.totalSeconds)}: this is not GC. Usual causes are a thread blocked on a page of a mapped file (disk I/O, iowait), a long counted loop or array copy (-XX:+UseCountedLoopSafepoints), and swap. Read \`pidstat -d\` and page faults of that moment.`,
    evidence: [
      figure('time to safepoint', seconds, 'seconds'),
      figure('stop', stop.totalSeconds, 'seconds'),
      {
        name: 'a case of it',
        value: 'a stop of 37.6 s, 37.56 s of it to the safepoint',
        unit: 'text',
        source: 'apache/rocketmq, issue 2387',
      },
    ],
  };
};

export const otherStops: FindingRule = ({ fold: { stopped } }) => {
  const { longestOther: stop } = stopped;
  if (stop === undefined || stop.totalSeconds < noticeableSeconds) return undefined;
  // Without its operation it is the same story as the slow safepoint.
  if (stop === stopped.slowestSafepoint && (stop.timeToSafepointSeconds ?? 0) > stop.totalSeconds / 2) return undefined;
  return {
    severity: 'warning',
    message: `The JVM was paused for ${durationText(stop.totalSeconds)} without a collection${stop.operation === undefined ? '' : ` (${stop.operation})`}. With RevokeBias, add -XX:-UseBiasedLocking (JDK 8 to 14); with thread or heap dumps, find who takes them; with no name and a disk that is busy, add -XX:+PerfDisableSharedMem: the JVM writes its statistics to a mapped file, and waits for the disk.`,
    evidence: [
      figure('stop without GC', stop.totalSeconds, 'seconds'),
      {
        name: 'why a mapped file stops a JVM',
        value: 'writes to mapped files can block until disk I/O completes',
        unit: 'text',
        source: 'hotspot-runtime-dev, 2015-March/014298',
      },
    ],
  };
};
