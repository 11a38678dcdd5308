// Renders one plan: moves, waves, load, notices, rollback and history.

import { type Content, html, type Html } from '../../../core/text/html.ts';
import {
  type OperationStep,
  type RecordedOperation,
  slowestThrottle,
} from '../../../core/documents/recorded-operation.ts';
import { type Fact, renderFactList, renderTable, renderTableAlone, textColumn } from '../tables.ts';
import { renderFindings } from '../findings.ts';
import { clusterLink, commandLine, named, prose, renderPage } from '../layout.ts';
import { linesBlock } from '../line-charts.ts';
import type { View } from '../view.ts';
import { roundedDurationText } from '../../../core/text/duration-text.ts';
import { ifKnown } from '../../../core/text/quantity-text.ts';
import { quotedWord } from '../../../core/text/quoted-word.ts';
import { isWhole } from './kafka-assignment.ts';
import { loadLines, renderLoad } from './load-course.ts';
import { plainTitle, type PlanContent, type PlanEntry, planTitle } from './plan-view.ts';
import { planLanguages, type PlanTexts } from './plan-texts.ts';
import { stateText } from './plans-page.ts';
import { planModeNames } from '../sizing/sizing-texts.ts';
import { renderWaves } from './waves-timeline.ts';
import { traitsOf } from '../../../core/broker-kind/registry.ts';
import { survivedText } from '../../../core/documents/reasons/reserve-reasons.ts';
import type { ClusterPlan } from '../../../core/documents/cluster-plan.ts';

export function renderPlanPage(content: PlanContent, view: View): string {
  const { entry, state } = content;
  const { language, link } = view;
  const texts = planLanguages[language];
  const { cluster } = entry;
  const load = entry.kind === 'operation' ? loadLines(entry.document, content.networkLimit, view) : undefined;
  return renderPage(
    view,
    plainTitle(entry, language),
    html`<nav>
        <a href="${link('/plans')}">${view.strings.pages.sections.plans}</a>
        ${cluster !== undefined && html`› ${clusterLink(cluster, view)}`}
      </nav>
      <h1>${planTitle(entry, language)} ${state !== undefined && stateText(state, texts)}</h1>
      ${entry.kind === 'operation' && state !== undefined && state !== entry.document.state && renderOld(content, texts.states[state], view)}
      ${renderFacts(content, view)}
      ${entry.kind === 'plan' ? renderSized(entry, view) : renderOperation(content, entry.document, view)}
      ${renderHistory(content, view)} ${load && linesBlock('lines-data', load)}
      <p class="quiet">
        <a href="${view.prefix}/api/v1/ledger/${entry.id}">${view.strings.pages.entries.asJson}</a>
      </p>`,
    load === undefined ? [] : ['chart.js', 'lines.js'],
  );
}

function renderOld({ entry, history }: PlanContent, state: string, { numbers, language }: View): Content {
  const since = history.find((each) => each.kind !== 'change' || each.document.what === 'plan-executed');
  if (since === undefined) return undefined;
  const [shown, changed] = [entry, since].map(({ at }) => numbers.moment(at));
  return html`<p class="quiet">${planLanguages[language].isOld(shown ?? '', changed ?? '', state)}</p>`;
}

function renderFacts({ entry }: PlanContent, { language, strings, numbers }: View): Html {
  const texts = planLanguages[language];
  const facts: Fact[] = [[strings.cluster, entry.cluster === undefined ? strings.unknown : named(entry.cluster)]];
  if (entry.kind === 'operation') {
    const { moves, lowerBound, gap, etaSeconds: eta } = entry.document;
    if (moves !== undefined) {
      const least = lowerBound && texts.replicas(numbers.rate(lowerBound.replicas));
      const leastBytes = lowerBound?.bytes === undefined ? '' : `${strings.comma}${numbers.bytes(lowerBound.bytes)}`;
      facts.push(
        [texts.moves, texts.replicas(numbers.rate(moves.replicas))],
        [texts.copied, moves.bytes === undefined ? texts.unsized : numbers.bytes(moves.bytes)],
        [texts.leaders, texts.partitions(numbers.rate(moves.leaders))],
        [texts.lowerBound, least === undefined ? strings.unknown : `${least}${leastBytes}`],
        [texts.gap, gap === undefined ? strings.unknown : numbers.percent(gap)],
      );
      const [low, mid, high] = eta
        ? [eta.low, eta.mid, eta.high].map((each) => roundedDurationText(each, language))
        : [];
      facts.push([texts.duration, mid === undefined ? strings.unknown : texts.span(low ?? '', mid, high ?? '')]);
    }
  }
  if (entry.why !== undefined) facts.push([texts.why, html`<bdi>${entry.why}</bdi>`]);
  if (entry.evidence !== undefined) facts.push([texts.file, html`<bdi>${entry.evidence}</bdi>`]);
  return renderFactList(facts);
}

