// Renders the overview of a cluster: headroom, bottleneck, largest users and prepared actions.

import { traitsOf } from '../../../core/broker-kind/registry.ts';
import { type Content, html, type Html } from '../../../core/text/html.ts';
import { punctuation } from '../../../core/text/punctuation.ts';
import { renderCalibration } from '../calibration.ts';
import { renderActions } from '../event-page.ts';
import { renderEntries } from '../entries/entry-page.ts';
import { emptyState, named, namedLink, prose, renderPage } from '../layout.ts';
import {
  bindingText,
  brokersText,
  hasKnownLimit,
  limitText,
  ofAllBrokersText,
  partText,
  statusBadge,
} from '../status-text.ts';
import { renderReadings } from '../readings/readings-section.ts';
import { readingsLanguages } from '../readings/readings-texts.ts';
import { numberColumn, renderFact, renderTable, renderTableAlone, textColumn } from '../tables.ts';
import { mayOperate, type View } from '../view.ts';
import { gcLanguages } from '../gc/gc-texts.ts';
import { whatIfLanguages } from '../what-if/what-if-texts.ts';
import { renderAttention } from './attention.ts';
import type { Busiest, ClusterView, Difference, PartitionFaults } from './cluster-view.ts';
import { clientsLanguages } from './clients-texts.ts';
import { clusterLanguages } from './cluster-texts.ts';
import { renderBrokers } from './broker-table.ts';
import { renderFigures, verdictLink } from './cluster-figures.ts';
import { type ClusterPageName, clusterPath, renderClusterPages } from './cluster-frame.ts';
import { renderDay } from './day-section.ts';
import { renderEvidence } from './evidence-section.ts';
import { renderCourse, renderFailed, renderUnscaled } from './load-course.ts';
import { renderLoadTest } from '../load-test/load-test-progress.ts';
import { groupColumns } from './groups-page.ts';
import { topicColumns } from './topics-page.ts';
import { lossStates, type ClusterStatus } from '../../../core/documents/cluster-status.ts';
import type { HeadroomPrice } from '../../../core/documents/headroom-price.ts';
import { headroomLanguages, headroomLines } from '../../../core/text/headroom-text.ts';
import { ifKnown, nodeText } from '../../../core/text/quantity-text.ts';
import { longestNote } from '../acknowledge.ts';
import { bilingual } from '../../../core/text/bilingual.ts';
import { renderReason } from '../broker-reason.ts';
import { quotedWord } from '../../../core/text/quoted-word.ts';

export function renderClusterPage(content: ClusterView, view: View): string {
  const { status, differences, entries } = content;
  const { strings, link } = view;
  const texts = strings.pages.cluster;
  const course = renderCourse(content, view);
  const day = renderDay(content.day, status, view);
  const readings = renderReadings(content.readings, readingsLanguages[view.language].subjects.load, view);
  return renderPage(
    view,
    status.cluster,
    html`<h1>${named(status.cluster)} <span data-live="state">${statusBadge(status, view)}</span></h1>
      ${renderClusterPages(status.cluster, 'overview', view, { uid: 'plimsoll-capacity' })}
      <div data-live="status">${renderFacts(content, view)} ${renderFigures(content, view)}</div>
      <nav class="ways" aria-label="${texts.ways}">
        <a href="#brokers">${texts.brokers}</a> <a href="#binds">${texts.binds}</a> <a href="#users">${texts.users}</a>
        <a href="#levers">${texts.levers}</a> <a href="#ahead">${texts.ahead}</a>
        <a href="#ledger">${strings.pages.sections.ledger}</a>
        <a href="${link('/event')}">${strings.pages.sections.event}</a>
        <a href="${link('/what-if', { cluster: status.cluster })}">${whatIfLanguages[view.language].title}</a>
      </nav>
      ${renderLoadTest(content.loadTest, view)} ${readings.section}
      <div data-live="brokers">
        ${
          content.brokers.length === 0
            ? renderNothing('brokers', texts.brokers, status, view)
            : renderBrokers(
                {
                  cluster: status.cluster,
                  brokers: content.brokers,
                  ...(content.day.requested.kind === 'answered' && { day: content.day.requested.day }),
                },
                view,
              )
        }
        ${renderDifferences(differences, view)}
      </div>
      <div data-live="binds">
        ${renderBinding(content, view)}
        <p>
          <a href="${link(clusterPath(status.cluster, 'clients'))}">${clientsLanguages[view.language].whoUsesIt}</a>
        </p>
        ${course.section}
        ${renderEvidence(content.evidence, view, { note: renderUnscaled(content, view, content.evidence?.neededTps), notNow: notNowText(content, view), scope: ofAllBrokersText(status, view) })}
        ${renderHeadroom(content.headroomPrice, view, renderUnscaled(content, view))}
      </div>
      <div data-live="users">
        <h2 id="users">${texts.users}</h2>
        ${renderUsers(content, view)}
      </div>
      <div data-live="levers">
        <h2 id="levers">${texts.levers}</h2>
        ${renderPrepared(content, view)}
      </div>
      ${day.section} ${renderCalibration(content.grades, view)} ${renderOperatorActions(content, view)}
      <h2 id="ledger">${strings.pages.sections.ledger}</h2>
      ${
        entries.length === 0
          ? emptyState(clusterLanguages[view.language].noEntries)
          : renderEntries(strings.pages.sections.ledger, entries, view)
      }
      <p><a href="${link('/ledger', { cluster: status.cluster })}">${texts.wholeLedger}</a></p>`,
    [...new Set([...readings.scripts, ...course.scripts, ...day.scripts])],
  );
}

