// Texts of the sizing page, in English and Chinese.

import type { ClusterPlan, JudgedProposal, PlanLimit, Rejection } from '../../../core/documents/cluster-plan.ts';
import type { Resource } from '../../../core/resource.ts';
import { bilingual, type Pair } from '../../../core/text/bilingual.ts';
import { unitText } from '../../../core/text/quantity-text.ts';

export const planModeNames = bilingual({
  kraft: ['KRaft', 'KRaft'],
  single: ['single master', '单主'],
  'master-slave': ['master and slaves', '主从'],
  dledger: ['DLedger', 'DLedger'],
  controller: ['controller', 'Controller 自动主从切换'],
} satisfies Record<ClusterPlan['mode'], Pair>);

export const sizingLanguages = bilingual({
  explained: [
    'How many brokers each business domain (the topics of one business unit) needs at the planned peak, which includes growth and the promotion. Clusters with the lowest headroom at N-1 come first.',
    '每个业务域在规划峰值（含增长与大促）下需要多少 Broker。N-1 余量最小的集群排在最前。',
  ],
  none: ['No plans yet. Two commands create one:', '还没有规划。用以下两条命令生成：'],
  noneHint: [
    'See docs/explanation/sizing.md for the file of domains, and examples/domains.yaml for an example.',
    '业务域文件的写法见 docs/explanation/sizing.md，示例见 examples/domains.yaml。',
  ],
  planned: (at: string) => [`Planned ${at} by`, `规划时间 ${at}，记录者`],
  from: ['from', '依据'],
  lasting: ['Permanent link', '本次规划的固定链接'],
  newest: ['Latest plan', '最新规划'],
  clusters: ['Clusters', '集群数'],
  brokers: ['Brokers', 'Broker 数'],
  cost: ['Cost', '费用'],
  hosts: ['hosts', '台主机'],
  monthly: (currency: string, cost: string) => [
    `${cost} ${currency} a month`,
    `${cost} ${unitText(currency, 'zh')}/月`,
  ],
  notIncluded: ['Domains not included', '未计入的业务域'],
  cut: (shown: string) => [
    `Only the latest ${shown} clusters are shown; see the history for the others.`,
    `此处为其中最新的 ${shown} 个集群，其余见历史。`,
  ],
  refused: ['Domains without a planned cluster', '无法规划集群的业务域'],
  hint: ['Action', '处理办法'],
  proposed: ['Proposed clusters', '拟定的集群方案'],
  judgements: {
    enough: ['enough', '足够'],
    'not-enough': ['not enough', '不足'],
    'not-measured': ['not measured', '未经实测'],
  } satisfies Record<JudgedProposal['verdict'], Pair>,
  chart: ['Demand and safe maximum', '需求与安全上限'],
  chartExplained: [
    'Bars and large figures: medians; lines and small figures: 80% intervals. If domains share a cluster, their demand is added up.',
    '横条和大号数字为中位数，横线和小号数字为 80% 区间。共用集群的业务域合并计算。',
  ],
  domain: ['Domain', '业务域'],
  demand: ['Peak demand', '峰值需求'],
  logarithmic: (unit: string) => [`${unit}, logarithmic scale`, `${unit}（对数坐标）`],
  shape: ['Host type', '机型'],
  share: (share: string) => [`${share} of the load of the domain`, `承担该业务域负载的 ${share}`],
  machine: (cores: string, memory: string, network: string) => [
    `${cores === '1' ? '1 core' : `${cores} cores`}, ${memory}, ${network}`,
    `${cores} 核，${memory}，${network}`,
  ],
  afterLoss: ['Safe maximum at N-1 (worst planned failure)', '最严重故障（N-1）下的安全上限'],
  leftAfterLoss: (share: string) => [`${share} at N-1`, `N-1 时 ${share}`],
  enough: ['Probability that the plan suffices at N-1', '能承载峰值的概率（N-1）'],
  limits: {
    messages: [
      'safe message rate of a broker, as measured; not a link or disk',
      '单个 Broker 实测的安全消息速率（并非网卡或磁盘）',
    ],
    partitions: ['partitions or queues', '分区（队列）数'],
    'cluster-cap': ['maximum cluster size', '集群规模上限'],
    zones: ['zones', '可用区'],
    measurement: ['no measurement', '缺少实测数据'],
  } satisfies Record<Exclude<PlanLimit, Resource>, Pair>,
  whole: ['Reserves and rejected host types', '预留明细与未采用的机型'],
  margin: ['Reserves', '预留明细'],
  marginSum: (base: string, product: string, installed: string) => [
    `Used at today's usual peak: ${base}. Multiplied by all factors (${product}): a capacity of ${installed} is needed.`,
    `当前日常峰值的用量为 ${base}，乘以全部系数（共 ${product}）后，所需容量为 ${installed}。`,
  ],
  reserve: ['Reserve', '预留'],
  costOfReserve: ['Cost a month', '每月费用'],
  factor: ['Factor', '系数'],
  why: ['Explanation', '说明'],
  rejections: ['Rejected host types', '未采用的机型'],
  rejected: ['Rejected because', '未采用的原因'],
  noRejections: ['No other host type was considered.', '没有考虑过其他机型。'],
  anyShape: ['any', '任意'],
  mode: ['Mode', '模式'],
  reasons: {
    'too-small': ['too small', '太小'],
    dearer: ['more expensive', '更贵'],
    riskier: ['higher risk', '风险更大'],
    'not-measured': ['not measured', '未经实测'],
    rule: ['excluded by a rule', '被规则排除'],
  } satisfies Record<Rejection['reason'], Pair>,
  wouldTake: ['Brokers needed', '所需 Broker 数'],
  more: (count: string) => [`${count} more in the history entry.`, `另有 ${count} 项，见历史记录。`],
  survives: ['Failures survived at the peak', '峰值时可承受的故障'],
  entry: ['Plan in the history', '在历史中查看本次规划'],
});
