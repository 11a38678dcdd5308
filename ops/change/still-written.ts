// Reports whether producers still write to a topic before its deletion, and how to delete a topic in use.

import type { Finding } from '../../core/documents/analysis.ts';
import { countText } from '../../core/text/quantity-text.ts';
import type { Seconds } from '../../core/clock.ts';
import { finding } from './change-kind.ts';

export interface TopicDeletion<Facts> {
  topic: string;
  /** How long end offsets are watched for writes. */
  watch: Seconds;
  acceptWrites: boolean;
  acceptReaders: boolean;
  /** Facts of the plan shown before, which excludes messages written since. */
  shown?: Facts | undefined;
}

/** @param came number of messages written while the end offsets were watched */
export function writeFinding(
  topic: string,
  came: bigint,
  { watch, acceptWrites }: Pick<TopicDeletion<object>, 'watch' | 'acceptWrites'>,
): Finding {
  if (came === 0n) {
    return finding('info', 'no-writes', {
      en: `no message was written to ${topic} in ${watch} s`,
      zh: `${watch} 秒内没有消息写入 ${topic}`,
    });
  }
  const advice = acceptWrites
    ? { en: '', zh: '' }
    : { en: '; stop them, or give --accept-writes', zh: '；请先停止它们，或加 --accept-writes' };
  return finding(acceptWrites ? 'warning' : 'critical', 'still-written', {
    en: `producers write to ${topic} (messages in ${watch} s: ${countText(came)})${advice.en}`,
    zh: `仍有生产者写入 ${topic}（${watch} 秒内 ${countText(came)} 条）${advice.zh}`,
  });
}

/** How to proceed if groups have not read all messages to delete. */
export const readersAdvice = (acceptReaders: boolean) =>
  acceptReaders
    ? { en: '', zh: '' }
    : { en: '; give --accept-readers to delete them nevertheless', zh: '；仍要删除请加 --accept-readers' };

/** How to proceed if groups read the topic. */
export const membersAdvice = (acceptReaders: boolean) =>
  acceptReaders
    ? { en: '', zh: '' }
    : { en: '; stop its members, or give --accept-readers', zh: '；请先停止其成员，或加 --accept-readers' };
