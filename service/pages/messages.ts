// Serves stored messages of a topic to operators, and an export that is recorded in the history.

import { pluralText } from '../../core/text/quantity-text.ts';
import type { RequestHandler } from 'express';
import { browseTopic, type Browsed } from '../../app/observe/browse-topic.ts';
import { queueName } from '../../brokers/delta/partition-key.ts';
import type { FoundMessage, ReadStart } from '../../brokers/lookup.ts';
import type { DecodedValue } from '../../brokers/schema-registry/value-decoder.ts';
import { type LookupAnswer } from '../../dashboards/web/cluster/lookup-notice.ts';
import { readMessageQuery, type MessageQuery } from '../../dashboards/web/cluster/message-query.ts';
import {
  renderMessagesPage,
  type MessagesContent,
  type ShownMessage,
} from '../../dashboards/web/cluster/messages-page.ts';
import { sendHtml, viewOf, type Site } from '../../dashboards/web/site.ts';
import { maskedFields, searchesMasked } from '../../app/observe/masked-messages.ts';
import { messageRow, shownMessage } from '../clusters/shown-message.ts';
import { readTrace, traceIdOf } from '../clusters/shown-trace.ts';
import { resendCommand } from '../clusters/resend-command.ts';
import { isAllowed } from '../../exporter/name-filter.ts';
import { mapAnswer, type Lookups } from '../clusters/lookups.ts';
import type { ServedCluster, ServiceParts } from '../parts.ts';
import { requestedTopic, filterOf, maskable, type RequestedTopic } from './requested-topic.ts';
import { isAtLeast } from '../../core/roles.ts';
import { sendMissing } from './served-page.ts';
import { defined } from '../../core/defined.ts';

type MessageParts = Pick<ServiceParts, 'clusters' | 'access' | 'config' | 'history'> & { lookups: Lookups };

const mostRows = 50;
const mostRead = 5000;
const mostExported = 1000;
/** A choice of more partitions is unusable. */
const mostPartitions = 200;

export function createMessagesPage({ clusters, access, config, lookups }: MessageParts, site: Site): RequestHandler {
  return async (request, response) => {
    const view = viewOf(request, site);
    const requested = requestedTopic(request, clusters);
    if (requested === undefined) return sendMissing(response, view);
    const { served, topic, places } = requested;
    const query = readMessageQuery(view.query, view.timeZone);
    const masked = maskedFields(maskable(requested), config.messages.mask);
    const about = {
      cluster: served.name,
      topic,
      query,
      partitions: places.slice(0, mostPartitions).map(queueName),
      mostExported,
    };
    if (!isAtLeast(access.userOf(request).role, 'operator')) {
      const page = renderMessagesPage({ ...about, answer: { kind: 'not-allowed' } }, view);
      return sendHtml(response, 403, page, 'no-store');
    }
    const answer = await browsed(requested, query, { most: mostRows, masked, lookups });
    const withRows = (value: Browsed) => ({ ...value, rows: value.messages.map((each) => messageRow(each, masked)) });
    const shownAnswer = answer.kind === 'incomplete' ? answer : mapAnswer(answer, withRows);
    const found = await shownOf(requested, query, masked, lookups);
    const rows = answer.kind === 'answered' ? answer.value.messages : [];
    const shownRows = rows.map((message) => ({ partition: queueName(message), offset: message.offset }));
    // The command would refuse an incomplete or forbidden search, too, or match all messages.
    const isSearched = answer.kind !== 'incomplete' || query.show !== undefined;
    const resend = isSearched ? resendCommand({ served, topic, query, rows: shownRows }) : undefined;
    const page = { ...about, answer: shownAnswer, ...found, ...defined({ resend }) };
    sendHtml(response, 200, renderMessagesPage(page, view), 'no-store');
  };
}

