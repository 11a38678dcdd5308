// Judges whether the GC threads got enough CPU.

import { shareLimits } from '../limits.ts';
import { durationText } from '../../../core/text/duration-text.ts';
import { percentText } from '../../../core/text/quantity-text.ts';
import { figure, type FindingRule } from './finding-rule.ts';

/** Below it, logs that round to hundredths of a second are too coarse. */
const leastSeconds = 1;

export const systemTime: FindingRule = ({ fold: { cpu } }) => {
  const busy = cpu.userSeconds + cpu.systemSeconds;
  const share = cpu.systemSeconds / busy;
  if (busy < leastSeconds || share <= shareLimits.systemShare.ratio) return undefined;
  return {
    severity: 'warning',
    message: `${percentText(share)} of the processor time of collections went into the kernel. Usual causes are swap, transparent huge pages and heap that is touched first during a collection: add -XX:+AlwaysPreTouch, set transparent_hugepage to madvise, and look at swap.`,
    evidence: [
      figure('system time', cpu.systemSeconds, 'seconds'),
      figure('user time', cpu.userSeconds, 'seconds'),
      { name: 'much', value: shareLimits.systemShare.ratio, unit: 'ratio', source: shareLimits.systemShare.source },
    ],
  };
};

export const waitingCollections: FindingRule = ({ fold: { cpu } }) =>
  cpu.inverted === 0
    ? undefined
    : {
        severity: 'warning',
        message: `${cpu.inverted} of ${cpu.pauses} collections took at least twice the processor time they used (${durationText(cpu.realSeconds)} by the clock in all): their threads waited. Look for CPU throttling of the container, a busy neighbour, swap, and a slow disk under the GC log or /tmp (-XX:+PerfDisableSharedMem).`,
        evidence: [figure('collections that waited', cpu.inverted, 'collections')],
      };
