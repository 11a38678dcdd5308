// Judges stops that last longer than the clients and peers of a broker wait.

import { durationText } from '../../../core/text/duration-text.ts';
import { stopLimits } from '../limits.ts';
import type { InLanguages } from '../../../core/documents/findings/finding-entry.ts';
import { figure, type FindingRule } from './finding-rule.ts';

export const longStops: FindingRule = ({ fold: { stopped }, broker }) => {
  const longest = stopped.stops.quantile(1) ?? 0;
  const crossed = stopLimits.filter(
    (limit) => (broker === undefined || limit.broker === broker) && longest > limit.seconds,
  );
  const [worst] = crossed;
  if (worst === undefined) return undefined;
  const effects = crossed.map(({ broker, setting, seconds, effect }) => {
    const count = stopped.stops.countAbove(seconds);
    return {
      en: `${count} exceeded ${durationText(seconds)} (${broker}: ${setting}; ${effect.en})`,
      zh: `${count} 次超过 ${durationText(seconds, 'zh')}（${broker}：${setting}；${effect.zh}）`,
    };
  });
  return {
    severity: worst.severity,
    en: `The longest stop took ${durationText(longest)}: ${effects.map(({ en }) => en).join('; ')}. Find its cause below and remove it before you raise the timeout.`,
    zh: `最长停顿 ${durationText(longest, 'zh')}：${effects.map(({ zh }) => zh).join('；')}。请先在下方找出并消除原因，再考虑调大超时。`,
    evidence: [
      figure('longest stop', longest, 'seconds'),
      ...crossed.map(({ setting, seconds, source }) => figure(setting, seconds, 'seconds', source)),
    ],
  };
};

const operationOf = ({ operation }: { operation?: string | undefined }): InLanguages<string> =>
  operation === undefined ? { en: '', zh: '' } : { en: ` (${operation})`, zh: `（${operation}）` };

/** There is no common definition of a long time to safepoint: a tenth of a second is half of what RocketMQ waits. */
const noticeableSeconds = 0.1;

export const slowSafepoint: FindingRule = ({ fold: { stopped } }) => {
  const { slowestSafepoint: stop } = stopped;
  const seconds = stop?.timeToSafepointSeconds ?? 0;
  if (stop === undefined || seconds < noticeableSeconds) return undefined;
  const operation = operationOf(stop);
  return {
    severity: 'warning',
    en: `Threads took ${durationText(seconds)} to come to a safepoint${operation.en} of a stop of ${durationText(stop.totalSeconds)}: this is not GC. Usual causes are a thread blocked on a page of a mapped file (disk I/O, iowait), a long counted loop or array copy (-XX:+UseCountedLoopSafepoints), and swap. Read \`pidstat -d\` and page faults of that moment.`,
    zh: `线程到达安全点用时 ${durationText(seconds, 'zh')}${operation.zh}，整个停顿 ${durationText(stop.totalSeconds, 'zh')}：这不是 GC 造成的。常见原因：线程阻塞在内存映射文件的缺页（磁盘 I/O、iowait）、过长的计数循环或数组复制（-XX:+UseCountedLoopSafepoints）、swap。请查看当时的 \`pidstat -d\` 和缺页次数。`,
    evidence: [
      figure('time to safepoint', seconds, 'seconds'),
      figure('stop', stop.totalSeconds, 'seconds'),
      figure('a case of it', 'a stop of 37.6 s, 37.56 s of it to the safepoint', 'text', 'apache/rocketmq, issue 2387'),
    ],
  };
};

export const otherStops: FindingRule = ({ fold: { stopped } }) => {
  const { longestOther: stop } = stopped;
  if (stop === undefined || stop.totalSeconds < noticeableSeconds) return undefined;
  // Already reported as a slow safepoint, because most of the stop was time to safepoint.
  const { timeToSafepointSeconds = 0, totalSeconds } = stop;
  if (stop === stopped.slowestSafepoint && timeToSafepointSeconds > Math.max(totalSeconds / 2, noticeableSeconds))
    return undefined;
  const operation = operationOf(stop);
  return {
    severity: 'warning',
    en: `The JVM was paused for ${durationText(stop.totalSeconds)} without a collection${operation.en}. With RevokeBias, add -XX:-UseBiasedLocking (JDK 8 to 14); with thread or heap dumps, find who takes them; with no name and a disk that is busy, add -XX:+PerfDisableSharedMem: the JVM writes its statistics to a mapped file, and waits for the disk.`,
    zh: `JVM 停顿 ${durationText(stop.totalSeconds, 'zh')}，但没有进行 GC${operation.zh}。若操作为 RevokeBias，请添加 -XX:-UseBiasedLocking（JDK 8 至 14）；若为线程或堆转储，请找出执行者；若没有操作名且磁盘繁忙，请添加 -XX:+PerfDisableSharedMem：JVM 把统计信息写入内存映射文件，会因此等待磁盘。`,
    evidence: [
      figure('stop without GC', stop.totalSeconds, 'seconds'),
      figure(
        'why a mapped file stops a JVM',
        'writes to mapped files can block until disk I/O completes',
        'text',
        'hotspot-runtime-dev, 2015-March/014298',
      ),
    ],
  };
};
