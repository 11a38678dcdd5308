// Renders the overview of a cluster: headroom, bottleneck, largest users and prepared actions.

import { traitsOf } from '../../../core/broker-kind/registry.ts';
import { html, type Content, type Html } from '../../../core/text/html.ts';
import { punctuation } from '../../../core/text/punctuation.ts';
import { renderCalibration } from '../calibration.ts';
import { renderLevers } from '../event-page.ts';
import { eventLanguages } from '../event-texts.ts';
import { renderEntryRows } from '../entries/entry-rows.ts';
import { emptyState, named, prose, renderPage, scrollable } from '../layout.ts';
import { bindingText, brokersText, hasKnownLimit, limitText, statusBadge } from '../status-text.ts';
import { renderReadings } from '../readings/readings-section.ts';
import { readingsLanguages } from '../readings/readings-texts.ts';
import { renderTable, textColumn, numberColumn } from '../tables.ts';
import type { View } from '../view.ts';
import { whatIfLanguages } from '../what-if/what-if-texts.ts';
import { renderAttention } from './attention.ts';
import type { ClusterView, Difference } from './cluster-view.ts';
import { clientsLanguages } from './clients-texts.ts';
import { clusterLanguages } from './cluster-texts.ts';
import { renderBrokers } from './broker-table.ts';
import { renderFigures } from './cluster-figures.ts';
import { clusterPath, renderClusterPages } from './cluster-frame.ts';
import { renderNothing, renderUsers } from './cluster-users.ts';
import { renderDay } from './day-section.ts';
import { renderEvidence } from './evidence-section.ts';
import { renderHeadroom } from './headroom-section.ts';
import { renderCourse, renderFailed } from './load-course.ts';
import { renderLoadTest } from '../load-test/load-test-progress.ts';
import { renderOperatorActions } from './operator-actions.ts';
import { renderFact } from '../facts.ts';

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
            ? renderNothing('brokers', texts.brokers, view)
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
        ${course.section} ${renderEvidence(content.evidence, view)} ${renderHeadroom(content.headroomPrice, view)}
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
          : scrollable(strings.pages.sections.ledger, renderEntryRows(entries, view))
      }
      <p><a href="${link('/ledger', { cluster: status.cluster })}">${texts.wholeLedger}</a></p>`,
    [...new Set([...readings.scripts, ...course.scripts, ...day.scripts])],
  );
}

function renderFacts({ status, readAt, trouble, jobs, alerts }: ClusterView, view: View): Html {
  const { strings, numbers, language } = view;
  const { broker, domains, brokers } = status;
  const texts = strings.pages.cluster;
  return html`<dl class="facts">
      ${renderFact(strings.pages.fleet.broker, traitsOf(broker).displayName)}
      ${brokers !== undefined && renderFact(texts.brokers, brokersText(status, view))}
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
        ${texts.trouble(numbers.moment(trouble.at))} <bdi lang="en">${trouble.reason}</bdi>
      </p>`
    }
    ${renderFailed(
      jobs.find(({ name }) => name === 'analysis'),
      texts.analysisFailed,
      view,
    )}`;
}

function renderBinding({ status }: ClusterView, view: View): Html {
  const { strings, numbers } = view;
  const texts = strings.pages.cluster;
  const { binding = [] } = status;
  if (binding.length === 0) {
    const isKnown = hasKnownLimit(status);
    return html`<h2 id="binds">${texts.binds}</h2>
      <p class="${!isKnown && 'quiet'}">${isKnown ? bindingText(status, view) : prose(texts.bindingUnknown)}</p>`;
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

function renderPrepared({ levers }: ClusterView, view: View): Content {
  if (levers.length === 0) return emptyState(clusterLanguages[view.language].noLevers);
  return renderLevers(levers, view, eventLanguages[view.language]);
}

function renderDifferences(differences: readonly Difference[], view: View): Content {
  if (differences.length === 0) return undefined;
  const texts = view.strings.pages.cluster;
  return renderTable('differences', texts.differences, differences, [
    textColumn(texts.setting, ({ subject }) => named(subject)),
    textColumn(texts.sides, ({ sides }) =>
      Object.entries(sides).map(
        ([who, value]) =>
          html`<bdi>${who}</bdi>: <code><bdi>${value}</bdi></code
            ><br />`,
      ),
    ),
  ]);
}
