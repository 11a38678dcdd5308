// Renders entries of the history as table rows.

import { html, type Content, type Html } from '../../../core/text/html.ts';
import { partsOf } from '../../../core/documents/acknowledgement.ts';
import { clusterStates } from '../../../core/documents/cluster-status.ts';
import type { Change, HistoryEntry } from '../../../core/documents/history-entry.ts';
import { scopeText } from '../../../core/text/scope-text.ts';
import { named } from '../layout.ts';
import { planLanguages } from '../plans/plan-texts.ts';
import { planTitle } from '../plans/plan-title.ts';
import { limitText, safeMaxText } from '../status-text.ts';
import type { Strings, View } from '../view.ts';

export function renderEntryRows(entries: readonly HistoryEntry[], view: View): Html {
  const { strings, numbers, link } = view;
  const texts = strings.pages.entries;
  return html`<table class="entries">
    <thead>
      <tr>
        <th scope="col">${texts.at}</th>
        <th scope="col">${texts.kind}</th>
        <th scope="col">${texts.of}</th>
        <th scope="col">${texts.summary}</th>
        <th scope="col">${texts.by}</th>
      </tr>
    </thead>
    <tbody>
      ${entries.map(
        (entry) =>
          html`<tr>
            <th scope="row"><a class="moment" href="${link(`/ledger/${entry.id}`)}">${numbers.moment(entry.at)}</a></th>
            <td>${texts.kinds[entry.kind]}</td>
            <td>${ofWhat(entry)}</td>
            <td>
              ${summaryOf(entry, view)}${entry.why !== undefined && html` <span class="quiet"><bdi>${entry.why}</bdi></span>`}
            </td>
            <td>${named(entry.by.name)} <span class="quiet">${texts.ways[entry.by.through]}</span></td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function ofWhat({ cluster, domain }: HistoryEntry): Content {
  if (cluster === undefined && domain === undefined) return '–';
  return html`${cluster !== undefined && named(cluster)}${domain !== undefined && html` <span class="quiet">${named(domain)}</span>`}`;
}

export function summaryOf(entry: HistoryEntry, view: View): Content {
  const { strings, numbers, language } = view;
  const texts = strings.pages.entries;
  switch (entry.kind) {
    case 'verdict':
    case 'test': {
      const { safeMaxTps: safe } = entry.document;
      const scope = scopeText(entry.document, language);
      return html`${strings.safeMax}${safe.kind === 'unknown' && strings.colon}
      ${safeMaxText(entry.document, view, strings.perSecond)}
      ${'limitedBy' in safe && limitText(safe.limitedBy, strings)}
      ${scope !== undefined && html`<span class="quiet"><bdi>${scope}</bdi></span>`}`;
    }
    case 'forecast': {
      const { peak } = entry.document;
      return texts.peak(numbers.rate(peak.tps), numbers.moment(peak.at));
    }
    case 'plan':
      return html`${named(entry.document.name)}${strings.colon}${strings.pages.fleet.brokers(numbers.plain(entry.document.brokers.length))}`;
    case 'operation':
      return html`${planTitle(entry, language)}${strings.colon}${planLanguages[language].states[entry.document.state]}`;
    case 'report':
      return html`<bdi>${entry.document.promotion.name}</bdi>`;
    case 'grade': {
      const { predicted, actual, held, event } = entry.document;
      return texts.graded(texts.events[event], numbers.plain(predicted.value), numbers.plain(actual), held);
    }
    case 'change':
      return changeText(entry.document, view);
    case 'alert': {
      const { name, severity, summary, summaryZh, startsAt, endsAt } = entry.document;
      const state =
        endsAt === undefined ? texts.alertFires : texts.alertResolved(numbers.until(spanOf(startsAt, endsAt)));
      return html`<strong>${named(name)}</strong>
        ${state}${severity !== undefined && html` <span class="kind"><bdi>${severity}</bdi></span>`}
        <bdi>${(language === 'zh' ? summaryZh : undefined) ?? summary}</bdi>`;
    }
  }
}

const spanOf = (from: string, to: string) => Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000);

function changeText({ what, after, subject, until }: Change, { strings, numbers }: View): Content {
  const texts = strings.pages.entries;
  return html`${texts.changes[what]}${subject !== undefined && html` ${subjectText(subject, strings)}`}${until !== undefined && html` ${texts.until(numbers.moment(until))}`}${after !== undefined && html`${strings.colon}<bdi>${after}</bdi>`}`;
}

/** Returns a state such as `down`, or the name of a group or alert. */
function subjectText(subject: string, { pages }: Strings): Content {
  const { kind, name } = partsOf(subject);
  const state = kind === 'state' ? clusterStates.find((each) => each === name) : undefined;
  return state === undefined ? html`<bdi>${name}</bdi>` : pages.states[state];
}
