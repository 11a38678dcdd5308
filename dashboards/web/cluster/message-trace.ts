// Renders what clients traced about one message: who sent it, and which groups consumed it with what outcome.

import { html, type Content } from '../../../core/text/html.ts';
import { renderFactList, type Fact } from '../facts.ts';
import { named } from '../layout.ts';
import { renderTableAlone } from '../tables.ts';
import type { View } from '../view.ts';
import { clusterLanguages } from './cluster-texts.ts';
import { exactTime } from './exact-time.ts';
import { renderLookup, type LookupAnswer } from './lookup-notice.ts';
import { messagesLanguages } from './messages-texts.ts';

/** No key, tag or property of the message is in it. */
export interface ShownTrace {
  sent?: { at: string; client?: string; group: string; storedBy: string; seconds: number; isSuccess: boolean };
  consumptions: readonly ShownConsumption[];
  transactions: readonly { at: string; state: string }[];
  /** As many traces came as an index returns. */
  isCut: boolean;
}

interface ShownConsumption {
  group: string;
  client?: string;
  beganAt?: string;
  retries?: number;
  /** Absent until it ended, or where that was not traced. */
  seconds?: number;
  outcome?: string;
}

/** @param trace undefined in the answer where no client traced the message */
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
    ...(sent === undefined
      ? []
      : ([
          [texts.sentAt(view.timeZone), exactTime(sent.at, view)],
          [texts.sentBy, `${sent.client ?? '–'} (${sent.group})`],
          [texts.storedBy, sent.storedBy],
          [texts.sendTook, view.numbers.seconds(sent.seconds)],
          [texts.result, sent.isSuccess ? texts.success : texts.failed],
        ] as const)),
    ...transactions.map(({ at, state }) => [texts.transaction, `${state} ${exactTime(at, view)}`] as const),
  ];
  return html`${sent === undefined && html`<p class="quiet">${texts.sendNotTraced}</p>`} ${renderFactList(facts)}
  ${consumptions.length === 0 ? html`<p class="quiet">${texts.notConsumed}</p>` : renderConsumptions(consumptions, view)}
  ${isCut && html`<p class="quiet">${texts.traceCut}</p>`}`;
}

function renderConsumptions(consumptions: readonly ShownConsumption[], view: View): Content {
  const texts = messagesLanguages[view.language];
  return renderTableAlone<ShownConsumption>(texts.trace, consumptions, [
    { title: view.strings.pages.cluster.group, text: true, cell: ({ group }) => named(group) },
    { title: clusterLanguages[view.language].client, text: true, cell: ({ client }) => named(client ?? '–') },
    {
      title: texts.began(view.timeZone),
      text: true,
      cell: ({ beganAt }) =>
        beganAt === undefined ? '–' : html`<span class="moment">${exactTime(beganAt, view)}</span>`,
    },
    {
      title: texts.took,
      cell: ({ seconds }) => (seconds === undefined ? '–' : view.numbers.seconds(seconds)),
    },
    { title: texts.retries, cell: ({ retries }) => (retries === undefined ? '–' : view.numbers.plain(retries)) },
    { title: texts.result, text: true, cell: ({ outcome }) => html`<bdi>${outcome ?? texts.notEnded}</bdi>` },
  ]);
}
