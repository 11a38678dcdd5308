// Renders the processes of the clusters by host, with those not in their desired state first.

import { isAsDesired, type InstanceStatus } from '../../../core/documents/instances.ts';
import { html, type Content, type Html } from '../../../core/text/html.ts';
import { ifKnown } from '../../../core/text/quantity-text.ts';
import { punctuation } from '../../../core/text/punctuation.ts';
import { clusterLink, emptyState, named, prose, renderPage, translated } from '../layout.ts';
import { renderNotices } from '../cluster/lookup-notice.ts';
import { badge } from '../status-text.ts';
import { renderTable, textColumn, briefColumn, numberColumn, type Column } from '../tables.ts';
import type { View } from '../view.ts';
import { instancesLanguages } from './instances-texts.ts';
import { naturalOrder } from '../../../core/text/natural-order.ts';

interface InstancesContent {
  /** Time of the reading. */
  at: string;
  instances: readonly InstanceStatus[];
  notices: readonly string[];
}

export function renderInstancesPage(content: InstancesContent | undefined, view: View): string {
  const texts = instancesLanguages[view.language];
  return renderPage(
    view,
    view.strings.pages.sections.instances,
    html`<h1>${view.strings.pages.sections.instances}</h1>
      <p class="quiet">${prose(texts.explained)}</p>
      <div data-live="instances">
        ${content === undefined || content.instances.length === 0 ? emptyState(texts.none) : renderAll(content, view)}
      </div>`,
  );
}

function renderAll({ at, instances, notices }: InstancesContent, view: View): Html {
  const { numbers, strings, language } = view;
  const texts = instancesLanguages[language];
  const judged = instances.filter(({ desired }) => desired !== undefined);
  const wrong = judged.filter((each) => !isAsDesired(each));
  const right = numbers.plain(judged.length - wrong.length);
  return html`<p class="verdict ${wrong.length > 0 && 'invalid'}">
      ${texts.asDesired(right, numbers.plain(judged.length))}
    </p>
    <p class="quiet">${strings.pages.updated(numbers.moment(at))}</p>
    ${renderNotices(notices, view)}
    ${
      wrong.length > 0 &&
      html`<ul class="incidents">
        ${wrong.map(
          (each) =>
            html`<li>
              ${stateOf(each, view)} ${named(each.name)}
              <span class="quiet"
                >${named(each.host)}${each.reason !== undefined && html`${punctuation[language].colon}<bdi class="name">${translated(each.reason, each.reasonZh, view)}</bdi>`}</span
              >
            </li>`,
        )}
      </ul>`
    }
    ${renderHosts(instances, view)} ${renderList(instances, view)}`;
}

export function stateOf(instance: InstanceStatus, { language }: View): Html {
  const { state, desired } = instance;
  const text = instancesLanguages[language].states[state];
  if (state === 'unknown') return badge('unknown', text);
  if (isAsDesired(instance)) return badge(state === 'running' || desired !== undefined ? 'ok' : 'near', text);
  return badge(state === 'starting' || state === 'stopping' ? 'near' : 'down', text);
}

/** Renders hosts as rows and clusters as columns, to show which processes share a machine. */
function renderHosts(instances: readonly InstanceStatus[], view: View): Html {
  const texts = instancesLanguages[view.language];
  const byName = (one = '', other = '') => naturalOrder(one, other);
  const hosts = [...Map.groupBy(instances, ({ host }) => host)].toSorted(([one], [other]) => byName(one, other));
  const clusters = [...new Set(instances.map(({ cluster }) => cluster))].toSorted((one, other) =>
    one === undefined ? 1 : other === undefined ? -1 : byName(one, other),
  );
  return renderTable('hosts', texts.byHost, hosts, [
    textColumn(view.strings.host, ([host]) => named(host)),
    ...clusters.map((cluster): Column<(typeof hosts)[number]> =>
      textColumn(clusterOf(cluster, view), ([, own]) =>
        own
          .filter((each) => each.cluster === cluster)
          .map((each) => html`<div>${stateOf(each, view)} ${named(each.name)}</div>`),
      ),
    ),
  ]);
}

function clusterOf(cluster: string | undefined, view: View): Content {
  return cluster === undefined ? instancesLanguages[view.language].notInFile : clusterLink(cluster, view);
}

function renderList(instances: readonly InstanceStatus[], view: View): Html {
  const { numbers, strings, language } = view;
  const texts = instancesLanguages[language];
  const columns: Column<InstanceStatus>[] = [
    textColumn(texts.instance, ({ name }) => named(name)),
    textColumn(strings.host, ({ host }) => named(host)),
    textColumn(strings.pages.cluster.role, ({ role }) => texts.roles[role]),
    textColumn(strings.broker, ({ broker }) => broker && named(broker)),
    briefColumn(strings.pages.cluster.version, ({ version }) => version),
    numberColumn(texts.port, ({ port }) => port),
    briefColumn(texts.desired, ({ desired }) => desired && texts.states[desired]),
    textColumn(texts.state, (each) => stateOf(each, view)),
    textColumn(texts.started, ({ startedAt }) => ifKnown(startedAt, numbers.moment)),
    numberColumn(texts.restarts, ({ restartsLastHour: restarts }) => ifKnown(restarts, numbers.plain)),
    briefColumn(texts.startedBy, ({ startedBy }) => (startedBy === 'none' ? texts.plainProcess : startedBy)),
  ];
  const wrongFirst = instances.toSorted((one, other) => Number(isAsDesired(one)) - Number(isAsDesired(other)));
  return renderTable('instances', texts.all, wrongFirst, columns, (each) => (isAsDesired(each) ? '' : 'binding'));
}
