// Names the command that continues or rolls back an administrative change.

import type { BrokerKind } from '../../../core/cluster.ts';
import { quotedWord } from '../../../core/text/quoted-word.ts';
import type { RunningChange } from '../../../ops/change/journal.ts';

export function administrationCommand(journal: RunningChange, broker: BrokerKind): string[] {
  return [`ops ${broker}`, ...wordsOf(journal)];
}

function wordsOf({ change, subject, facts }: RunningChange): string[] {
  const name = quotedWord(subject);
  switch (change) {
    case 'create-topic':
      return ['create-topic --topic', name];
    case 'define-topic':
      return ['alter-topic --topic', name];
    case 'delete-topic':
      return ['delete-topic --topic', name];
    case 'define-group':
      return ['alter-group --group', name];
    case 'delete-group':
      return ['delete-group --group', name];
    case 'settings':
      return settingsArgs(facts);
    case 'broker-settings':
      return subject === 'all-brokers' ? ['alter-config --all-brokers'] : ['alter-config --broker', name];
    case 'clean':
      return ['clean --what', name];
    case 'acl':
      return ['alter-acl --subject', name];
    case 'user':
      return ['alter-user --user', name, ...(facts['isPasswordSet'] === true ? ['--password-file FILE'] : [])];
    case 'acls':
      return ['alter-acls --principal', name];
    case 'scram-user':
      return ['alter-scram-user --user', name, facts['after'] === null ? '--remove' : '--password-file FILE'];
    case 'delete-records':
      return ['delete-records --topic', name];
    case 'quota':
      return quotaArgs(facts);
    default:
      return [change, name];
  }
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
