// Declares `plimsoll ops kafka alter-quotas`.

import { quotaEntityText, quotaKeys, type QuotaChanges, type QuotaKey } from '../../brokers/kafka/changes/quotas.ts';
import type { QuotaEntity } from '../../brokers/kafka/wire/describe-client-quotas.ts';
import { AppError } from '../../core/errors.ts';
import { alterQuotas, planQuotas } from '../../ops/kafka/quotas/alter-quotas.ts';
import { assigned, assignments, kafkaAdministrationOptions } from '../change/administration-options.ts';
import { changeKafka } from '../kafka/change-kafka.ts';
import { choice, defineCommand, flag, list, type OptionValues, text } from '../command.ts';

const keys = quotaKeys.join(', ');

const options = {
  ...kafkaAdministrationOptions,
  user: text('NAME', 'the user'),
  'default-user': flag('the default of all users'),
  client: text('ID', 'the client id; with a user: of that user only'),
  'default-client': flag('the default of all client ids'),
  set: assignments(`a quota: ${keys}`),
  remove: list('QUOTA', 'remove a quota', choice(quotaKeys)),
};
type Given = OptionValues<typeof options>;

export const opsKafkaAlterQuotasCommand = defineCommand({
  options,
  examples: [
    'plimsoll ops kafka alter-quotas --cluster orders --user alice --set producer_byte_rate=10485760',
    'plimsoll ops kafka alter-quotas --cluster orders --default-client --set request_percentage=50 --execute',
    'plimsoll ops kafka alter-quotas --cluster orders --user alice --remove producer_byte_rate --execute',
  ],

  async run(io) {
    const { set, remove, resume, abort } = io.options;
    const of = entityOf(io.options);
    const changes = changesOf(assigned(set), remove);
    if (Object.keys(changes).length === 0 && !resume && !abort) {
      throw new AppError('usage', 'nothing to change: give --set QUOTA=VALUE or --remove QUOTA');
    }
    return changeKafka(io, (tools) => ({
      kind: alterQuotas,
      subject: quotaEntityText(of),
      plan: (within) => planQuotas(tools, of, changes, within),
    }));
  },
});

function entityOf({ user, 'default-user': anyUser, client, 'default-client': anyClient }: Given): QuotaEntity {
  if (user !== undefined && anyUser) throw new AppError('usage', '--user and --default-user exclude each other');
  if (client !== undefined && anyClient)
    throw new AppError('usage', '--client and --default-client exclude each other');
  const of = {
    ...(anyUser ? { user: null } : user !== undefined && { user }),
    ...(anyClient ? { clientId: null } : client !== undefined && { clientId: client }),
  };
  if (Object.keys(of).length > 0) return of;
  throw new AppError('usage', 'no owner of the quota: give --user, --default-user, --client or --default-client', {
    hint: '`plimsoll get quotas` lists them',
  });
}

function changesOf(set: Readonly<Record<string, string>>, remove: readonly QuotaKey[]): QuotaChanges {
  const changes: Partial<Record<QuotaKey, number | undefined>> = {};
  for (const [name, typed] of Object.entries(set)) {
    const key = quotaKeys.find((each) => each === name);
    if (key === undefined) throw new AppError('usage', `--set ${name}: Kafka has no such quota; it has ${keys}`);
    const value = Number(typed);
    if (typed.trim() === '' || !(value > 0))
      throw new AppError('usage', `--set ${name}=${typed}: give a number above 0`);
    changes[key] = value;
  }
  for (const key of remove) {
    if (key in changes) throw new AppError('usage', `--set and --remove both name ${key}`);
    changes[key] = undefined;
  }
  return changes;
}
