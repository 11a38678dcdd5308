// Explains a verdict in Chinese.

import type { Catalogue } from './catalogue.ts';

export const zh = {
  title: '安全上限的计算过程',
  nothing: '没有可解释的数值；结论中已说明缺少什么。',
  from: '来自',
  source: '出处',
  binding: '各上限最先达到的概率',
  next: '消除首个瓶颈后的下一个上限',
  tested: '已测试的速率范围',
  extrapolated: '估计值与已测最高速率之比',
  retention: '在消息保留期内磁盘可承受的平均速率',
  without: '失去以下节点后的安全上限',
  missing: '缺少',
  interval: (low, high, confidence) =>
    `${confidence} 区间 ${low} ${high === undefined ? '起，上端未定' : `至 ${high}`}`,
  figures: {
    'step.rate': '第 # 个台阶的实际速率',
    'step.use': '第 # 个台阶的资源用量',
    'law.a': '模型：空载用量',
    'law.b': '模型：每条消息用量',
    'law.c': '模型：第三系数',
    'law.hold-out-error': '留一法检验误差',
    'seconds.p99': '每秒用量的 p99 与均值之比',
    capacity: '容量',
    'policy.share': '允许使用的比例',
    limit: '达到上限时的用量',
    estimate: '估计值',
    'interval.low': '区间下端',
    'interval.high': '区间上端',
    answer: '安全上限',
  },
  formulas: {
    'step.rate': '稳定时段内确认的消息数 / 秒数',
    'step.use': '稳定时段内各采样的均值',
    'law.hold-out-error': '(u − û) / û 的均方根，每个台阶由其余台阶预测',
    'seconds.p99': '各台阶中每秒用量与该台阶均值之比，全部合并后取 p99',
    estimate: '满足 u(x) · seconds.p99 = limit 的 x；没有模型时取相邻两步之间',
    'interval.low': '自助法（bootstrap）抽样的下分位数，且不低于确定未超上限的最高台阶的速率',
    'interval.high': '自助法（bootstrap）抽样的上分位数',
  },
} satisfies Catalogue;
