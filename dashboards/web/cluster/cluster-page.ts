// Renders the overview of a cluster: headroom, bottleneck, largest users and prepared actions.

import { traitsOf } from '../../../core/broker-kind/registry.ts';
import { lossStates } from '../../../core/documents/cluster-status.ts';
import { html, type Content, type Html } from '../../../core/text/html.ts';
import { renderCalibration } from '../calibration.ts';
import { renderLevers } from '../event-page.ts';
import { eventLanguages } from '../event-texts.ts';
import { renderEntryRows } from '../entries/entry-rows.ts';
import { termHelp } from '../help/help-link.ts';
import { emptyState, named, prose, renderPage, scrollable } from '../layout.ts';
import {
  bindingText,
  brokersText,
  headroomText,
  laggingText,
  limitText,
  missingText,
  nowText,
  safeMaxText,
  standingBadge,
  stateBadge,
  toLimitText,
} from '../standing-text.ts';
import { renderReadings } from '../readings/readings-section.ts';
import { readingsLanguages } from '../readings/readings-texts.ts';
import { renderTable } from '../tables.ts';
import { labelledTrust } from '../trust-text.ts';
import type { View } from '../view.ts';
import { whatIfLanguages } from '../what-if/what-if-texts.ts';
import type { Busiest, ClusterView, Difference, FullestDisk } from './cluster-view.ts';
import { clientsLanguages } from './clients-texts.ts';
import { clusterLanguages } from './cluster-texts.ts';
import { renderBrokers } from './broker-table.ts';
import { brokerPath, clusterPath, renderClusterPages, type ClusterPageName } from './cluster-frame.ts';
import { renderDay } from './day-section.ts';
import { groupColumns } from './groups-page.ts';
import { renderCourse, renderFailed } from './load-course.ts';
import { renderOperatorActions } from './operator-actions.ts';
import { topicColumns } from './topics-page.ts';

export function renderClusterPage(content: ClusterView, view: View): string {
  const { standing, differences, entries } = content;
  const { strings, link } = view;
  const texts = strings.pages.cluster;
  const course = renderCourse(content, view);
  const day = renderDay(content.day, standing, view);
  const readings = renderReadings(content.readings, readingsLanguages[view.language].subjects.load, view);
  return renderPage(
    view,
    standing.cluster,
    html`<h1>${named(standing.cluster)} ${standingBadge(standing, view)}</h1>
      ${renderClusterPages(standing.cluster, 'overview', view, { uid: 'plimsoll-capacity' })}
      <div data-live="standing">${renderFacts(content, view)} ${renderFigures(content, view)}</div>
      ${readings.section}
      <nav class="ways" aria-label="${texts.ways}">
        <a href="#binds">${texts.binds}</a> <a href="#users">${texts.users}</a> <a href="#levers">${texts.levers}</a>
        <a href="${link('/event')}">${strings.pages.sections.event}</a>
        <a href="${link('/what-if', { cluster: standing.cluster })}">${whatIfLanguages[view.language].title}</a>
      </nav>
      ${renderBinding(content, view)}
      <p>
        <a href="${link(clusterPath(standing.cluster, 'clients'))}">${clientsLanguages[view.language].whoUsesIt}</a>
      </p>
      ${course.section}
      <div data-live="users">
        <h2 id="users">${texts.users}</h2>
        ${renderUsers(content, view)}
      </div>
      <div data-live="levers">
        <h2 id="levers">${texts.levers}</h2>
        ${renderPrepared(content, view)}
      </div>
      ${day.section}
      <div data-live="brokers">
        ${
          content.brokers.length === 0
            ? renderNothing('brokers', texts.brokers, view)
            : renderBrokers(
                {
                  cluster: standing.cluster,
                  brokers: content.brokers,
                  ...(content.day.asked.kind === 'asked' && { day: content.day.asked.day }),
                },
                view,
              )
        }
        ${renderDifferences(differences, view)}
      </div>
      ${renderCalibration(content.grades, view)} ${renderOperatorActions(content, view)}
      <h2 id="ledger">${strings.pages.sections.ledger}</h2>
      ${
        entries.length === 0
          ? emptyState(clusterLanguages[view.language].noEntries)
          : scrollable(strings.pages.sections.ledger, renderEntryRows(entries, view))
      }
      <p><a href="${link('/ledger', { cluster: standing.cluster })}">${texts.wholeLedger}</a></p>`,
    [...new Set([...readings.scripts, ...course.scripts, ...day.scripts])],
  );
}

