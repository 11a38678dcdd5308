// Texts of the help page, with the purpose of each page of the site.

import type { ClusterState } from '../../../core/documents/cluster-status.ts';
import type { TermGroup } from './terms.ts';
import { bilingual, type Pair } from '../../../core/text/bilingual.ts';

export const helpLanguages = bilingual({
  about: (term: string) => [`Help: ${term}`, `帮助：${term}`],
  terms: ['Terms', '术语'],
  groups: {
    rates: ['Rates and limits', '速率与上限'],
    verdicts: ['Verdicts', '结论'],
    'load-tests': ['Load tests', '压测'],
    operation: ['Operation', '运维'],
  } satisfies Record<TermGroup, Pair>,
  statesTitle: ['States of clusters', '集群状态'],
  statesOrder: [
    'A cluster has the first state of this list that applies. An outdated verdict comes before a missing reading, because the verdict must be renewed in any case; “no data since” is then shown beside it.',
    '多个状态同时成立时，显示此列表中靠前的一个。结论已过期且没有读数时，状态显示为“结论已过期”，并另外显示“自……起无数据”。',
  ],
  states: {
    down: [
      'No broker answers. First check the processes of the brokers, the network and ports.',
      '没有 Broker 应答。请先检查 Broker 进程、网络和端口，再看其他指标。',
    ],
    degraded: [
      'Brokers or name servers that should answer do not. First open the page of the cluster, which names them, and check their processes and hosts.',
      '部分 Broker 或 NameServer 无应答。请先打开集群页面查看是哪些，再检查其进程和主机。',
    ],
    over: [
      'The current rate is above the safe maximum. First stop load tests and replays, then see the actions on the page of the event day.',
      '当前速率高于安全上限。请先停止压测和消息回溯，再看大促页面上的预案。',
    ],
    near: [
      'The current rate is above 80% of the safe maximum (default of `service.thresholds.near`). First see on the page of the event day when it reaches the maximum.',
      '当前速率超过安全上限的 80%（`service.thresholds.near` 的默认值）。请先在大促页面查看何时达到上限。',
    ],
    stale: [
      'The verdict is older than 30 days (default of `service.thresholds.verdictLasts`), or settings have changed since. First compare the settings, then repeat the load test.',
      '结论已超过 30 天（`service.thresholds.verdictLasts` 的默认值），或之后配置有变化。请先核对配置差异，再重新压测。',
    ],
    unknown: [
      'There is no verdict, or it is valid but there is no current reading. First run a load test, or see on the page of the cluster why there is no reading.',
      '没有结论；或结论有效，但没有当前读数。请先压测，或在集群页面查看没有读数的原因。',
    ],
    ok: ['None of these.', '不属于以上任何一种。'],
  } satisfies Record<ClusterState, Pair>,
  more: [
    'Further documentation is in the folder `docs/` of Plimsoll; `plimsoll help` lists the commands.',
    '更多文档见 Plimsoll 的 `docs/` 目录；`plimsoll help` 列出全部命令。',
  ],
  /** By the first part of a page's path. */
  of: {
    clusters: [
      'The list shows clusters that need attention first. The page of a cluster compares its current rate with the safe maximum, and names the bottleneck, the fullest disk and the largest topics and groups.',
      '列表把需要处理的集群排在最前。集群页面把当前速率与安全上限比较，并给出瓶颈、使用率最高的磁盘，以及最大的 Topic 和消费组。',
    ],
    event: [
      'For the day of a promotion: the time until each cluster reaches its safe maximum, and suggested actions.',
      '大促当天使用：各集群还有多久达到安全上限，以及可用的预案。',
    ],
    plans: [
      'Planned and running changes: steps, expected load of links and disks, notices to send, and the rollback.',
      '计划中和执行中的变更：步骤、链路和磁盘的预计负载、需要发出的通知，以及回滚。',
    ],
    sizing: [
      'How many brokers each business domain needs, and which resource decides this. Computed by `plimsoll size`.',
      '每个业务域需要多少 Broker、由哪个资源决定。由 `plimsoll size` 计算。',
    ],
    instances: [
      'Processes of the clusters by host: version, desired and actual state, restarts, crash loops. `plimsoll instances` operates them.',
      '各集群的进程，按主机排列：版本、期望状态与当前状态、重启次数、反复崩溃。启停等操作请使用命令 `plimsoll instances`。',
    ],
    tests: ['Load tests and verdicts. Select two to compare them.', '压测记录及其结论，可选择两次压测进行对比。'],
    ledger: [
      'Everything that was recorded: verdicts, load tests, forecasts, plans, reports, changes and notes.',
      '所有记录：结论、压测、预测、规划、报告、变更和备注。',
    ],
    'what-if': [
      'The safe maximum with another message size, other machines or another number of brokers.',
      '换用其他消息大小、机器或 Broker 数量时的安全上限。',
    ],
    gc: ['Pauses of the JVMs of the brokers, from their GC logs.', 'Broker JVM 的停顿，来自其 GC 日志。'],
  },
});

export type HelpedPage = keyof (typeof helpLanguages)['en']['of'];
export const helpedPages = Object.keys(helpLanguages.en.of) as HelpedPage[];
