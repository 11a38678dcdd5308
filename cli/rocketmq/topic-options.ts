// Declares the options that define a RocketMQ topic.

import { distance } from 'fastest-levenshtein';
import { AppError } from '../../core/errors.ts';
import type { TopicSpec } from '../../ops/rocketmq/topics/plan-define-topic.ts';
import {
  assigned,
  assignments,
  goneOption,
  rocketmqAdministrationOptions,
  topicOption,
} from '../change/administration-options.ts';
import { choice, list, option, type OptionValues } from '../command.ts';
import { BrokerName } from './run-change.ts';

const permissions = { 'read-write': 6, 'read-only': 4, 'write-only': 2 } as const;

export const defineTopicOptions = {
  ...rocketmqAdministrationOptions,
  ...goneOption,
  topic: topicOption,
  broker: list(
    'NAME',
    'only on this broker (default: on all that have the topic; a new topic on all of the only cluster)',
    BrokerName,
  ),
  permission: option(
    'read-write|read-only|write-only',
    'what clients may do with it (default: read-write, or as it is)',
    choice(['read-write', 'read-only', 'write-only']).optional(),
  ),
  ordered: option(
    'on|off',
    'whether name servers keep its order configuration (default: off, or as it is)',
    choice(['on', 'off']).optional(),
  ),
  set: assignments('an attribute (5.0 and later), such as message.type=FIFO'),
};

type Given = OptionValues<typeof defineTopicOptions>;

/** TopicAttributes.java of 5.0 to 5.5; a broker refuses unknown names of other releases only when the change runs. */
const attributes = ['message.type', 'cleanup.policy', 'queue.type', 'reserve.time', 'lite.topic.expiration'];

/** @throws AppError usage for a mistyped attribute; all contain a dot */
export function topicSpec({ topic, broker, permission, ordered, set }: Given): TopicSpec {
  const unknown = Object.keys(assigned(set)).find(
    (key) => !key.includes('.') || attributes.some((each) => isMistyped(key, each)),
  );
  if (unknown !== undefined) {
    throw new AppError('usage', `--set: ${unknown} is not an attribute of a topic`, {
      hint: `attributes are ${attributes.join(', ')}; --permission, --ordered and \`plimsoll ops rocketmq queues\` change the rest`,
    });
  }
  return {
    topic,
    brokers: broker,
    attributes: assigned(set),
    ...(permission !== undefined && { permission: permissions[permission] }),
    ...(ordered !== undefined && { order: ordered === 'on' }),
  };
}

const isMistyped = (key: string, known: string) => key !== known && distance(key.toLowerCase(), known) <= 2;

/** @throws AppError usage if nothing is to be altered */
export function alteredSpec(options: Given): TopicSpec {
  const spec = topicSpec(options);
  const isEmpty = spec.permission === undefined && spec.order === undefined && options.set.length === 0;
  if (isEmpty && !options.resume && !options.abort) {
    throw new AppError('usage', 'nothing to change: give --permission, --ordered or --set KEY=VALUE', {
      hint: '`plimsoll ops rocketmq queues` changes the number of queues',
    });
  }
  return spec;
}