function renderFacts(content: ClusterView, view: View): Html {
  const { status, readAt, trouble, jobs, alerts, partitionFaults, gcFindings, unconsumed } = content;
  const { strings, numbers, language, link } = view;
  const { broker, domains, brokers } = status;
  const texts = strings.pages.cluster;
  const gcFound = (['critical', 'warning'] as const)
    .filter((severity) => gcFindings[severity] > 0)
    .map((severity) => strings.severity[severity] + strings.colon + numbers.plain(gcFindings[severity]));
  return html`<dl class="facts">
      ${renderFact(strings.pages.fleet.broker, traitsOf(broker).displayName)}
      ${brokers !== undefined && renderFact(texts.brokers, brokersText(status, view))}
      ${partitionFaults && renderFact(clusterLanguages[language].partitions[traitsOf(broker).terms.partitions], faultsText(status, partitionFaults, view))}
      ${
        unconsumed.length > 0 &&
        renderFact(
          clusterLanguages[language].unconsumed,
          unconsumed.map(
            ({ name, produceTps }, index) =>
              html`${index > 0 && punctuation[language].list}${namedLink(clusterPath(status.cluster, 'topics', name), name, view)}${strings.aside(`${ifKnown(produceTps, numbers.rate)} ${strings.perSecond}`)}`,
          ),
        )
      }
      ${
        gcFound.length > 0 &&
        renderFact(
          gcLanguages[language].title,
          html`<a href="${link('/gc', { cluster: status.cluster })}">${gcFound.join(strings.list)}</a>`,
        )
      }
      ${
        domains.length > 0 &&
        renderFact(
          strings.pages.domains,
          domains.map((domain, index) => html`${index > 0 && punctuation[language].list}${named(domain)}`),
        )
      }
      ${renderFact(texts.read, readAt === undefined ? strings.pages.noDataYet : numbers.moment(readAt))}
    </dl>
    ${renderAttention(status, alerts, view)}
    ${
      trouble !== undefined &&
      html`<p class="verdict invalid">
        ${texts.trouble(numbers.moment(trouble.at))} ${renderReason(trouble.reason, view)}
      </p>`
    }
    ${renderFailed(
      jobs.find(({ name }) => name === 'analysis'),
      texts.analysisFailed,
      view,
    )}`;
}

/** Limit of topics named; the alerting rules and `plimsoll get topics` have all. */
const mostNamed = 3;

function faultsText(
  { cluster, broker }: ClusterStatus,
  { all, withoutLeader, topics, underReplicated, atMinimum }: PartitionFaults,
  view: View,
): Content {
  const { language, numbers } = view;
  const texts = clusterLanguages[language];
  const { colon, list, semicolon } = punctuation[language];
  const more = topics.length - mostNamed;
  const links = topics
    .slice(0, mostNamed)
    .map((name, index) => html`${index > 0 && list}${namedLink(clusterPath(cluster, 'topics', name), name, view)}`);
  return html`${
    withoutLeader > 0 &&
    html`<strong class="bad">${texts.without[traitsOf(broker).terms.leader](numbers.plain(withoutLeader))}</strong
      >${colon}${links}${more > 0 && texts.more(numbers.plain(more))}`
  }${withoutLeader > 0 && underReplicated > 0 && semicolon}${underReplicated > 0 && texts.underReplicated(numbers.plain(underReplicated), numbers.plain(all))}${atMinimum > 0 && html`${semicolon}<strong class="bad">${texts.oneMoreLost(numbers.plain(atMinimum))}</strong>`}`;
}

