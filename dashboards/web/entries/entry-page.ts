// Renders one entry of the history: a verdict like its run page, other kinds as rows.

import { type Content, html, type Html } from '../../../core/text/html.ts';
import type { Change, HistoryEntry } from '../../../core/documents/history-entry.ts';
import { renderFindings } from '../findings.ts';
import { clusterLink, named, renderPage } from '../layout.ts';
import { renderForecast } from '../line-charts.ts';
import { gradedText } from '../calibration.ts';
import { planTitle } from '../plans/plan-view.ts';
import { renderAnalysis } from '../run-page.ts';
import { limitName } from '../sizing/sized-cluster.ts';
import { readingsLanguages } from '../readings/readings-texts.ts';
import { severityText } from '../readings/readings-view.ts';
import { numberColumn, renderTable, renderTableAlone, textColumn } from '../tables.ts';
import type { Strings, View } from '../view.ts';
import { partsOf } from '../../../core/documents/acknowledgement.ts';
import { clusterStates } from '../../../core/documents/cluster-status.ts';
import { unitText } from '../../../core/text/quantity-text.ts';
import { scopeText } from '../../../core/text/scope-text.ts';
import { planLanguages } from '../plans/plan-texts.ts';
import { limitText, safeMaxText } from '../status-text.ts';
import { bindingLimit } from '../../../core/documents/safe-tps.ts';

export function renderEntryPage(entry: HistoryEntry, view: View): string {
  const { strings, link, numbers, prefix } = view;
  const texts = strings.pages.entries;
  const { cluster, evidence } = entry;
  const { body, scripts = [] } = renderDocument(entry, view);
  return renderPage(
    view,
    texts.entry(numbers.plain(entry.id)),
    html`<nav>
        <a href="${link('/ledger')}">${strings.pages.sections.ledger}</a>
        ${cluster !== undefined && html`› ${clusterLink(cluster, view)}`}
      </nav>
      <h1>${texts.entry(numbers.plain(entry.id))}${strings.colon}${texts.kinds[entry.kind]}</h1>
      ${renderEntries(strings.pages.sections.ledger, [entry], view)}
      ${evidence !== undefined && html`<p class="quiet">${strings.evidence}${strings.colon}<bdi>${evidence}</bdi></p>`}
      ${body}
      <p class="quiet"><a href="${prefix}/api/v1/ledger/${entry.id}">${texts.asJson}</a></p>`,
    scripts,
  );
}

function renderDocument(entry: HistoryEntry, view: View): { body?: Html; scripts?: readonly string[] } {
  const { strings, numbers, language } = view;
  const { cluster: texts, entries } = strings.pages;
  const table = <Row>(title: string, rows: readonly Row[], columns: Parameters<typeof renderTable<Row>>[3]) => ({
    body: renderTable('document', title, rows, columns),
  });
  switch (entry.kind) {
    case 'verdict':
    case 'test':
      return renderAnalysis(entry.document, view);
    case 'forecast': {
      const { section, scripts } = renderForecast(texts.forecast, { points: entry.document.points }, view);
      return {
        body: html`<h2>${texts.forecast}</h2>
          ${section}`,
        scripts,
      };
    }
    case 'plan': {
      const { name, resources, findings, partOf } = entry.document;
      const { body } = table(name, resources, [
        textColumn(
          strings.resource,
          ({ resource, unit }) => limitName(resource, view) + strings.aside(unitText(unit, language)),
        ),
        numberColumn(texts.atPeak, ({ atPeak }) => numbers.plain(atPeak)),
        numberColumn(texts.afterLoss, ({ afterLoss }) => numbers.plain(afterLoss)),
        numberColumn(strings.policyLimit, ({ safe }) => numbers.plain(safe)),
        numberColumn(strings.capacity, ({ full }) => numbers.plain(full)),
      ]);
      return { body: html`${renderFindings([...findings, ...(partOf?.findings ?? [])], view)} ${body}` };
    }
    case 'operation':
      return {
        body: html`<p>
          <a href="${view.link(`/plans/${entry.id}`)}">${planTitle(entry, language)}</a>
        </p>`,
      };
    case 'report':
      return table(entry.document.promotion.name, entry.document.verdicts, [
        textColumn(strings.pages.domains, ({ domain }) => named(domain)),
        textColumn(entries.summary, ({ decision }) => entries.decisions[decision]),
        numberColumn(strings.pages.headroom, ({ headroom }) =>
          headroom === undefined ? strings.unknown : numbers.percent(headroom),
        ),
      ]);
    case 'grade':
    case 'change':
    case 'alert':
      return {};
  }
}

export function renderEntries(title: string, entries: readonly HistoryEntry[], view: View): Html {
  const { strings, numbers, link } = view;
  const texts = strings.pages.entries;
  const table = renderTableAlone(title, entries, [
    textColumn(
      texts.at,
      ({ id, at }) => html`<a class="moment" href="${link(`/ledger/${id}`)}">${numbers.moment(at)}</a>`,
    ),
    textColumn(texts.kind, ({ kind }) => texts.kinds[kind]),
    textColumn(texts.of, (entry) => ofWhat(entry, strings)),
    textColumn(
      texts.summary,
      (entry) =>
        html`${summaryOf(entry, view)}${entry.why !== undefined && html` <span class="quiet"><bdi>${entry.why}</bdi></span>`}`,
    ),
    textColumn(texts.by, ({ by }) => html`${named(by.name)} <span class="quiet">${texts.ways[by.through]}</span>`),
  ]);
  return html`<div class="entries">${table}</div>`;
}

function ofWhat({ cluster, domain }: HistoryEntry, { pages, colon }: Strings): Content {
  if (cluster === undefined && domain === undefined) return '–';
  return html`${cluster !== undefined && named(cluster)}${domain !== undefined && html` <span class="quiet">${pages.domains}${colon}${named(domain)}</span>`}`;
}

export function summaryOf(entry: HistoryEntry, view: View): Content {
  const { strings, numbers, language } = view;
  const texts = strings.pages.entries;
  switch (entry.kind) {
    case 'verdict':
    case 'test': {
      const { safeMaxTps: safe } = entry.document;
      const limit = bindingLimit(entry.document);
      const scope = scopeText(entry.document, language);
      return html`${strings.safeMax}${safe.kind === 'unknown' && strings.colon}
      ${safeMaxText(entry.document, view, strings.perSecond)} ${limit && limitText(limit, strings)}
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
      const { predicted, actual, held } = entry.document;
      return texts.graded(gradedText(entry.document, view), numbers.rate(predicted.value), numbers.rate(actual), held);
    }
    case 'change':
      return changeText(entry.document, view);
    case 'alert': {
      const { name, severity, summary, summaryZh, startsAt, endsAt } = entry.document;
      const state =
        endsAt === undefined ? texts.alertFires : texts.alertResolved(numbers.until(spanOf(startsAt, endsAt)));
      return html`<strong>${named(name)}</strong>
        ${state}${severity !== undefined && html` <span class="kind">${readingsLanguages[language].severity}${strings.colon}<bdi>${severityText(severity, strings)}</bdi></span>`}
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