function renderFacts({ standing, readAt, trouble, jobs }: ClusterView, view: View): Html {
  const { strings, numbers } = view;
  const { broker, domains, brokers } = standing;
  const texts = strings.pages.cluster;
  const fact = (term: string, value: Content) =>
    html`<div>
      <dt>${term}</dt>
      <dd>${value}</dd>
    </div>`;
  return html`<dl class="facts">
      ${fact(strings.pages.fleet.broker, traitsOf(broker).displayName)}
      ${brokers !== undefined && fact(texts.brokers, brokersText(standing, view))}
      ${
        domains.length > 0 &&
        fact(
          strings.pages.domains,
          domains.map((domain) => html`${named(domain)} `),
        )
      }
      ${fact(texts.read, readAt === undefined ? strings.pages.noDataYet : numbers.moment(readAt))}
    </dl>
    ${
      lossStates.includes(standing.state) &&
      html`<p class="verdict bad" role="status">${stateBadge(standing.state, view)} ${missingText(standing, view)}</p>`
    }
    ${(standing.laggingGroups ?? []).map(
      (group) => html`<p class="verdict invalid">${laggingText({ cluster: standing.cluster, ...group }, view)}</p>`,
    )}
    ${
      trouble !== undefined &&
      html`<p class="verdict invalid">
        ${texts.trouble(numbers.moment(trouble.at))} <bdi lang="en">${trouble.reason}</bdi>
      </p>`
    }
    ${renderFailed(
      jobs.find(({ name }) => name === 'analysis'),
      texts.analysisFailed,
      view,
    )}`;
}

function renderFigures({ standing, disk }: ClusterView, view: View): Html {
  const { strings, numbers, link } = view;
  const { verdict, withoutOne, safeMaxTps } = standing;
  const texts = strings.pages.cluster;
  const card = (title: Content, kind: string, figure: Content, ...notes: Content[]) =>
    html`<section class="card ${kind}">
      <h2>${title}</h2>
      <p class="figure">${figure}</p>
      ${notes.filter((note) => note !== undefined && note !== false).map((note) => html`<p class="quiet">${note}</p>`)}
    </section>`;
  const interval = safeMaxTps !== undefined && 'interval' in safeMaxTps ? safeMaxTps.interval : undefined;
  return html`<div class="cards">
    ${card(
      html`${strings.safeMax} (${strings.perSecond}) ${termHelp('safe maximum', view)}`,
      'safe',
      safeMaxText(standing, view),
      interval &&
        texts.interval(
          numbers.percent(interval.confidence),
          numbers.rate(interval.low),
          interval.high === undefined ? '…' : numbers.rate(interval.high),
        ),
      verdict &&
        html`<a href="${link(`/ledger/${verdict.entry}`)}"
          >${strings.pages.verdictAgo(numbers.span(verdict.ageSeconds))}</a
        >`,
      labelledTrust(standing, view),
      verdict !== undefined &&
        verdict.drifted.length > 0 &&
        html`${texts.drifted} <bdi>${verdict.drifted.map(({ setting }) => setting).join(', ')}</bdi>`,
    )}
    ${card(
      `${strings.pages.now} (${strings.perSecond})`,
      '',
      nowText(standing, view),
      standing.now?.consumeTps !== undefined && strings.pages.consumed(numbers.rate(standing.now.consumeTps)),
      standing.now && html`${numbers.moment(standing.now.at)}, <bdi>${standing.now.source}</bdi>`,
    )}
    ${card(
      html`${strings.pages.headroom} ${termHelp('headroom', view)}`,
      standing.headroom === undefined ? '' : standing.headroom < 0 ? 'full' : 'safe',
      headroomText(standing, view),
      withoutOne?.headroom !== undefined &&
        html`${strings.pages.fleet.withoutOne} (${strings.pages.fleet.without} <bdi>${withoutOne.id}</bdi>):
          ${numbers.percent(withoutOne.headroom)}`,
      html`${strings.pages.fleet.toLimit}: ${toLimitText(standing, view)}`,
    )}
    ${disk && card(html`${clusterLanguages[view.language].fullestDisk} ${termHelp('policy limit', view)}`, diskKind(disk), html`<strong>${numbers.percent(disk.ratio)}</strong>`, ...diskNotes(disk, standing.cluster, view))}
  </div>`;
}

