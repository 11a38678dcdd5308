// Names the command of a change, and its options that continue the change or roll it back.

import type { BrokerKind } from '../../core/cluster.ts';
import { quotedWord } from '../../core/text/quoted-word.ts';
import type { RunningChange } from '../../ops/change/journal.ts';

export interface Remedies {
  resume?: string;
  abort?: string;
}

const special: Readonly<Record<string, Remedies>> = {
  'ab-test': { abort: '--abort' },
  partitions: { resume: '--execute' },
  // No option resumes it, because it is unknown whether the message was sent, and no command sends it again.
  send: {},
  // The same command receives the message again and commits it.
  receive: {},
  // It was started without a journal, so it cannot be continued; the same command reads what remains from the cluster.
  'reassign --abort': { abort: '--abort' },
};

/** @param change kind of the change, as in the journal. @param takenOver as in the journal */
export const remediesOf = (change: string, takenOver?: string): Remedies =>
  special[change] ?? { ...(takenOver === undefined && { resume: '--resume' }), abort: '--abort' };

/** @returns a clause for the hint of an error; empty if the change can be neither continued nor rolled back */
export function remediesText(change: string, takenOver?: string): string {
  const { resume, abort } = remediesOf(change, takenOver);
  return [resume && `${resume} continues from the current step`, abort && `${abort} rolls back`]
    .filter((text) => text !== undefined)
    .join(', ');
}

/** Commands below `ops BROKER` whose subject is the value of their last option. */
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

/** Like `ofSubject`, for RocketMQ changes that clients notice. */
const ofRocketmq: Readonly<Record<string, string>> = {
  queues: 'queues --topic',
  'scale-in': 'scale-in --broker',
  'scale-out': 'scale-out --broker',
  switch: 'switch --broker',
  drill: 'drill --broker',
};

type Facts = Readonly<Record<string, unknown>>;

const word = (fact: unknown): string => quotedWord(String(fact));

/** Commands with more options than the subject, or with other ones. */
const ofFacts: Readonly<Record<string, (facts: Facts) => string[]>> = {
  reassign: () => ['ops kafka reassign'],
  'reassign --abort': () => ['ops kafka reassign'],
  offsets: ({ group }) => ['ops offsets reset --group', word(group)],
  partitions: ({ topic, to }) => ['ops kafka partitions --topic', word(topic), '--to', String(to)],
  'ab-test': ({ parameter, a, b }) => ['ab-test', word(`${String(parameter)}=${String(a)},${String(b)}`)],
  resend: ({ broker, topic }) => ['ops', String(broker), 'resend --topic', word(topic)],
  redline: ({ broker }) => ['redline --broker', String(broker)],
  send: ({ topic }) => ['send --topic', word(topic)],
  receive: ({ topic }) => ['receive --topic', word(topic)],
  'name-servers': (facts) => ['ops rocketmq name-servers', ...serverArgs(facts)],
  settings: (facts) => ['ops kafka', ...settingsArgs(facts)],
  quota: (facts) => ['ops kafka', ...quotaArgs(facts)],
};

/** Actions whose subject is one instance; the subject of other instance changes is a cluster. */
const ofOneInstance: ReadonlySet<string> = new Set(['start', 'stop', 'restart', 'remove']);

/** @returns the words of the command that continues this change */
export function commandOf({ change, subject, facts }: RunningChange, broker: BrokerKind): string[] {
  const known = ofFacts[change];
  if (known !== undefined) return known(facts);
  const noticed = ofRocketmq[change];
  if (noticed !== undefined) return [`ops rocketmq ${noticed}`, quotedWord(subject)];
  const [, action] = /^instances-(.+)$/.exec(change) ?? [];
  if (action !== undefined) {
    return [`instances ${action}`, ...(ofOneInstance.has(action) ? [quotedWord(subject)] : [])];
  }
  if (change === 'broker-settings' && subject === 'all-brokers') return [`ops ${broker} alter-config --all-brokers`];
  return [`ops ${broker}`, ofSubject[change] ?? change, quotedWord(subject), ...passwordArgs(change, facts)];
}

function serverArgs({ add, remove }: Facts): string[] {
  if (typeof add === 'string' && typeof remove === 'string') return ['--replace', `${remove}=${add}`];
  return typeof add === 'string' ? ['--add', add] : typeof remove === 'string' ? ['--remove', remove] : [];
}

function passwordArgs(change: string, { after, isPasswordSet }: Facts): string[] {
  if (change === 'scram-user') return [after === null ? '--remove' : '--password-file FILE'];
  return change === 'user' && isPasswordSet === true ? ['--password-file FILE'] : [];
}

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
