// Judges whether the GC threads got enough CPU.

import { shareLimits } from '../limits.ts';
import { durationText } from '../../../core/text/duration-text.ts';
import { percentText } from '../../../core/text/quantity-text.ts';
import { figure, type FindingRule } from './finding-rule.ts';

/** With less CPU time, logs rounded to hundredths of a second are too inaccurate. */
const leastSeconds = 1;

export const systemTime: FindingRule = ({ fold: { cpu } }) => {
  const busy = cpu.userSeconds + cpu.systemSeconds;
  const share = cpu.systemSeconds / busy;
  if (busy < leastSeconds || share <= shareLimits.systemShare.ratio) return undefined;
  return {
    severity: 'warning',
    en: `${percentText(share)} of the processor time of collections went into the kernel. Usual causes are swap, transparent huge pages and heap that is touched first during a collection: add -XX:+AlwaysPreTouch, set transparent_hugepage to madvise, and look at swap.`,
    zh: `GC 的 CPU 时间有 ${percentText(share)} 花在内核态。常见原因：swap、透明大页、GC 时才首次访问的堆内存：请添加 -XX:+AlwaysPreTouch，把 transparent_hugepage 设为 madvise，并检查 swap。`,
    evidence: [
      figure('system time', cpu.systemSeconds, 'seconds'),
      figure('user time', cpu.userSeconds, 'seconds'),
      figure('much', shareLimits.systemShare.ratio, 'ratio', shareLimits.systemShare.source),
    ],
  };
};

export const waitingCollections: FindingRule = ({ fold: { cpu } }) =>
  cpu.inverted === 0
    ? undefined
    : {
        severity: 'warning',
        en: `${cpu.inverted} of ${cpu.pauses} collections lasted at least twice as long as the processor time they used (${durationText(cpu.realSeconds)} in all): their threads waited. Look for CPU throttling of the container, a busy neighbour, swap, and a slow disk under the GC log or /tmp (-XX:+PerfDisableSharedMem).`,
        zh: `${cpu.pauses} 次 GC 中有 ${cpu.inverted} 次的耗时至少为所用 CPU 时间的两倍（实际耗时合计 ${durationText(cpu.realSeconds, 'zh')}）：GC 线程在等待。请检查容器的 CPU 限流、同机的其他负载、swap，以及 GC 日志或 /tmp 所在的磁盘是否过慢（-XX:+PerfDisableSharedMem）。`,
        evidence: [figure('collections that waited', cpu.inverted, 'collections')],
      };