const diskKind = ({ ratio, limitRatio }: FullestDisk) => (ratio >= limitRatio ? 'full' : 'safe');

function diskNotes(disk: FullestDisk, cluster: string, view: View): Content[] {
  const { numbers, strings, link, language } = view;
  const texts = clusterLanguages[language];
  const { broker, limitRatio, overSeconds, secondsToLimit, secondsToFull, ratio } = disk;
  const ahead = (text: string, seconds: number | undefined) =>
    html`${text}:
    ${seconds === undefined ? texts.notWithinMonth : html`<strong>${strings.pages.inSpan(numbers.until(seconds))}</strong>`}`;
  return [
    html`<a href="${link(brokerPath(cluster, broker))}">${named(broker)}</a>, ${strings.pages.cluster.allowed}
      ${numbers.percent(limitRatio)}`,
    overSeconds === undefined
      ? texts.noDiskTrend
      : ratio >= limitRatio
        ? ahead(texts.toFull, secondsToFull)
        : ahead(texts.toPolicyLimit, secondsToLimit),
    overSeconds !== undefined && strings.pages.atTrend(numbers.span(overSeconds)),
  ];
}

function renderBinding({ standing }: ClusterView, view: View): Html {
  const { strings, numbers } = view;
  const texts = strings.pages.cluster;
  const { binding = [] } = standing;
  if (binding.length === 0) {
    const isKnown = standing.safeMaxTps !== undefined && 'limitedBy' in standing.safeMaxTps;
    return html`<h2 id="binds">${texts.binds}</h2>
      <p class="${!isKnown && 'quiet'}">${isKnown ? bindingText(standing, view) : prose(texts.bindingUnknown)}</p>`;
  }
  return renderTable(
    'binds',
    texts.binds,
    binding,
    [
      { title: strings.limitedBy, text: true, cell: ({ limitedBy }) => limitText(limitedBy, strings) },
      { title: texts.chance, cell: ({ probability }) => numbers.percent(probability) },
    ],
    (row) => (row === binding[0] ? 'binding' : ''),
  );
}

function renderUsers({ standing, topics, groups, sharedBy }: ClusterView, view: View): Html {
  const { cluster } = standing;
  const texts = view.strings.pages.cluster;
  const of = sharedBy === undefined ? [] : ([sharedBy] as const);
  return html`${sharedBy !== undefined && html`<p class="quiet">${clusterLanguages[view.language].sharesExplained[sharedBy]}</p>`}
  ${topics.all === 0 ? renderNothing('topics', texts.topics, view) : renderTable('topics', texts.topics, topics.rows, topicColumns(cluster, topics.rows, view, ...of), () => '')}
  ${renderRest(cluster, 'topics', topics, view)}
  ${groups.all === 0 ? renderNothing('groups', texts.groups, view) : renderTable('groups', texts.groups, groups.rows, groupColumns(cluster, groups.rows, view, ...of), () => '')}
  ${renderRest(cluster, 'groups', groups, view)}`;
}

function renderNothing(id: string, title: string, { language }: View): Html {
  return html`<h2 id="${id}">${title}</h2>
    ${emptyState(clusterLanguages[language].noReading)}`;
}

function renderPrepared({ levers }: ClusterView, view: View): Content {
  if (levers.length === 0) return emptyState(clusterLanguages[view.language].noLevers);
  return renderLevers(levers, view, eventLanguages[view.language]);
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

function renderDifferences(differences: readonly Difference[], view: View): Content {
  if (differences.length === 0) return undefined;
  const texts = view.strings.pages.cluster;
  return renderTable(
    'differences',
    texts.differences,
    differences,
    [
      { title: texts.setting, text: true, cell: ({ subject }) => named(subject) },
      {
        title: texts.sides,
        text: true,
        cell: ({ sides }) =>
          Object.entries(sides).map(
            ([who, says]) =>
              html`<bdi>${who}</bdi>: <code><bdi>${says}</bdi></code
                ><br />`,
          ),
      },
    ],
    () => '',
  );
}
