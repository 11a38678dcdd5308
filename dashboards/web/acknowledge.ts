// Renders who acknowledged what needs attention, or the form with which an operator acknowledges it.

import { punctuation } from '../../core/text/punctuation.ts';
import { acknowledgementOf, subjectOf, type AttentionKind } from '../../core/documents/acknowledgement.ts';
import type { ClusterStatus } from '../../core/documents/cluster-status.ts';
import { html, type Content } from '../../core/text/html.ts';
import { choiceField, isolated } from './layout.ts';
import type { Language } from './strings.ts';
import type { View } from './view.ts';
import { mayOperate } from './visitor.ts';

/** Hours until it needs attention again. */
export const acknowledgedHours = [1, 4, 24] as const;

/** Longest note that is accepted. */
const longestNote = 2000;

interface AcknowledgeTexts {
  mark: string;
  by(name: string, until: string): string;
  open: string;
  for: string;
  note: string;
  send: string;
}

const texts: Record<Language, AcknowledgeTexts> = {
  en: {
    mark: 'acknowledged',
    by: (name, until) => `by ${name} until ${until}`,
    open: 'Acknowledge…',
    for: 'For',
    note: 'Note',
    send: 'Acknowledge',
  },
  zh: {
    mark: '已确认',
    by: (name, until) => `${name} 确认，有效至 ${until}`,
    open: '确认…',
    for: '有效期',
    note: '备注',
    send: '确认',
  },
};

interface Attention {
  status: Pick<ClusterStatus, 'cluster' | 'acknowledged'>;
  kind: AttentionKind;
  /** State, consumer group or alert. */
  name: string;
}

const isAcknowledged = ({ status, kind, name }: Attention): boolean =>
  acknowledgementOf(status, subjectOf(kind, name)) !== undefined;

/** Unacknowledged items first, otherwise in their order. */
export const unacknowledgedFirst = <Item extends Attention>(items: readonly Item[]): Item[] =>
  items.toSorted((one, other) => Number(isAcknowledged(one)) - Number(isAcknowledged(other)));

/** Identifies an item when a refresh reorders the list, so that an open form stays with its item. */
export const attentionKey = ({ status, kind, name }: Attention): string => `${status.cluster} ${subjectOf(kind, name)}`;

export function renderAcknowledgement({ status, kind, name }: Attention, view: View): Content {
  const own = texts[view.language];
  const subject = subjectOf(kind, name);
  const known = acknowledgementOf(status, subject);
  if (known !== undefined) {
    return html`<span class="acknowledged"
      ><span class="kind">${own.mark}</span>
      <bdi>${own.by(isolated(known.by), view.numbers.moment(known.until))}</bdi
      >${known.note !== undefined && html`${punctuation[view.language].colon}<bdi>${known.note}</bdi>`}</span
    >`;
  }
  if (!mayOperate(view.visitor)) return undefined;
  const to = view.link(`/clusters/${encodeURIComponent(status.cluster)}`);
  return html`<details class="acknowledge" data-key="acknowledge">
    <summary>${own.open}</summary>
    <form class="filter" method="post" action="${to}">
      <input type="hidden" name="what" value="acknowledged" />
      <input type="hidden" name="subject" value="${subject}" />
      ${choiceField(
        own.for,
        'hours',
        acknowledgedHours.map((hours) => [hours, view.numbers.until(hours * 3600)]),
      )}
      <label
        >${own.note} <input name="note" maxlength="${longestNote}" size="32" dir="auto" autocomplete="off"
      /></label>
      <button>${own.send}</button>
    </form>
  </details>`;
}
