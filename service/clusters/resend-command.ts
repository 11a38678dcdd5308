// Builds the command that plans to resend the shown messages of a dead-letter topic.

import type { MessageQuery } from '../../dashboards/web/cluster/message-query.ts';
import type { MessageRow } from '../../dashboards/web/cluster/message-rows.ts';
import type { ByKind } from '../../core/broker-kind/registry.ts';
import { quotedWord } from '../../core/text/quoted-word.ts';
import { isDeadLetterTopic } from '../../ops/resend/dead-letter.ts';
import type { ServedCluster } from '../parts.ts';

const commands: ByKind<string> = { kafka: 'plimsoll ops kafka resend', rocketmq: 'plimsoll ops rocketmq resend' };

interface Shown {
  served: Pick<ServedCluster, 'name' | 'broker' | 'deadLetterTopics'>;
  topic: string;
  query: MessageQuery;
  rows: readonly Pick<MessageRow, 'partition' | 'offset'>[];
}

/** @returns undefined if the topic is not a dead-letter topic */
export function resendCommand({ served, topic, query, rows }: Shown): string | undefined {
  if (!isDeadLetterTopic(served.broker, topic, served.deadLetterTopics)) return undefined;
  const { show, from, atMs, partition, key, header, text } = query;
  // The command has no options for these filters, so each message is listed.
  const isByPlace = show !== undefined || from === 'offset' || partition !== '';
  const places = show === undefined ? rows : [show];
  const options: readonly (readonly [name: string, value: string])[] = isByPlace
    ? places.map((each) => ['message', `${each.partition}@${each.offset}`])
    : [
        ...(from === 'time' && atMs !== undefined ? [['since', new Date(atMs).toISOString()] as const] : []),
        ...(key === '' ? [] : [['key', key] as const]),
        ...(header === '' ? [] : [['header', header] as const]),
        ...(text === '' ? [] : [['contains', text] as const]),
      ];
  if (isByPlace && places.length === 0) return undefined;
  const named = [['cluster', served.name], ['topic', topic], ...options] as const;
  return [commands[served.broker], ...named.map(([name, value]) => optionText(name, value))].join(' ');
}

/** `--name=value`, because a value that starts with a dash would be parsed as an option. */
const optionText = (name: string, value: string): string =>
  value.startsWith('-') ? quotedWord(`--${name}=${value}`) : `--${name} ${quotedWord(value)}`;