/** @returns why a measurement would harm the cluster, or would not measure the whole cluster; undefined if nothing speaks against one */
function notNowText({ status, partitionFaults: faults, promotion }: ClusterView, view: View): Content {
  const { strings, numbers, language } = view;
  const texts = clusterLanguages[language];
  const { missing = [], noDataSince, state } = status;
  if (missing.length > 0) {
    const parts = missing.map((each, index) => html`${index > 0 && strings.list}${partText(each, strings.pages)}`);
    return html`${parts} ${texts.answers.no}`;
  }
  if (state === 'down') return strings.pages.noBrokerAnswers;
  if (noDataSince !== undefined) return strings.pages.noDataSince(numbers.moment(noDataSince));
  if (faults !== undefined) return faultsText(status, faults, view);
  if (!promotion?.isOn) return undefined;
  const [from, to] = [numbers.moment(promotion.from), numbers.moment(promotion.to)];
  return html`${strings.pages.promotionOn} <bdi>${strings.pages.promotion(promotion.name, from, to)}</bdi>`;
}

function renderBinding({ status }: ClusterView, view: View): Html {
  const { strings, numbers } = view;
  const texts = strings.pages.cluster;
  const { binding = [] } = status;
  if (binding.length === 0) {
    const isKnown = hasKnownLimit(status);
    return html`<h2 id="binds">${texts.binds}</h2>
      <p class="${!isKnown && 'quiet'}">
        ${isKnown ? bindingText(status, view) : status.verdict === undefined ? prose(texts.bindingUnknown) : html`${texts.noBinding} ${verdictLink(status.verdict, view)}`}
      </p>`;
  }
  return renderTable(
    'binds',
    texts.binds,
    binding,
    [
      textColumn(strings.limitedBy, ({ limitedBy }) => limitText(limitedBy, strings)),
      numberColumn(texts.chance, ({ probability }) => numbers.percent(probability)),
    ],
    (row) => (row === binding[0] ? 'binding' : ''),
  );
}

function renderPrepared({ status, levers, loadTest }: ClusterView, view: View): Content {
  const isAtRisk = status.loadState === 'over' || lossStates.includes(status.state);
  const isUnderTest = isAtRisk && loadTest !== undefined && loadTest.end === undefined;
  return html`${renderActions({ status, levers, isUnderTest }, view)}
  ${levers.length === 0 && status.state !== 'down' && emptyState(clusterLanguages[view.language].noLevers)}`;
}

function renderDifferences(differences: readonly Difference[], view: View): Content {
  if (differences.length === 0) return undefined;
  const texts = view.strings.pages.cluster;
  return renderTable('differences', texts.differences, differences, [
    textColumn(texts.setting, ({ subject }) => named(subject)),
    textColumn(texts.sides, ({ sides }) =>
      Object.entries(sides).map(
        ([who, value]) =>
          html`<bdi>${nodeText(who, view.language)}</bdi>${view.strings.colon}<code><bdi>${value}</bdi></code
            ><br />`,
      ),
    ),
  ]);
}

/** Renders the topics and groups that use the largest share of a cluster. */
function renderUsers({ status, topics, groups, sharedBy }: ClusterView, view: View): Html {
  const { cluster } = status;
  const texts = view.strings.pages.cluster;
  const of = sharedBy === undefined ? [] : ([sharedBy] as const);
  return html`${sharedBy !== undefined && html`<p class="quiet">${clusterLanguages[view.language].sharesExplained[sharedBy]}</p>`}
  ${topics.all === 0 ? renderNothing('topics', texts.topics, status, view) : renderTable('topics', texts.topics, topics.rows, topicColumns(status, topics.rows, view, ...of))}
  ${renderRest(cluster, 'topics', topics, view)}
  ${groups.all === 0 ? renderNothing('groups', texts.groups, status, view) : renderTable('groups', texts.groups, groups.rows, groupColumns(cluster, groups.rows, view, ...of))}
  ${renderRest(cluster, 'groups', groups, view)}`;
}