function renderOperation(content: PlanContent, operation: RecordedOperation, view: View): Content {
  return [
    renderHolds(content, operation, view),
    // "No findings" would contradict what blocks the change.
    (operation.findings.length > 0 || !operation.holds?.length) && renderFindings(operation.findings, view),
    renderWaves(operation, view),
    renderLoad(operation, content.networkLimit, view),
    renderSteps(operation, view),
    renderMoved(operation, view),
    renderNotices(content, operation, view),
    renderRollback(content, operation, view),
  ];
}

function renderHolds({ entry, state }: PlanContent, operation: RecordedOperation, view: View): Content {
  const { language, strings, numbers } = view;
  const { holds = [] } = operation;
  if (holds.length === 0) return undefined;
  const texts = planLanguages[language];
  return html`<section>
    <h2>${texts.holds}</h2>
    <ul>
      ${holds.map(
        ({ what, zh, until }) =>
          html`<li class="name">
            ${inReaderLanguage(what, zh, language)}${until !== undefined && strings.aside(texts.until(numbers.moment(until)))}
          </li>`,
      )}
    </ul>
    ${
      state === 'under-way' &&
      html`<p>${texts.resume}</p>
        <p>${changeCommand(entry, operation, '--resume')}</p>`
    }
  </section>`;
}

/** Renders a command that continues or rolls back a RocketMQ change; one of name servers needs its other options, too. */
function changeCommand({ cluster = 'NAME' }: PlanEntry, { operation, subject }: RecordedOperation, flag: string): Html {
  const options =
    subject === undefined || operation === 'name-servers'
      ? '…'
      : `--${operation === 'queues' ? 'topic' : 'broker'} ${quotedWord(subject)}`;
  return commandLine(['plimsoll ops rocketmq', operation, '--cluster', quotedWord(cluster), options, flag].join(' '));
}

/** Older documents, and errors of brokers, are in English. */
const inReaderLanguage = (en: string, zh: string | undefined, language: View['language']): Html =>
  language === 'zh' && zh !== undefined && zh !== en ? html`<bdi>${zh}</bdi>` : html`<bdi lang="en">${en}</bdi>`;

const mostMoves = 100;
/** Above this number the table is folded, so that later sections stay in view. */
const fewMoves = 12;

function renderMoved({ partitions }: RecordedOperation, view: View): Content {
  if (partitions === undefined || partitions.all === 0) return undefined;
  const texts = planLanguages[view.language];
  const { shown, all } = partitions;
  const rows = shown.slice(0, mostMoves);
  const uncopied = shown.filter(
    ({ from, to }) => from.length > 0 && to.every((broker) => from.includes(broker)),
  ).length;
  const { plain } = view.numbers;
  const summary = `${texts.partitions(plain(all))}${uncopied > 0 && shown.length === all ? view.strings.aside(texts.withoutCopy(plain(uncopied))) : ''}`;
  const table = renderTableAlone(texts.moved, rows, [
    textColumn(texts.partition, ({ topic, partition }) => named(`${topic}-${partition}`)),
    textColumn(texts.before, ({ from }) => (from.length === 0 ? texts.fresh : from.join(', '))),
    textColumn(texts.after, ({ from, to }) =>
      to.map((broker, place) => [
        place > 0 && ', ',
        from.includes(broker) ? String(broker) : html`<strong>${broker}</strong>`,
      ]),
    ),
  ]);
  return html`<section>
    <h2 id="moved">${texts.moved}</h2>
    ${rows.length < all && html`<p class="quiet">${texts.shown(plain(rows.length), plain(all))}</p>`}
    ${
      rows.length > fewMoves
        ? html`<details class="printed">
            <summary>${summary}</summary>
            ${table}
          </details>`
        : table
    }
  </section>`;
}

