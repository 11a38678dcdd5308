// Renders stored messages of a topic: a form for start and filters, a table without values, and one value on request.

import { type Content, html, type Html } from '../../../core/text/html.ts';
import { ifKnown } from '../../../core/text/quantity-text.ts';
import { type Fact, renderFactList } from '../tables.ts';
import { choiceField, keptFields, named } from '../layout.ts';
import type { View } from '../view.ts';
import { clusterLanguages } from './cluster-texts.ts';
import { clusterPath, messagesPath, messageTailPath, renderClusterFrame } from './cluster-frame.ts';
import { exactTime } from './exact-time.ts';
import { type LookupAnswer, renderLookup, renderNotices } from './lookup-notice.ts';
import { renderTrace, type ShownTrace } from './message-trace.ts';
import { type MessageRow, renderMessageRows } from './message-rows.ts';
import { type MessageQuery, messageStarts } from './message-query.ts';
import { messagesLanguages } from './messages-texts.ts';

export interface ShownMessage extends MessageRow {
  value:
    | { kind: 'shown'; text: string; isCut: boolean; schema?: { id: number; type: string } }
    | { kind: 'hidden' }
    | { kind: 'tombstone' };
  /** Why a value with a schema is shown as bytes. */
  notDecoded?: string;
  facts: readonly (readonly [name: string, value: string])[];
}

interface ReadMessages {
  rows: readonly MessageRow[];
  read: number;
  partitions: number;
  isCut: boolean;
  /** Why partitions could not be read. */
  notices: readonly string[];
}

export interface MessagesContent {
  cluster: string;
  topic: string;
  query: MessageQuery;
  partitions: readonly string[];
  answer:
    | { kind: 'not-allowed' }
    /** The query is not complete. */
    | { kind: 'incomplete'; why: 'time' | 'masked' }
    | LookupAnswer<ReadMessages>;
  shown?: LookupAnswer<ShownMessage>;
  /** RocketMQ: trace of the shown message. */
  trace?: LookupAnswer<ShownTrace | undefined>;
  mostExported: number;
  /** For a dead-letter topic: the command that plans to resend the shown messages. */
  resend?: string;
}

export function renderMessagesPage(content: MessagesContent, view: View): string {
  const { cluster, topic, answer } = content;
  const texts = messagesLanguages[view.language];
  return renderClusterFrame(
    { cluster, page: 'topics', title: texts.title, of: topic },
    answer.kind === 'not-allowed'
      ? html`<p class="verdict invalid">${texts.operatorsOnly}</p>`
      : html`<p class="quiet">
            <a href="${view.link(clusterPath(cluster, 'topics', topic))}">${named(topic)}</a> · ${texts.notStored}
          </p>
          ${renderForm(content, view)} ${renderShown(content, view)} ${renderResend(content, view)}
          ${renderAnswer(content, answer, view)}`,
    view,
    content.query.isLive ? ['tail.js'] : [],
  );
}

function renderForm({ query, partitions }: MessagesContent, view: View): Html {
  const texts = messagesLanguages[view.language];
  const field = (name: 'key' | 'header' | 'text', label: string, hint = '') =>
    html`<label
      >${label}
      <input type="search" name="${name}" value="${query[name]}" placeholder="${hint}" maxlength="249" dir="auto"
    /></label>`;
  return html`<form
    class="filter"
    method="get"
    action="${view.prefix}${view.path}"
    role="search"
    aria-label="${texts.title}"
  >
    ${keptFields(view.query, ['from', 'at', 'offset', 'partition', 'key', 'header', 'text', 'show'])}
    ${choiceField(
      texts.from,
      'from',
      messageStarts.map((start) => [start, texts.starts[start]]),
      query.from,
    )}
    <label>${texts.time(view.timeZone)} <input type="datetime-local" name="at" value="${query.at}" /></label>
    <label
      >${texts.offset}
      <input
        name="offset"
        inputmode="numeric"
        pattern="[0-9]*"
        maxlength="19"
        value="${query.from === 'offset' ? String(query.offset) : ''}"
    /></label>
    ${choiceField(
      clusterLanguages[view.language].partition,
      'partition',
      [['', view.strings.pages.all], ...partitions.map((partition) => [partition, partition] as const)],
      query.partition,
    )}
    ${field('key', texts.key)} ${field('header', texts.header, texts.headerHint)} ${field('text', texts.text)}
    <button>${view.strings.pages.apply}</button>
    ${renderTailLink(query, view)}
  </form>`;
}

