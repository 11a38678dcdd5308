// Finds whether a topic contains state of Kafka or of its tools.

import { hasFixedPartitions, isChangelog } from '../../../brokers/kafka/system-topic.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import { findingIf } from '../../change/change-kind.ts';
import { readersAdvice } from '../../change/still-written.ts';

/**
 * The option overrides only findings based on the topic's name.
 *
 * @param mayRetire the whole topic is deleted: topics of a Connect cluster that no longer runs can be deleted
 */
export function stateFindings(
  topic: string,
  policy = '',
  acceptReaders = false,
  { mayRetire = false }: { mayRetire?: boolean } = {},
): Finding[] {
  const isCompacted = policy.includes('compact');
  const isKnown = hasFixedPartitions(topic, isCompacted && !mayRetire);
  const advice = readersAdvice(isKnown || acceptReaders);
  const holdsState = hasFixedPartitions(topic, isCompacted) || isChangelog(topic, isCompacted);
  return findingIf(holdsState, acceptReaders && !isKnown ? 'warning' : 'critical', 'internal-topic', {
    en: `${topic} is an internal topic: Kafka or its tools lose the state that its records hold${advice.en}`,
    zh: `${topic} 为内部 Topic：Kafka 或其工具会丢失其记录中保存的状态${advice.zh}`,
  });
}