function renderNotices({ state }: PlanContent, { notices = {} }: RecordedOperation, { language }: View): Content {
  const texts = planLanguages[language];
  const shown = (['zh', 'en'] as const).flatMap((each) => {
    const text = notices[each];
    return text === undefined ? [] : [{ each, text }];
  });
  if (shown.length === 0) return undefined;
  return html`<section>
    <h2 id="notice">${texts.notice}</h2>
    ${state === 'planned' && html`<p class="quiet">${prose(texts.beforeNotice)}</p>`}
    <div class="cards">
      ${shown.map(
        ({ each, text }) =>
          html`<div class="card">
            <h3>${texts.noticeIn[each]}</h3>
            <p class="message" lang="${each}" dir="auto">${text.trim()}</p>
          </div>`,
      )}
    </div>
  </section>`;
}

/** Renders a link to the file for Kafka's tool, or why there is no rollback. */
function renderRollback({ entry, state }: PlanContent, operation: RecordedOperation, view: View): Content {
  const texts = planLanguages[view.language];
  return html`<section>
    <h2 id="rollback">${texts.rollback}</h2>
    ${state === 'aborted' ? html`<p>${texts.rollbackDone}</p>` : wayBack(entry, operation, texts, view)}
  </section>`;
}

function wayBack(entry: PlanEntry, operation: RecordedOperation, texts: PlanTexts, { link }: View): Content {
  switch (operation.operation) {
    case 'reassignment': {
      const address = (name: string) => link(`/plans/${entry.id}/${name}.json`);
      const throttle = slowestThrottle(operation.waves ?? []) ?? 'BYTES_PER_SECOND';
      return isWhole(operation)
        ? html`<p>
              ${commandLine(`plimsoll ops kafka reassign --cluster ${quotedWord(entry.cluster ?? 'NAME')} --abort`)}
            </p>
            <p>${prose(texts.rollbackWith)}</p>
            <p>
              <code
                >kafka-reassign-partitions.sh --bootstrap-server HOST:PORT --reassignment-json-file rollback.json
                --execute --additional --throttle ${throttle}</code
              ><br /><code
                >kafka-reassign-partitions.sh --bootstrap-server HOST:PORT --reassignment-json-file rollback.json
                --verify</code
              ><br /><code
                >kafka-leader-election.sh --bootstrap-server HOST:PORT --election-type preferred --path-to-json-file
                rollback.json</code
              >
            </p>
            <p class="ways">
              <a href="${address('rollback')}" download>rollback.json</a>
              <a href="${address('plan')}" download>plan.json</a>
            </p>`
        : html`<p>${texts.rollbackElsewhere} <bdi>${entry.evidence ?? '–'}</bdi></p>`;
    }
    case 'partitions':
      return html`<p>${texts.rollbackNever}</p>`;
    default: {
      const isPartial = operation.subject === undefined || operation.operation === 'name-servers';
      return html`<p>${changeCommand(entry, operation, '--abort')}</p>
        <p>${isPartial && prose(texts.rollbackOptions)} ${texts.rollbackSteps}</p>`;
    }
  }
}

