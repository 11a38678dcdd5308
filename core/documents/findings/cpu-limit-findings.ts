// Defines the finding about a broker that can use fewer cores than its host has.

import { nodeSentenceText, nodeText, quantityText } from '../../text/quantity-text.ts';
import { figure, findingEntry } from './finding-entry.ts';

interface CpuLimitFacts {
  node: string;
  /** Cores that the cgroup or the affinity of the broker allows. */
  limitCores: number;
  hostCores: number;
  /** The host was so idle that the limit is beyond the range of the verdict. */
  isFar?: true;
}

export const cpuLimitBelowCores = findingEntry<CpuLimitFacts>({
  severity: 'warning',
  en: ({ node, limitCores, hostCores, isFar }) =>
    `${nodeSentenceText(node)} is limited to ${quantityText(limitCores)} of ${quantityText(hostCores)} host cores (cgroup or affinity), and CPU use is measured on the host. ${isFar ? 'The host was not busy enough for this limit to matter at the rates of this verdict.' : 'Rates above the tested ones are not predicted. Raise the limit, or test up to the limit.'}`,
  zh: ({ node, limitCores, hostCores, isFar }) =>
    `${nodeText(node, 'zh')} 只能使用主机 ${quantityText(hostCores)} 核中的 ${quantityText(limitCores)} 核（cgroup 或 CPU 亲和性限制），而 CPU 使用率按主机测量。${isFar ? '主机负载很低，在本结论的速率范围内该限制不起作用。' : '不预测高于已测速率的情况。请调高该限制，或压测到触及该限制为止。'}`,
  evidence: {
    'CPU limit': ({ node, limitCores }) =>
      figure(limitCores, 'cores', `cpu.max, cpu.cfs_quota_us or Cpus_allowed_list of ${nodeText(node)}`),
    'host cores': ({ hostCores }) => figure(hostCores, 'cores', 'host inventory of this run'),
  },
  examples: [
    { node: '1', limitCores: 2, hostCores: 16 },
    { node: '1', limitCores: 8, hostCores: 16, isFar: true },
  ],
});
