// States what a planned resend would do, and why it cannot be carried out.

import type { Finding } from '../../core/documents/analysis.ts';
import { countText } from '../../core/text/quantity-text.ts';
import { groupIn, isRefusedByBrokers, isRetryTopic, retryTopicOf } from './dead-letter.ts';
import type { ChosenMessage, ResendSpec } from './plan-resend.ts';

/** What was read of a dead-letter topic. */
export interface Seen {
  matching: ChosenMessage[];
  read: number;
  isCut: boolean;
  withoutTarget: string[];
  packed: string[];
  sentBefore: number;
  copies: number;
  /** RocketMQ: topics that messages for the retry topic of the group came from. */
  origins: Set<string>;
}

interface Targets {
  /** Those that take no message, with the reason. */
  missing: readonly string[];
  /** Retry topics that POP consumers of the group may read instead. */
  popRetries: readonly string[];
}

const some = (names: readonly string[]): string =>
  `${names.slice(0, 5).join(', ')}${names.length > 5 ? ` and ${countText(names.length - 5)} more` : ''}`;

/** @param chosen how many of those that match are sent */
export function findingsOf(spec: ResendSpec, seen: Seen, chosen: number, { missing, popRetries }: Targets): Finding[] {
  const { topic, to, limit } = spec;
  const { matching, read, isCut, withoutTarget, packed, sentBefore, copies } = seen;
  const targets = new Set(matching.map(({ target }) => target));
  const refused = [...targets].filter(isRefusedByBrokers);
  const retry = retryTopicOf(topic) ?? '';
  const ofPop = [...targets].filter((target) => retry !== '' && target.startsWith(`${retry}_`));
  const rows: readonly (readonly [is: boolean, severity: Finding['severity'], code: string, message: string])[] = [
    [
      matching.length === 0,
      'critical',
      'nothing-to-resend',
      `None of the messages read from ${topic} matches (read: ${countText(read)}).`,
    ],
    [
      withoutTarget.length > 0,
      'critical',
      'target-unknown',
      `The original topic of these messages is unknown: ${some(withoutTarget)}. Give a topic with --to.`,
    ],
    [
      targets.has(topic),
      'critical',
      'target-is-source',
      `${topic} would receive copies of its own messages. Name another topic with --to.`,
    ],
    [missing.length > 0, 'critical', 'target-missing', `${missing.join('; ')}. Give a topic with --to.`],
    [
      refused.length > 0,
      'critical',
      'target-refused',
      `Brokers accept no messages for ${some(refused)}, because of the + in the name. Use --to-origin.`,
    ],
    [
      popRetries.length > 0,
      'critical',
      'pop-retry-topic',
      `POP and gRPC consumers of the group read ${some(popRetries)}, and never ${retry}. Name the topic that the group reads with --to.`,
    ],
    [
      packed.length > 0,
      'critical',
      'still-packed',
      `The values of ${some(packed)} are compressed with an unsupported algorithm. Exclude them with a filter.`,
    ],
    [
      matching.length > chosen,
      'warning',
      'more-match',
      `Messages that match: ${countText(matching.length)}. Only the oldest are sent: ${countText(chosen)} (--limit ${limit}).`,
    ],
    [
      isCut,
      'warning',
      'not-all-read',
      `${countText(read)} messages were read, and more are stored: --read reads further.`,
    ],
    [
      sentBefore > 0,
      'info',
      'sent-before',
      `Matching messages that were already sent from this machine: ${countText(sentBefore)}. They are excluded; --again includes them.`,
    ],
    [
      copies > 0,
      'warning',
      'failed-again',
      `Matching messages that are copies of an earlier resend and failed again: ${countText(copies)}.`,
    ],
    [
      ofPop.length > 0,
      'warning',
      'group-created',
      `Brokers take ${some(ofPop)} for the retry topic of a group ${some(ofPop.map(groupIn))}: they create that group, or refuse the messages where autoCreateSubscriptionGroup is false.`,
    ],
    [
      isRetryTopic(topic),
      'warning',
      'retried-anyway',
      `The group of ${topic} reads this topic: it would process resent messages twice, except those whose processing failed.`,
    ],
    [
      matching.length > 0 && [...targets].some((target) => !isRetryTopic(target)),
      'warning',
      'every-group',
      `Every group that reads ${to ?? some([...targets].filter((target) => target !== ''))} gets these messages, also those that processed them before.`,
    ],
    [
      matching.length > 0,
      'info',
      'order-not-kept',
      'The copies follow messages that were sent in the meantime, so a resend does not keep the order by key.',
    ],
  ];
  return rows.flatMap(([is, severity, code, message]) => (is ? [{ severity, code, message, evidence: [] }] : []));
}
