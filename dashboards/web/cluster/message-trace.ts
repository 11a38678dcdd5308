// Renders the client trace of one message: its producer, and which groups consumed it with what outcome.

import { html, type Content } from '../../../core/text/html.ts';
import { ifKnown } from '../../../core/text/quantity-text.ts';
import { type Fact, numberColumn, renderFactList, renderTableAlone, textColumn } from '../tables.ts';
import { named } from '../layout.ts';
import type { View } from '../view.ts';
import { clusterLanguages } from './cluster-texts.ts';
import { exactTime } from './exact-time.ts';
import { renderLookup, type LookupAnswer } from './lookup-notice.ts';
import { messagesLanguages } from './messages-texts.ts';

/** Excludes keys, tags and properties of the message. */
export interface ShownTrace {
  sent?: { at: string; client?: string; group: string; storedBy: string; seconds: number; isSuccess: boolean };
  consumptions: readonly ShownConsumption[];
  transactions: readonly { at: string; state: string }[];
  /** Whether the number of traces reached the limit of an index query. */
  isCut: boolean;
}

interface ShownConsumption {
  group: string;
  client?: string;
  beganAt?: string;
  retries?: number;
  /** Absent until the consumption ended, or if that was not traced. */
  seconds?: number;
  outcome?: string;
}

/** @param trace undefined in the answer if no client traced the message */
export function renderTrace(trace: LookupAnswer<ShownTrace | undefined> | undefined, view: View): Content {
  if (trace === undefined) return undefined;
  const texts = messagesLanguages[view.language];
  return html`<h3 id="trace">${texts.trace}</h3>
    ${trace.kind === 'unanswered' ? renderLookup(trace, view) : renderFound(trace.value, view)}`;
}

function renderFound(trace: ShownTrace | undefined, view: View): Content {
  const texts = messagesLanguages[view.language];
  if (trace === undefined) return html`<p class="quiet">${texts.notTraced}</p>`;
  const { sent, consumptions, transactions, isCut } = trace;
  const facts: Fact[] = [
    [texts.sentAt(view.timeZone), sent && exactTime(sent.at, view)],
    [texts.sentBy, sent && `${sent.client ?? '–'} (${sent.group})`],
    [texts.storedBy, sent?.storedBy],
    [texts.sendTook, sent && view.numbers.seconds(sent.seconds)],
    [view.strings.result, sent && (sent.isSuccess ? texts.success : texts.failed)],
    ...transactions.map(({ at, state }) => [texts.transaction, `${state} ${exactTime(at, view)}`] as const),
  ];
  return html`${sent === undefined && html`<p class="quiet">${texts.sendNotTraced}</p>`} ${renderFactList(facts)}
  ${consumptions.length === 0 ? html`<p class="quiet">${texts.notConsumed}</p>` : renderConsumptions(consumptions, view)}
  ${isCut && html`<p class="quiet">${texts.traceCut}</p>`}`;
}

function renderConsumptions(consumptions: readonly ShownConsumption[], view: View): Content {
  const texts = messagesLanguages[view.language];
  return renderTableAlone<ShownConsumption>(texts.trace, consumptions, [
    textColumn(view.strings.pages.cluster.group, ({ group }) => named(group)),
    textColumn(clusterLanguages[view.language].client, ({ client }) => named(client ?? '–')),
    textColumn(
      texts.began(view.timeZone),
      ({ beganAt }) => beganAt && html`<span class="moment">${exactTime(beganAt, view)}</span>`,
    ),
    numberColumn(texts.took, ({ seconds }) => ifKnown(seconds, view.numbers.seconds)),
    numberColumn(texts.retries, ({ retries }) => ifKnown(retries, view.numbers.plain)),
    textColumn(view.strings.result, ({ outcome }) => html`<bdi>${outcome ?? texts.notEnded}</bdi>`),
  ]);
}
