// Renders the load test page of a cluster: progress, permission, and the form with its plan to confirm.

import { html, type Content, type Html } from '../../../core/text/html.ts';
import { ifKnown } from '../../../core/text/quantity-text.ts';
import { clusterPath, renderCrumbs, renderClusterPages } from '../cluster/cluster-frame.ts';
import { type Fact, renderFactList } from '../tables.ts';
import { named, prose, renderPage } from '../layout.ts';
import { mayOperate, type View } from '../view.ts';
import { loadText, renderElsewhere, renderLoadTest } from './load-test-progress.ts';
import { loadTestLanguages } from './load-test-texts.ts';
import type { LoadTestContent, LoadTestForm, PlannedLoad, ShownPermission, UnreadableForm } from './load-test-view.ts';

const fieldNames = ['rates', 'stepDuration', 'messageSize', 'groups'] as const;
/** Maximum length of a field. */
const longestRates = 400;
const longestQuantity = 24;

export function renderLoadTestPage(content: LoadTestContent, view: View): string {
  const texts = loadTestLanguages[view.language];
  const { cluster, permission, test, elsewhere, refusal } = content;
  return renderPage(
    view,
    `${texts.title} · ${cluster}`,
    html`${renderCrumbs(cluster, view)}
      <h1>${texts.title} ${named(cluster)}</h1>
      ${renderClusterPages(cluster, 'load-test', view)}
      <p class="quiet">${texts.explained}</p>
      ${refusal !== undefined && html`<p class="verdict bad" role="alert"><bdi lang="en">${refusal}</bdi></p>`}
      ${renderLoadTest(test, view)} ${elsewhere && renderElsewhere(elsewhere, view)}
      ${permission === undefined ? html`<p>${prose(texts.notPermitted)}</p>` : renderPermission(permission, view)}
      ${permission !== undefined && renderChoice(content, view)}`,
  );
}

function renderPermission({ approver, maxTps, maxNicShare, topicPrefix, window }: ShownPermission, view: View): Html {
  const texts = loadTestLanguages[view.language];
  const { numbers, strings } = view;
  const facts: Fact[] = [
    [texts.approver, html`<bdi>${approver}</bdi>`],
    [texts.most, `${numbers.rate(maxTps)} ${strings.perSecond}`],
    [texts.mostNic, numbers.percent(maxNicShare)],
    [texts.names, html`<code>${topicPrefix}*</code>`],
    [texts.window, window === undefined ? texts.always : windowText(window, view)],
  ];
  return html`<h2>${texts.permission}</h2>
    ${renderFactList(facts)}`;
}

/** The zone of the window is that of its owner, not of the page. */
function windowText({ from, to, timeZone, isOpen }: NonNullable<ShownPermission['window']>, view: View): string {
  const texts = loadTestLanguages[view.language];
  return `${from}–${to} ${timeZone}${view.strings.aside(isOpen ? texts.open : texts.closed)}`;
}

/** Renders the form, but not while a load test runs, because its plan would soon be outdated. */
function renderChoice(content: LoadTestContent, view: View): Content {
  const texts = loadTestLanguages[view.language];
  const { test, elsewhere, form, planned, cluster } = content;
  if (!mayOperate(view.visitor)) return html`<p class="quiet">${texts.operatorsOnly}</p>`;
  if (elsewhere !== undefined || (test !== undefined && test.end === undefined)) return undefined;
  return html`<h2>${texts.plan}</h2>
    ${renderForm(form, view)} ${planned && renderPlanned(planned, { cluster, form }, view)}`;
}

function renderForm(form: LoadTestForm, { language, prefix, path, chosen }: View): Html {
  const texts = loadTestLanguages[language];
  return html`<form class="filter" method="get" action="${prefix}${path}#plan">
    ${Object.entries(chosen).map(([name, value]) => value !== undefined && html`<input type="hidden" name="${name}" value="${value}" />`)}
    ${fieldNames.map(
      (name) =>
        html`<label
          >${texts.fields[name]}
          <input
            name="${name}"
            value="${form[name]}"
            required
            autocomplete="off"
            maxlength="${name === 'rates' ? longestRates : longestQuantity}"
            size="${name === 'rates' ? 28 : 8}"
            placeholder="${texts.hints[name]}"
        /></label>`,
    )}
    <button>${texts.check}</button>
  </form>`;
}

function renderPlanned(
  planned: PlannedLoad | UnreadableForm,
  { cluster, form }: Pick<LoadTestContent, 'cluster' | 'form'>,
  view: View,
): Html {
  const texts = loadTestLanguages[view.language];
  const { numbers } = view;
  if (planned.kind === 'unreadable') {
    return html`<section class="card full" id="plan" aria-label="${texts.refused}">
      <h2>${texts.refused}</h2>
      ${planned.wrong.map(({ field, value }) => html`<p>${wrongFieldText(field, value, texts)}</p>`)}
    </section>`;
  }
  if (planned.kind === 'refused') {
    return html`<section class="card full" id="plan" aria-label="${texts.refused}">
      <h2>${texts.refused}</h2>
      <p><bdi lang="en">${planned.reason}</bdi></p>
      ${planned.hint !== undefined && html`<p class="quiet"><bdi lang="en">${planned.hint}</bdi></p>`}
    </section>`;
  }
  const { load, durationSeconds, messages, payloadBytes } = planned;
  const facts: Fact[] = [
    [texts.load, loadText(load, view)],
    [view.strings.duration, numbers.until(durationSeconds)],
    [texts.messages, ifKnown(messages, numbers.plain)],
    [texts.payload, ifKnown(payloadBytes, numbers.bytes)],
  ];
  return html`<section class="card" id="plan" aria-label="${texts.confirm}">
    <h2>${texts.confirm}</h2>
    ${renderFactList(facts)}
    <p class="quiet">${texts.checkedAtStart}</p>
    <form class="filter" method="post" action="${view.link(clusterPath(cluster, 'load-test'))}">
      <input type="hidden" name="what" value="load-test-started" />
      ${fieldNames.map((name) => html`<input type="hidden" name="${name}" value="${form[name]}" />`)}
      <button>${texts.start(cluster)}</button>
    </form>
  </section>`;
}

function wrongFieldText(
  field: keyof LoadTestForm,
  value: string,
  { fields, hints, notNumber, invalid }: (typeof loadTestLanguages)['en'],
): string {
  const isNumeric = field === 'rates' || field === 'groups';
  return isNumeric && Number.isNaN(Number(value))
    ? notNumber(fields[field], value)
    : invalid(fields[field], value, hints[field]);
}