function renderNothing(id: string, title: string, { cluster }: ClusterStatus, { language }: View): Html {
  return html`<h2 id="${id}">${title}</h2>
    ${emptyState(clusterLanguages[language].noReading(quotedWord(cluster)))}`;
}

function renderRest(cluster: string, page: ClusterPageName, { rows, all }: Busiest<unknown>, view: View): Content {
  if (rows.length >= all) return undefined;
  const { strings, numbers, link } = view;
  return html`<p>
    <a href="${link(clusterPath(cluster, page))}"
      >${strings.pages.cluster.busiest(numbers.plain(rows.length), numbers.plain(all))}</a
    >
  </p>`;
}

/** Renders the cost of a cluster's reserves, which brokers can be removed, and the cost of the next 10%. */
export function renderHeadroom(headroom: HeadroomPrice, view: View, note?: Content): Content {
  const texts = headroomLanguages[view.language];
  return html`<h3 id="headroom">${texts.title}</h3>
    ${headroomLines(headroom, view.language, (at) => view.numbers.moment(at)).map((line) => html`<p>${prose(line)}</p>`)}
    ${headroom.reserves.kind === 'known' && note}
    ${headroom.reserves.kind === 'known' && renderReserves(headroom.reserves, headroom.price, view)}`;
}

function renderReserves(
  { peakTps, baseCost, entries }: Extract<HeadroomPrice['reserves'], { kind: 'known' }>,
  price: HeadroomPrice['price'],
  { language, numbers }: View,
): Content {
  const texts = headroomLanguages[language];
  let tps = peakTps;
  const rows = [
    { name: texts.base, cost: baseCost, tps },
    ...entries.map(({ reserve, factor, cost }) => ({
      name: reserve === 'spare' && factor < 1 ? texts.shortage : texts.reserves[reserve],
      factor,
      cost,
      tps: (tps *= factor),
    })),
  ];
  return renderTableAlone(texts.title, rows, [
    textColumn(texts.reserve, ({ name }) => name.charAt(0).toUpperCase() + name.slice(1)),
    numberColumn(texts.factor, (row) => ('factor' in row ? `× ${row.factor.toFixed(2)}` : undefined)),
    numberColumn(texts.product, (row) => numbers.rate(row.tps)),
    price !== undefined && numberColumn(texts.perMonth(price.currency), ({ cost }) => ifKnown(cost, numbers.plain)),
  ]);
}

const texts = bilingual({
  title: ['Operator', '操作员操作'],
  note: ['Note', '备注'],
  noteHint: ['What happened, who acts, until when', '发生了什么、谁在处理、到何时'],
  addNote: ['Add note', '添加备注'],
  jobs: { analysis: ['Analyze now', '立即分析'], forecast: ['Forecast now', '立即预测'] },
  recorded: ['Each action is an entry of the history with your name.', '每个操作都会连同您的名字记入历史。'],
});

const offeredJobs = ['analysis', 'forecast'] as const;

/** Renders the actions of operators on a cluster: add a note, analyze now. */
function renderOperatorActions({ status, jobs }: Pick<ClusterView, 'status' | 'jobs'>, view: View): Content {
  if (!mayOperate(view.visitor)) return undefined;
  const { title, note, noteHint, addNote, jobs: labels, recorded } = texts[view.language];
  const action = view.link(clusterPath(status.cluster));
  const offered = offeredJobs.filter((name) => jobs.some((job) => job.name === name));
  return html`<section class="card" id="operator" aria-label="${title}">
    <h2>${title}</h2>
    <form class="filter" method="post" action="${action}">
      <input type="hidden" name="what" value="annotated" />
      <label
        >${note} <input name="note" required maxlength="${longestNote}" size="48" dir="auto" placeholder="${noteHint}"
      /></label>
      <button>${addNote}</button>
    </form>
    ${
      offered.length > 0 &&
      html`<form class="filter" method="post" action="${action}">
        <input type="hidden" name="what" value="analysis-asked" />
        ${offered.map((name) => html`<button name="job" value="${name}">${labels[name]}</button> `)}
      </form>`
    }
    <p class="quiet">${recorded}</p>
  </section>`;
}