/** Renders a sized cluster on the page of its plan: expected load, hosts and findings. */
export function renderSized({ id, document }: Extract<PlanEntry, { kind: 'plan' }>, view: View): Content {
  const { broker, mode, brokers, masters, promise, findings, partOf } = document;
  const { numbers, strings } = view;
  const texts = planLanguages[view.language].size;
  const range = ({ low, mid, high }: ClusterPlan['promise']['peakTps']) =>
    low === high ? numbers.rate(mid) : texts.span(numbers.rate(low), numbers.rate(mid), numbers.rate(high));
  const facts: readonly Fact[] = [
    [strings.pages.fleet.broker, traitsOf(broker).displayName + strings.aside(planModeNames[view.language][mode])],
    [texts.brokers, numbers.plain(brokers.length)],
    [texts.masters, numbers.plain(masters)],
    [texts.peak, range(promise.peakTps)],
    [texts.safe, range(promise.safeTps)],
    [texts.afterLoss, range(promise.afterLossTps)],
    [texts.survives, survivedText(promise, view.language) || '–'],
  ];
  return html`${renderFactList(facts)}
    <p><a href="${view.link('/sizing', { until: String(id) })}#plan-${id}">${strings.pages.sections.sizing}</a></p>
    ${renderFindings([...findings, ...(partOf?.findings ?? [])], view)}
    ${renderTable('brokers', strings.pages.cluster.brokers, brokers, [
      textColumn(strings.host, ({ host }) => named(host)),
      textColumn(
        strings.pages.cluster.role,
        ({ role, group }) => texts.roles[role] + (ifKnown(group, strings.aside) ?? ''),
      ),
      textColumn(texts.zone, ({ zone }) => zone),
    ])}`;
}

/** Renders the steps of a plan in order, with their commands and states. */
function renderSteps({ steps = [] }: RecordedOperation, { language }: View): Content {
  if (steps.length === 0) return undefined;
  const texts = planLanguages[language];
  return renderTable('steps', texts.steps, steps, [
    textColumn(texts.step, (_, index) => index + 1),
    textColumn(texts.who, ({ by }) => texts.by[by]),
    textColumn(texts.state, ({ state }) => texts.stepStates[state]),
    textColumn(texts.what, (step) => whatIsDone(step, language)),
    textColumn(texts.back, ({ undo, zh }) =>
      undo === undefined ? texts.noBack : inReaderLanguage(undo, zh?.undo, language),
    ),
  ]);
}

function whatIsDone({ says, how = [], evidence, zh }: OperationStep, language: View['language']): Content {
  const own = language === 'zh' ? zh : undefined;
  return html`${inReaderLanguage(says, zh?.says, language)}
  ${(own?.how ?? how).map((line) => html`<br /><code><bdi>${line}</bdi></code>`)}
  ${evidence.map((line, index) => html`<span class="quiet">${inReaderLanguage(line, zh?.evidence[index], language)}</span>`)}`;
}

const mostLines = 200;

interface Happening {
  at: string;
  by?: string;
  text: Content;
}

/** Renders the history of a plan: its entries, its changes and notes on the execution. */
function renderHistory({ entry, history }: PlanContent, view: View): Content {
  const texts = planLanguages[view.language];
  const { strings, numbers } = view;
  const happened: Happening[] = history.map((each) => ({
    at: each.at,
    by: each.by.name,
    text: textOf(each, entry.id, texts, view),
  }));
  const newest = history.find(({ kind }) => kind === 'operation') ?? entry;
  const log = newest.kind === 'operation' ? (newest.document.log ?? []) : [];
  const lines = log.map(({ at, says, zh }): Happening => ({ at, text: inReaderLanguage(says, zh, view.language) }));
  const all = [...happened, ...lines].toSorted((one, other) => Date.parse(other.at) - Date.parse(one.at));
  return html`<section data-live="happened">
    <h2 id="happened">${texts.happened}</h2>
    ${renderTableAlone(texts.happened, all.slice(0, mostLines), [
      textColumn(strings.pages.cluster.at, ({ at }) => numbers.moment(at)),
      textColumn(strings.pages.entries.summary, ({ text }) => text),
      textColumn(strings.pages.entries.by, ({ by }) => by && named(by)),
    ])}
  </section>`;
}

function textOf(
  each: PlanContent['history'][number],
  shown: number,
  texts: PlanTexts,
  { strings, link }: View,
): Content {
  const { entries } = strings.pages;
  const why = each.why !== undefined && html` <span class="quiet"><bdi>${each.why}</bdi></span>`;
  if (each.kind === 'change') {
    const { what, after } = each.document;
    return html`${entries.changes[what]}${after !== undefined && html`${strings.colon}<bdi>${after}</bdi>`}${why}`;
  }
  const state = each.kind === 'operation' ? texts.states[each.document.state] : texts.states.planned;
  return html`${
    each.id === shown
      ? `${state}${strings.aside(texts.happenedNow)}`
      : html`<a href="${link(`/plans/${each.id}`)}">${state}</a>`
  }${why}`;
}