/** One line of JSON per message. */
export function createMessagesExport(
  { clusters, access, config, lookups, history }: MessageParts,
  site: Site,
): RequestHandler {
  return async (request, response) => {
    const view = viewOf(request, site);
    const requested = requestedTopic(request, clusters);
    if (requested === undefined) return sendMissing(response, view);
    const { served, topic } = requested;
    const query = readMessageQuery(new URLSearchParams(request.body as Record<string, string>), view.timeZone);
    const masked = maskedFields(maskable(requested), config.messages.mask);
    const answer = whole(await browsed(requested, query, { most: mostExported, masked, lookups }));
    if (answer.kind !== 'answered') {
      const content = { cluster: served.name, topic, query, partitions: [], mostExported, answer };
      return sendHtml(response, 400, renderMessagesPage(content, view), 'no-store');
    }
    const { messages } = answer.value;
    // Messages leave the cluster only after the export is on record.
    history.append(
      {
        kind: 'change',
        cluster: served.name,
        document: { what: 'messages-exported', after: `${pluralText(messages.length, 'message')} of topic ${topic}` },
      },
      { name: access.userOf(request).name, through: 'page' },
    );
    const lines: string[] = [];
    for (const message of messages) {
      const shown = shownMessage(message, masked, await decodedOf(served, message));
      lines.push(`${JSON.stringify(exported(shown))}\n`);
    }
    response
      .attachment(`${topic.replaceAll(/[^A-Za-z0-9._-]/g, '_')}.ndjson`)
      .set('Cache-Control', 'no-store')
      .type('application/x-ndjson')
      .send(lines.join(''));
  };
}

/** Headers are a list, because Kafka headers may repeat a name. */
function exported({ offset, value, headers, ...row }: ShownMessage): object {
  return { ...row, offset: String(offset), headers: headers.map(([name, text]) => ({ name, value: text })), ...value };
}

/** Rejects partial answers, because a file does not show which partitions are missing. */
function whole(answer: Answer): Answer {
  if (answer.kind !== 'answered' || answer.value.notices.length === 0) return answer;
  return { kind: 'unanswered', reason: answer.value.notices.join('; ') };
}

type Answer = Extract<MessagesContent['answer'], { kind: 'incomplete' }> | LookupAnswer<Browsed>;

async function browsed(
  { served, topic, places }: RequestedTopic,
  query: MessageQuery,
  { most, masked, lookups }: { most: number; masked: readonly string[] | undefined; lookups: Lookups },
): Promise<Answer> {
  if (query.from === 'time' && query.atMs === undefined) return { kind: 'incomplete', why: 'time' };
  const filter = filterOf(query);
  if (masked !== undefined && searchesMasked(filter, masked)) return { kind: 'incomplete', why: 'masked' };
  const partition = places.find((place) => queueName(place) === query.partition);
  const request = { topic, from: startOf(query), filter, most, mostRead: Math.max(most, mostRead) };
  return lookups.askOnce(served, (lookup, io) =>
    browseTopic(lookup, { ...request, ...(partition && { partition }) }, io),
  );
}

function startOf({ from, atMs = 0, offset }: MessageQuery): ReadStart {
  if (from === 'time') return { kind: 'time', atMs };
  return from === 'offset' ? { kind: 'offset', offset } : { kind: 'newest' };
}

async function shownOf(
  { served, topic, places }: RequestedTopic,
  { show }: MessageQuery,
  masked: readonly string[] | undefined,
  lookups: Lookups,
): Promise<Pick<MessagesContent, 'shown' | 'trace'>> {
  const place = show && places.find((each) => queueName(each) === show.partition);
  if (show === undefined || place === undefined) return {};
  const { partition, brokerName } = place;
  const question = { kind: 'offset' as const, topic, partition, offset: show.offset, ...defined({ brokerName }) };
  const answer = await lookups.askOnce(served, (lookup, io) => lookup.messages(question, io));
  if (answer.kind !== 'answered') return { shown: answer };
  if (answer.value.kind === 'not-there') return { shown: { kind: 'unanswered', reason: answer.value.reason } };
  const [message] = answer.value.messages;
  if (message === undefined) return {};
  const id = traceIdOf(message);
  const trace = id === undefined ? undefined : await lookups.askOnce(served, (lookup, io) => readTrace(lookup, id, io));
  const decoded = await decodedOf(served, message);
  const shown = { kind: 'answered' as const, at: answer.at, value: shownMessage(message, masked, decoded) };
  return { shown, ...(trace && { trace: shownOnly(trace, served.shown) }) };
}

/** Hides groups that the config hides. */
function shownOnly(trace: NonNullable<MessagesContent['trace']>, { groups }: ServedCluster['shown']): typeof trace {
  if (trace.kind === 'unanswered' || trace.value === undefined) return trace;
  const { sent, ...value } = trace.value;
  const consumptions = value.consumptions.filter(({ group }) => isAllowed(group, groups));
  const shownSend = sent && { ...sent, group: isAllowed(sent.group, groups) ? sent.group : '–' };
  return { ...trace, value: { ...value, consumptions, ...(shownSend && { sent: shownSend }) } };
}

const decodeMs = 5000;

const decodedOf = async ({ decoder }: ServedCluster, { value }: FoundMessage): Promise<DecodedValue | undefined> =>
  decoder?.decode(value, { signal: AbortSignal.timeout(decodeMs) });
