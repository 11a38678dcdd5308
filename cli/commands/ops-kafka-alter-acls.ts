// Declares `plimsoll ops kafka alter-acls`.

import { aclOperations, type KafkaAcl } from '../../brokers/kafka/changes/acls.ts';
import { AppError } from '../../core/errors.ts';
import { alterAcls, planAcls } from '../../ops/kafka/access/alter-acls.ts';
import { kafkaAdministrationOptions } from '../change/administration-options.ts';
import { changeKafka } from '../kafka/change-kafka.ts';
import { choice, defineCommand, flag, list, option, type OptionValues, text } from '../command.ts';
import { z } from 'zod';

const Principal = z
  .string()
  .regex(/^[^:\s]+:.+$/, { error: ({ input }) => `${String(input)}: write it as User:alice` });

const options = {
  ...kafkaAdministrationOptions,
  principal: {
    ...option('TYPE:NAME', 'who, such as User:alice', Principal),
    formerly: 'subject',
  },
  topic: text('NAME', 'on this topic; * is all'),
  group: text('NAME', 'on this consumer group; * is all'),
  'transactional-id': text('NAME', 'on this transactional id; * is all'),
  'on-cluster': flag('on the cluster itself'),
  prefix: flag('match all names that begin with NAME'),
  operation: { ...list('NAME', `what: ${aclOperations.join(', ')}`, choice(aclOperations)), formerly: 'action' },
  host: text('ADDRESS', 'only from this address (default: any)'),
  deny: flag('deny it; by default the rule allows it'),
  remove: flag('delete these rules; by default they are created'),
};
export const opsKafkaAlterAclsCommand = defineCommand({
  options,
  examples: [
    'plimsoll ops kafka alter-acls --cluster orders --principal User:billing --topic order-paid --operation Read --operation Describe',
    'plimsoll ops kafka alter-acls --cluster orders --principal User:billing --group billing- --prefix --operation Read --execute',
    'plimsoll ops kafka alter-acls --cluster orders --principal User:billing --topic order-paid --operation Read --remove --execute',
  ],

  async run(io) {
    const {
      principal: subject,
      prefix: isPrefix,
      operation: operations,
      host = '*',
      deny,
      remove,
      resume,
      abort,
    } = io.options;
    if (operations.length === 0 && !resume && !abort) {
      throw new AppError('usage', '--operation is missing');
    }
    const decision = deny ? ('deny' as const) : ('allow' as const);
    const place = resume || abort ? [] : [placeOf(io.options)];
    const acls = place.flatMap((each) =>
      [...new Set(operations)].map((operation): KafkaAcl => ({
        subject,
        ...each,
        isPrefix,
        operation,
        decision,
        host,
      })),
    );
    return changeKafka(io, (tools) => ({
      kind: alterAcls,
      subject,
      plan: (within) => planAcls(tools, { what: remove ? 'delete' : 'create', acls }, within),
    }));
  },
});

/** @throws AppError usage unless exactly one is given */
function placeOf(given: OptionValues<typeof options>): Pick<KafkaAcl, 'resource' | 'name'> {
  const names = [
    { resource: 'topic', name: given.topic },
    { resource: 'group', name: given.group },
    { resource: 'transactional id', name: given['transactional-id'] },
    { resource: 'cluster', name: given['on-cluster'] ? 'kafka-cluster' : undefined },
  ] as const;
  const [place, another] = names.flatMap(({ resource, name }) => (name === undefined ? [] : [{ resource, name }]));
  if (place !== undefined && another === undefined) return place;
  throw new AppError('usage', 'on what? give one of --topic, --group, --transactional-id and --on-cluster');
}
