// Renders the acknowledgement of an item that needs attention, or the form to acknowledge it.

import { punctuation } from '../../core/text/punctuation.ts';
import { acknowledgementOf, subjectOf, type AttentionKind } from '../../core/documents/acknowledgement.ts';
import type { ClusterStatus } from '../../core/documents/cluster-status.ts';
import { html, type Content, type Html } from '../../core/text/html.ts';
import { bilingual } from '../../core/text/bilingual.ts';
import { choiceField, isolated } from './layout.ts';
import { mayOperate, type View } from './view.ts';

/** Hours until the item needs attention again. */
const acknowledgedHours = [1, 4, 24] as const;

/** Maximum length of a note. */
export const longestNote = 2000;

const texts = bilingual({
  mark: ['acknowledged', '已确认'],
  by: (name: string, until: string) => [`by ${name} until ${until}`, `${name} 确认，有效至 ${until}`],
  open: ['Acknowledge…', '确认…'],
  for: ['For', '有效期'],
  note: ['Note', '备注'],
  send: ['Acknowledge', '确认'],
});

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

/** Renders the choice of how long an acknowledgement lasts. */
export const hoursField = ({ language, numbers }: View): Html =>
  choiceField(
    texts[language].for,
    'hours',
    acknowledgedHours.map((hours) => [hours, numbers.until(hours * 3600)]),
  );

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
      ${hoursField(view)}
      <label
        >${own.note} <input name="note" maxlength="${longestNote}" size="32" dir="auto" autocomplete="off"
      /></label>
      <button>${own.send}</button>
    </form>
  </details>`;
}
