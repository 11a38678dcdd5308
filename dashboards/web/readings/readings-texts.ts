// Texts of the charts of recorded readings in English and Chinese.

import type { ReadingsRange } from '../../../core/readings-range.ts';
import type { Language } from '../strings.ts';
import type { ReadingsSubject } from './readings-view.ts';

const en = {
  title: 'Last hours',
  range: 'Time range',
  ranges: { '1h': '1 hour', '6h': '6 hours', '24h': '24 hours' } satisfies Record<ReadingsRange, string>,
  now: 'now',
  subjects: {
    load: 'Load of the last hours',
    cpu: 'CPU',
    'network-in': 'Network in',
    'network-out': 'Network out',
    'disk-io': 'Disk busy',
    'disk-space': 'Disk space',
    heap: 'Heap after GC',
    produce: 'Produced messages',
    'lag-seconds': 'Lag in time',
    'lag-messages': 'Lag in messages',
    consume: 'Consumed messages',
  } satisfies Record<ReadingsSubject, string>,
  counted: { produced: 'Produced', consumed: 'Consumed' },
  highest: (line: string) => `${line}, maximum`,
  policy: 'Policy limit',
  none: 'No readings in this range yet. The chart begins with the second reading, about 30 s after Plimsoll starts.',
  notDrawn: (count: string) => `${count} more with lower values are not drawn.`,
  since: (at: string) => `Recorded since ${at}.`,
  gaps: 'Gaps: no reading, or a reading that failed.',
  shaded: 'Shaded: up to the highest reading.',
  table: 'Table',
  at: 'From',
  marks: 'Events in this range',
  trend: (limit: string | undefined) =>
    limit === undefined ? 'Produced messages of the last 3 h' : `Produced messages of the last 3 h; line: ${limit}`,
};

export const readingsLanguages: Readonly<Record<Language, typeof en>> = {
  en,
  zh: {
    title: '最近几小时',
    range: '时间范围',
    ranges: { '1h': '1 小时', '6h': '6 小时', '24h': '24 小时' },
    now: '现在',
    subjects: {
      load: '最近几小时的负载',
      cpu: 'CPU 使用率',
      'network-in': '网络入方向',
      'network-out': '网络出方向',
      'disk-io': '磁盘繁忙度',
      'disk-space': '磁盘空间',
      heap: 'GC 后堆内存',
      produce: '生产速率',
      'lag-seconds': '消费延迟（时间）',
      'lag-messages': '消费堆积（条）',
      consume: '消费速率',
    },
    counted: { produced: '生产', consumed: '消费' },
    highest: (line) => `${line}（峰值）`,
    policy: '策略水位线',
    none: '该时间范围内还没有读数。Plimsoll 启动约 30 秒、完成第二次采集后开始显示曲线。',
    notDrawn: (count) => `另有 ${count} 个数值较低，未画出。`,
    since: (at) => `自 ${at} 起有记录。`,
    gaps: '曲线断开处：没有读数，或该次采集失败。',
    shaded: '阴影：到该时段内的最高读数。',
    table: '数据表',
    at: '起始时间',
    marks: '该时间范围内的事件',
    trend: (limit) => (limit === undefined ? '最近 3 小时的生产速率' : `最近 3 小时的生产速率；横线：${limit}`),
  },
};
