// Renders the page for the event day: clusters by urgency, time to limit and prepared actions.

import type { LimitOutlook, PreparedLever } from '../../core/documents/event-outlook.ts';
import { html, type Content, type Html } from '../../core/text/html.ts';
import type { ClusterStanding, FleetStanding } from '../../core/documents/standing.ts';
import { eventLanguages, type EventWords } from './event-texts.ts';
import { renderPromotion } from './fleet/fleet-page.ts';
import { named, prose, renderPage, scrollable } from './layout.ts';
import { headroomText, nowText, safeMaxText, stateBadge } from './standing-text.ts';
import { trustText } from './trust-text.ts';
import type { View } from './view.ts';

export interface EventCluster {
  standing: ClusterStanding;
  outlook: LimitOutlook;
  levers: readonly PreparedLever[];
}

export interface EventContent extends Pick<FleetStanding, 'at' | 'promotion'> {
  clusters: readonly EventCluster[];
  /** Clusters that are not shown. */
  more: number;
}

export function renderEventPage(content: EventContent, view: View): string {
  const words = eventLanguages[view.language];
  const { clusters, more, at } = content;
  const { strings, numbers, link } = view;
  return renderPage(
    view,
    words.title,
    html`<h1>${words.title}</h1>
      <div data-live="event">
        ${renderPromotion(content, view)}
        <p class="quiet">${words.explained} ${strings.pages.updated(numbers.moment(at))}</p>
        ${clusters.length === 0 ? html`<p>${words.none}</p>` : clusters.map((each) => renderCluster(each, view, words))}
        ${more > 0 && html`<p><a href="${link('/')}">${words.more(numbers.plain(more))}</a></p>`}
        <p class="quiet">${prose(words.writeDown)}</p>
      </div>`,
  );
}

function renderCluster({ standing, outlook, levers }: EventCluster, view: View, words: EventWords): Html {
  const { strings, link } = view;
  const { cluster, state } = standing;
  const fact = (term: string, value: Content) =>
    html`<div>
      <dt>${term}</dt>
      <dd>${value}</dd>
    </div>`;
  return html`<section class="event">
    <h2>
      <a href="${link(`/clusters/${encodeURIComponent(cluster)}`)}">${named(cluster)}</a> ${stateBadge(state, view)}
    </h2>
    <dl class="facts">
      ${fact(`${strings.pages.now} (${strings.perSecond})`, nowText(standing, view))}
      ${fact(`${strings.safeMax} (${strings.perSecond})`, safeMaxText(standing, view))}
      ${fact(strings.pages.headroom, headroomText(standing, view))} ${fact(words.trust, trustText(standing, view))}
    </dl>
    ${renderOutlook(outlook, cluster, view, words)} ${renderLevers(levers, view, words)}
  </section>`;
}

function renderOutlook(outlook: LimitOutlook, cluster: string, view: View, words: EventWords): Content {
  if (outlook.kind === 'unknown') return html`<p>${words.missing[outlook.missing]}</p>`;
  const { numbers } = view;
  const { minutes, chances, scaledBy, isOver } = outlook;
  const span = (value: number) => numbers.span(60 * value);
  const last = chances.at(-1)?.probability ?? 0;
  const line = isOver
    ? words.over
    : minutes.even === undefined
      ? minutes.unlikely === undefined
        ? words.notAhead(numbers.percent(last))
        : `${words.notAhead(numbers.percent(last))} ${words.unlikely(numbers.plain(minutes.unlikely))}`
      : [
          words.even(numbers.plain(minutes.even)),
          minutes.unlikely !== undefined && words.unlikely(numbers.plain(minutes.unlikely)),
          minutes.likely !== undefined && words.likely(numbers.plain(minutes.likely)),
        ]
          .filter((each) => each !== false)
          .join('; ');
  return html`<p><strong>${line}</strong></p>
    ${scaledBy !== undefined && html`<p class="quiet">${words.scaled(numbers.percent(scaledBy))}</p>`}
    ${
      !isOver &&
      html`<h3>${words.chances}</h3>
        ${scrollable(
          `${words.chances}: ${cluster}`,
          html`<table>
            <thead>
              <tr>
                <th scope="col">${words.within}</th>
                ${chances.map(({ withinMinutes }) => html`<th scope="col" class="number">${span(withinMinutes)}</th>`)}
              </tr>
            </thead>
            <tbody>
              <tr>
                <th scope="row">${words.chance}</th>
                ${chances.map(({ probability }) => html`<td class="number">${numbers.percent(probability)}</td>`)}
              </tr>
            </tbody>
          </table>`,
        )}`
    }`;
}

export function renderLevers(levers: readonly PreparedLever[], view: View, words: EventWords): Content {
  const ready = levers.filter((lever) => lever.kind === 'ready');
  const others = levers.filter((lever) => lever.kind === 'no-gain');
  return html`<h3>${words.levers}</h3>
    ${ready.length > 0 && html`<div class="cards">${ready.map((lever) => renderLever(lever, view, words))}</div>`}
    ${
      others.length > 0 &&
      html`<p class="quiet">
        ${words.without}:
        ${others.map(({ lever, reason }) => `${words.names[lever]} (${words.reasons[reason]})`).join('; ')}
      </p>`
    }`;
}

function renderLever(
  { lever, gain, targets, commands, evidence }: Extract<PreparedLever, { kind: 'ready' }>,
  { numbers }: View,
  words: EventWords,
): Html {
  const { low, high } = gain;
  const range = low === high ? numbers.rate(high) : `${numbers.rate(low)}–${numbers.rate(high)}`;
  const told = lever === 'quota' ? words.atMost : words.held;
  return html`<div class="card lever">
    <h4>${words.names[lever]}</h4>
    <p><strong>${range}</strong> ${words.gains[lever]}</p>
    <ul>
      ${targets.map(
        ({ name, nowTps, toTps }) =>
          html`<li>
            ${named(name)}:
            ${toTps === undefined ? words.now(numbers.rate(nowTps)) : told(numbers.rate(nowTps), numbers.rate(toTps))}
          </li>`,
      )}
    </ul>
    ${commands.map(
      (command) =>
        html`<p>
          <bdi><code>${command}</code></bdi>
        </p>`,
    )}
    <p class="quiet" lang="en">${evidence}</p>
  </div>`;
}
