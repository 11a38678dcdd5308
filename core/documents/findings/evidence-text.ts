// Formats the evidence of findings for readers, with names and units in English or Chinese.

import { durationText } from '../../text/duration-text.ts';
import {
  binaryBytesText,
  capacityText,
  percentText,
  quantityText,
  rateText,
  unitText,
} from '../../text/quantity-text.ts';
import type { Evidence } from '../analysis.ts';
import type { FindingLanguage } from './finding-entry.ts';

const jvmLog = 'GC log';

/** Names and sources; settings and quantities that the user wrote stay as they are. */
const chinese: Readonly<Record<string, string>> = {
  [jvmLog]: 'GC 日志',
  'the plan': '计划',
  'cluster metadata': '集群元数据',
  achieved: '实际速率',
  'achieved rate': '实际速率',
  'at least': '至少',
  'at most': '至多',
  brokers: 'Broker',
  busy: '繁忙程度',
  capacity: '容量',
  'confirmation time': '确认时长',
  configured: '配置值',
  confirmed: '已验证速率',
  consumed: '消费',
  'disk await': '磁盘请求耗时',
  'disk busy': '磁盘繁忙程度',
  duplicated: '重复',
  estimate: '估计值',
  'evacuation failures': '转移失败',
  factor: '系数',
  from: '起',
  'full collections': 'Full GC',
  groups: '消费组',
  'heap after GC': 'GC 后堆内存',
  'highest measured': '最高实测值',
  'highest over mean': '最高与平均之比',
  'highest sustained rate': '最高稳定速率',
  'highest target rate': '最高目标速率',
  'hottest core': '最忙的核',
  interval: '区间',
  'leader changes and ends of moves': 'Leader 切换和迁移结束',
  'least duration': '最短耗时',
  limit: '限值',
  'live set': '存活对象',
  'long stops': '长停顿',
  'longest pause': '最长停顿',
  lost: '丢失',
  mean: '平均值',
  measured: '实测值',
  most: '最大值',
  much: '参考限值',
  'page cache': 'page cache',
  partitions: '分区',
  peak: '峰值',
  'policy limit': '策略上限',
  produced: '生产',
  'rate achieved': '实际速率',
  'replication lag': '复制延迟',
  retention: '保留时间',
  'safe maximum': '安全上限',
  'seconds with a pause': '有停顿的秒占比',
  'send delay p50': '发送滞后 p50',
  'slow safepoints': '缓慢的安全点',
  'slow seconds': '慢秒数',
  'slow seconds with a pause': '有停顿的慢秒数',
  stalls: '分配等待',
  'target rate': '目标速率',
  threads: '线程',
  'time collecting': 'GC 时间占比',
  to: '止',
  unparsed: '无法解析',
  written: '写入',
};

export const evidenceName = (name: string, language: FindingLanguage): string =>
  language === 'zh' ? (chinese[name] ?? name) : name;

export function evidenceValue({ value, unit, source }: Evidence, language: FindingLanguage): string {
  if (typeof value === 'string') return unit === '' ? value : `${value} ${unit}`;
  switch (unit) {
    case 's':
    case 'seconds':
      return durationText(value, language);
    case 'ms':
      return durationText(value / 1000, language);
    case 'ratio':
      return value <= 1 ? percentText(value) : quantityText(value);
    case 'messages/s':
    case 'msg/s':
      return rateText(value, language);
    case 'bytes':
      // A JVM counts in powers of two, as its options do.
      if (source === jvmLog) return binaryBytesText(value);
      return value < 1e6 ? `${quantityText(value)} ${unitText(unit, language, value)}` : capacityText(value, unit);
    case 'bytes/s':
      return capacityText(value, unit);
    case '':
      return quantityText(value);
  }
  return `${quantityText(value)} ${unitText(unit, language, value)}`;
}
