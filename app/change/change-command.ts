// Names the command of a change, and its options that continue the change or roll it back.

import type { BrokerKind } from '../../core/cluster.ts';
import { quotedWord } from '../../core/text/quoted-word.ts';
import type { RunningChange } from '../../ops/change/journal.ts';
import { administrationCommand } from './administration/unfinished-command.ts';

export interface Remedies {
  resume?: string;
  abort?: string;
}

const special: Readonly<Record<string, Remedies>> = {
  'ab-test': { abort: '--abort' },
  partitions: { resume: '--execute' },
  // Sent once: whether it was is unknown, and no command sends it again.
  send: {},
  // The message is received and committed by the same command again.
  receive: {},
  // Begun where no journal was: it cannot be continued, and the same command sees what is left.
  'reassign --abort': { abort: '--abort' },
};

/** @param change its kind, as in the journal */
export const remediesOf = (change: string): Remedies => special[change] ?? { resume: '--resume', abort: '--abort' };

/** @returns a clause for the hint of its fault; empty where nothing continues it and nothing rolls it back */
export function remediesText(change: string): string {
  const { resume, abort } = remediesOf(change);
  return [resume && `${resume} continues from the current step`, abort && `${abort} rolls back`]
    .filter((text) => text !== undefined)
    .join(', ');
}

/** As the command of each kind of change names its subject. */
export function commandOf(journal: RunningChange, broker: BrokerKind): string[] {
  const { change, subject, facts } = journal;
  const text = (name: string) => String(facts[name]);
  switch (change) {
    case 'reassign':
    case 'reassign --abort':
      return ['ops kafka reassign'];
    case 'offsets':
      return ['ops offsets reset --group', quotedWord(text('group'))];
    case 'partitions':
      return ['ops kafka partitions --topic', quotedWord(text('topic')), '--to', text('to')];
    case 'ab-test':
      return ['ab-test', quotedWord(`${text('parameter')}=${text('a')},${text('b')}`)];
    case 'resend':
      return ['ops', text('broker'), 'resend --topic', quotedWord(text('topic'))];
    case 'redline':
      return ['redline --broker', text('broker')];
    case 'send':
    case 'receive':
      return [`${change} --topic`, quotedWord(text('topic'))];
    case 'queues':
      return ['ops rocketmq queues --topic', quotedWord(subject)];
    case 'name-servers':
      return ['ops rocketmq name-servers', ...serverArgs(facts)];
    case 'scale-in':
    case 'scale-out':
    case 'switch':
    case 'drill':
      return [`ops rocketmq ${change} --broker`, quotedWord(subject)];
    case 'instances-start':
    case 'instances-stop':
    case 'instances-restart':
    case 'instances-remove':
      return [`instances ${change.slice('instances-'.length)}`, quotedWord(subject)];
    case 'instances-install':
    case 'instances-roll':
    case 'instances-upgrade':
    case 'instances-reconfigure':
      return [`instances ${change.slice('instances-'.length)}`];
    default:
      return administrationCommand(journal, broker);
  }
}

function serverArgs({ add, remove }: Readonly<Record<string, unknown>>): string[] {
  if (typeof add === 'string' && typeof remove === 'string') return ['--replace', `${remove}=${add}`];
  return typeof add === 'string' ? ['--add', add] : typeof remove === 'string' ? ['--remove', remove] : [];
}
