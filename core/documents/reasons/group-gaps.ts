// Names what is missing to measure the capacity of a consumer group, in English and Chinese.

import { z } from 'zod';
import type { InLanguages } from '../findings/finding-entry.ts';

/** What is missing. */
export const groupGaps = {
  commits: { en: 'commit rate of the group', zh: '每秒提交的消息数' },
  lag: { en: 'lag of the group', zh: '消费堆积' },
  reading: { en: '15 minutes of data in which the group consumed', zh: '连续 15 分钟的消费记录' },
} as const satisfies Record<string, InLanguages<string>>;

export const GroupGap = z.enum(Object.keys(groupGaps) as [keyof typeof groupGaps, ...(keyof typeof groupGaps)[]]);
export type GroupGap = z.infer<typeof GroupGap>;

export const unknownGroup = (group: string, gap: GroupGap) =>
  ({ kind: 'unknown', group, missing: groupGaps[gap].en, gap }) as const;
