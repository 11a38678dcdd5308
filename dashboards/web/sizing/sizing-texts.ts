// Texts of the sizing page, in English and Chinese.

import type { PlanLimit, Rejection } from '../../../core/documents/cluster-plan.ts';
import type { Resource } from '../../../core/resource.ts';
import type { Language } from '../strings.ts';

interface SizingTexts {
  title: string;
  explained: string;
  none: string;
  noneHint: string;
  planned(at: string): string;
  from: string;
  lasting: string;
  newest: string;
  clusters: string;
  brokers: string;
  cost: string;
  hosts: string;
  monthly(currency: string): string;
  cut(shown: string): string;
  refused: string;
  reason: string;
  hint: string;
  chart: string;
  chartExplained: string;
  domain: string;
  cluster: string;
  demand: string;
  shape: string;
  share(share: string): string;
  machine(cores: string, memory: string, network: string): string;
  safe: string;
  afterLoss: string;
  leftAfterLoss(share: string): string;
  binds: string;
  enough: string;
  limits: Readonly<Record<Exclude<PlanLimit, Resource>, string>>;
  whole: string;
  margin: string;
  marginSum(base: string, product: string, installed: string): string;
  reserve: string;
  costOfReserve: string;
  factor: string;
  why: string;
  rejections: string;
  noRejections: string;
  anyShape: string;
  mode: string;
  reasons: Readonly<Record<Rejection['reason'], string>>;
  wouldTake: string;
  more(count: string): string;
  survives: string;
  entry: string;
}

const en: SizingTexts = {
  title: 'Sizing',
  explained:
    'Brokers that each business domain (topics of one business unit) needs at the planned peak. The peak includes growth and the promotion. Lowest headroom first.',
  none: 'No plans yet. Two commands create one:',
  noneHint: 'See docs/sizing.md for the file of domains, and examples/domains.yaml for an example.',
  planned: (at) => `Planned ${at} by`,
  from: 'from',
  lasting: 'Permanent link',
  newest: 'Latest plan',
  clusters: 'Clusters',
  brokers: 'Brokers',
  cost: 'Cost',
  hosts: 'hosts',
  monthly: (currency) => `${currency} a month`,
  cut: (shown) => `The latest ${shown} clusters; see the history for the others.`,
  refused: 'Domains for which no host type is large enough',
  reason: 'Reason',
  hint: 'Action',
  chart: 'Demand and safe maximum',
  chartExplained: 'Bars show expected values, lines their 80% intervals. Domains that share a cluster are added up.',
  domain: 'Domain',
  cluster: 'Cluster',
  demand: 'Peak demand',
  shape: 'Host type',
  share: (share) => `${share} of the load of the domain`,
  machine: (cores, memory, network) => `${cores === '1' ? '1 core' : `${cores} cores`}, ${memory}, ${network}`,
  safe: 'Safe maximum',
  afterLoss: 'Safe maximum at N-1',
  leftAfterLoss: (share) => `${share} at N-1`,
  binds: 'Bottleneck',
  enough: 'Probability that the plan suffices at N-1',
  limits: {
    messages: 'tested message rate',
    partitions: 'partitions or queues',
    'cluster-cap': 'maximum cluster size',
    zones: 'zones',
    measurement: 'highest measured rate',
  },
  whole: 'Reserves and rejected host types',
  margin: 'Reserves',
  marginSum: (base, product, installed) =>
    `Current usual peak ${base} × ${product} = capacity to install, ${installed}.`,
  reserve: 'Reserve',
  costOfReserve: 'Cost a month',
  factor: 'Factor',
  why: 'Reason',
  rejections: 'Rejected host types',
  noRejections: 'No other host type was considered.',
  anyShape: 'any',
  mode: 'Mode',
  reasons: {
    'too-small': 'too small',
    dearer: 'more expensive',
    riskier: 'higher risk',
    'not-measured': 'not measured',
    rule: 'excluded by a rule',
  },
  wouldTake: 'Brokers needed',
  more: (count) => `${count} more in the history entry.`,
  survives: 'Survives at the peak',
  entry: 'Plan in the history',
};

const zh: SizingTexts = {
  title: '容量规划',
  explained: '每个业务域在规划峰值（含增长与大促）下需要多少 Broker。余量最小的排在最前。',
  none: '还没有规划。用以下两条命令生成：',
  noneHint: '业务域文件的写法见 docs/sizing.md，示例见 examples/domains.yaml。',
  planned: (at) => `规划时间 ${at}，由`,
  from: '依据',
  lasting: '本次规划的固定链接',
  newest: '最新规划',
  clusters: '集群数',
  brokers: 'Broker 数',
  cost: '费用',
  hosts: '台主机',
  monthly: (currency) => `${currency}/月`,
  cut: (shown) => `此处为其中最新的 ${shown} 个集群，其余见历史。`,
  refused: '没有机型能承载的业务域',
  reason: '原因',
  hint: '行动',
  chart: '需求与安全上限',
  chartExplained: '横条为预期的中间值，其上的线为 80% 区间。多个业务域共用的集群合并计算。',
  domain: '业务域',
  cluster: '集群',
  demand: '峰值需求',
  shape: '机型',
  share: (share) => `占该业务域的 ${share}`,
  machine: (cores, memory, network) => `${cores} 核，${memory}，${network}`,
  safe: '安全上限',
  afterLoss: '安全上限（N-1）',
  leftAfterLoss: (share) => `N-1 时 ${share}`,
  binds: '瓶颈',
  enough: 'N-1 时能承载峰值的概率',
  limits: {
    messages: '已压测的消息速率',
    partitions: '分区（队列）数',
    'cluster-cap': '集群规模上限',
    zones: '可用区',
    measurement: '缺少实测数据',
  },
  whole: '预留明细与未采用的机型',
  margin: '预留明细',
  marginSum: (base, product, installed) => `当前日常峰值 ${base} × ${product} = 需部署 ${installed}。`,
  reserve: '预留',
  costOfReserve: '每月费用',
  factor: '系数',
  why: '原因',
  rejections: '未采用的机型',
  noRejections: '没有考虑过其他机型。',
  anyShape: '任意',
  mode: '模式',
  reasons: {
    'too-small': '太小',
    dearer: '更贵',
    riskier: '风险更大',
    'not-measured': '未经实测',
    rule: '被规则排除',
  },
  wouldTake: '所需 Broker 数',
  more: (count) => `另有 ${count} 项，见历史记录。`,
  survives: '以下故障下仍能承载峰值',
  entry: '历史中的规划',
};

export const sizingLanguages = { en, zh } as const satisfies Readonly<Record<Language, SizingTexts>>;