function renderAnswer(
  content: MessagesContent,
  answer: Exclude<MessagesContent['answer'], { kind: 'not-allowed' }>,
  view: View,
): Content {
  if (answer.kind === 'incomplete') {
    const texts = messagesLanguages[view.language];
    return html`<p class="verdict invalid">${answer.why === 'time' ? texts.timeMissing : texts.searchesMasked}</p>`;
  }
  const list = answer.kind === 'unanswered' ? renderLookup(answer, view) : renderList(answer.value, view);
  const exported = answer.kind === 'answered' && answer.value.rows.length > 0 && renderExport(content, view);
  if (content.query.isLive) return html`${renderTail(content, list, view)} ${exported}`;
  // Only the newest messages are refreshed; a list that starts elsewhere does not change.
  const isRefreshed = content.query.from === 'newest' && content.query.show === undefined;
  const shown = html`${list} ${exported}`;
  if (!isRefreshed) return shown;
  const isUnanswered = answer.kind === 'unanswered';
  return html`<div data-live="messages-trouble">${isUnanswered && list}</div>
    <div data-live="messages" ${isUnanswered && html`data-unanswered`}>${!isUnanswered && shown}</div>`;
}

function renderList({ rows, read, partitions, isCut, notices }: ReadMessages, view: View): Html {
  const texts = messagesLanguages[view.language];
  const { plain } = view.numbers;
  return html`<p class="quiet">
      ${texts.read(plain(rows.length), plain(read), plain(partitions))} ${isCut && texts.isCut}
    </p>
    ${renderNotices(notices, view)}
    ${rows.length === 0 ? html`<p>${texts.none}</p>` : renderMessageRows(rows, (show) => view.here({ show, live: undefined }), view)}`;
}

function renderShown({ shown, trace }: MessagesContent, view: View): Content {
  if (shown === undefined) return undefined;
  const texts = messagesLanguages[view.language];
  if (shown.kind === 'unanswered') return renderLookup(shown, view);
  const { partition, offset, keys, headers, facts, storedAt, valueBytes, value, notDecoded } = shown.value;
  const schema = value.kind === 'shown' ? value.schema : undefined;
  const rows: Fact[] = [
    [texts.storedAtIn(view.timeZone), storedAt && exactTime(storedAt, view)],
    [texts.key, keys.length === 0 ? undefined : keys.join(' ')],
    [texts.size, ifKnown(valueBytes, view.numbers.bytes)],
    [texts.schema, schema && `${schema.type} ${schema.id}`],
    ...headers,
  ];
  return html`<section id="message" class="card">
    <h2>${texts.message(`${partition} @ ${offset}`)}</h2>
    ${renderFactList(rows)} ${notDecoded !== undefined && html`<p class="quiet">${texts.notDecoded(notDecoded)}</p>`}
    ${
      value.kind === 'shown'
        ? html`<pre class="message-value" tabindex="0"><bdi>${value.text}</bdi></pre>
            ${value.isCut && html`<p class="quiet">${texts.cut(view.numbers.bytes(value.text.length))}</p>`}`
        : html`<p class="quiet">${texts[value.kind]}</p>`
    }
    <details>
      <summary>${texts.details}</summary>
      ${renderFactList(facts)}
    </details>
    ${renderTrace(trace, view)}
  </section>`;
}

function renderResend({ resend, shown }: MessagesContent, view: View): Content {
  if (resend === undefined) return undefined;
  const texts = messagesLanguages[view.language];
  return html`<details>
    <summary>${texts.resend}</summary>
    <p class="quiet">${shown === undefined ? texts.resendMatching : texts.resendOne}</p>
    <pre tabindex="0"><bdi>${resend}</bdi></pre>
  </details>`;
}

function renderExport({ cluster, topic, mostExported }: MessagesContent, view: View): Html {
  const texts = messagesLanguages[view.language];
  return html`<form method="post" action="${view.link(messagesPath(cluster, topic))}">
    ${keptFields(view.query, ['show'])}
    <button>${texts.exportButton}</button>
    <span class="quiet">${texts.exportExplained(view.numbers.plain(mostExported))}</span>
  </form>`;
}

function renderTailLink({ isLive }: MessageQuery, { here, language }: View): Content {
  const texts = messagesLanguages[language];
  return isLive
    ? html`<a href="${here({ live: undefined })}">${texts.stopTail}</a>`
    : html`<a href="${here({ live: '1', from: undefined, at: undefined, offset: undefined, show: undefined })}"
        >${texts.startTail}</a
      >`;
}

/** @param list the newest messages, which is all content without scripts */
function renderTail(
  { cluster, topic, query }: { cluster: string; topic: string; query: MessageQuery },
  list: Content,
  { link, language }: View,
): Html {
  const texts = messagesLanguages[language];
  const { partition, key, header, text } = query;
  const wanted = Object.fromEntries(
    Object.entries({ partition, key, header, text }).filter(([, value]) => value !== ''),
  );
  return html`<section
    id="tail"
    data-tail="${link(messageTailPath(cluster, topic), wanted)}"
    data-running="${texts.tailing}"
    data-skipped="${texts.tailSkipped}"
    data-unread="${texts.tailUnread}"
    data-ended="${texts.tailEnded}"
    data-failed="${texts.tailFailed}"
    data-lost="${texts.tailLost}"
  >
    <p class="quiet" role="status"></p>
    <noscript><p class="verdict invalid">${texts.tailNeedsScripts}</p></noscript>
    ${list}
  </section>`;
}
