// Names the command that continues or rolls back an administrative change.

import type { BrokerKind } from '../../../core/cluster.ts';
import { quotedWord } from '../../../core/text/quoted-word.ts';
import type { RunningChange } from '../../../ops/change/journal.ts';

/** Commands of changes whose subject is the value of one option. */
const ofSubject: Readonly<Record<string, string>> = {
  'create-topic': 'create-topic --topic',
  'define-topic': 'alter-topic --topic',
  'delete-topic': 'delete-topic --topic',
  'define-group': 'alter-group --group',
  'delete-group': 'delete-group --group',
  'broker-settings': 'alter-config --broker',
  clean: 'clean --what',
  acl: 'alter-acl --subject',
  user: 'alter-user --user',
  acls: 'alter-acls --principal',
  'scram-user': 'alter-scram-user --user',
  'delete-records': 'delete-records --topic',
};

export function administrationCommand(journal: RunningChange, broker: BrokerKind): string[] {
  return [`ops ${broker}`, ...wordsOf(journal)];
}

function wordsOf({ change, subject, facts }: RunningChange): string[] {
  if (change === 'settings') return settingsArgs(facts);
  if (change === 'quota') return quotaArgs(facts);
  if (change === 'broker-settings' && subject === 'all-brokers') return ['alter-config --all-brokers'];
  return [ofSubject[change] ?? change, quotedWord(subject), ...passwordArgs(change, facts)];
}

function passwordArgs(change: string, { after, isPasswordSet }: Facts): string[] {
  if (change === 'scram-user') return [after === null ? '--remove' : '--password-file FILE'];
  return change === 'user' && isPasswordSet === true ? ['--password-file FILE'] : [];
}

type Facts = Readonly<Record<string, unknown>>;

function settingsArgs({ of }: Facts): string[] {
  const { kind, name } = of as { kind: string; name: string };
  if (kind === 'topic') return ['alter-topic --topic', quotedWord(name)];
  return name === '' ? ['alter-config --all-brokers'] : ['alter-config --broker', quotedWord(name)];
}

function quotaArgs({ of }: Facts): string[] {
  const { user, clientId } = of as { user?: string | null; clientId?: string | null };
  const part = (option: string, value: string | null | undefined) =>
    value === undefined ? [] : value === null ? [`--default-${option}`] : [`--${option}`, quotedWord(value)];
  return ['alter-quotas', ...part('user', user), ...part('client', clientId)];
}
