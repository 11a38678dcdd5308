// Renders the effects of each single failure of a planned cluster, by hour of the day.

import { traitsOf } from '../../../core/broker-kind/registry.ts';
import type { BrokerKind } from '../../../core/cluster.ts';
import {
  cellEffects,
  compareCells,
  isFelt,
  worstCell,
  type BlastRadius,
} from '../../../core/documents/blast-radius.ts';
import { named as someOf } from '../../../core/text/bilingual.ts';
import { html, type Html } from '../../../core/text/html.ts';
import { punctuation } from '../../../core/text/punctuation.ts';
import { emptyState, named, renderPage, scrollable } from '../layout.ts';
import { renderTable, textColumn, briefColumn, figureColumn } from '../tables.ts';
import type { View } from '../view.ts';
import { blastRadiusLanguages } from './blast-radius-texts.ts';

export const lastingSeconds = [300, 1800, 7200] as const;
export const worlds = ['low', 'mid', 'high'] as const;

export interface BlastRadiusContent {
  entry: number;
  cluster: string;
  broker: BrokerKind;
  lastsSeconds: number;
  world: (typeof worlds)[number];
  /** Planned peak of all domains at the chosen end of the demand. */
  peakTps: number;
  answer: { kind: 'answered'; radius: BlastRadius } | { kind: 'busy' | 'too-long' | 'one-queue' };
}

type Failure = BlastRadius['failures'][number];

export function renderBlastRadiusPage(content: BlastRadiusContent, view: View): string {
  const { cluster, broker, entry, lastsSeconds, world, peakTps, answer } = content;
  const { link, here, numbers, language, strings } = view;
  const texts = blastRadiusLanguages[language];
  const choice = (label: string, query: Record<string, string>, isChosen: boolean) =>
    isChosen ? html`<strong aria-current="true">${label}</strong>` : html`<a href="${here(query)}">${label}</a>`;
  return renderPage(
    view,
    `${texts.title}${strings.colon}${cluster}`,
    html`<h1>${texts.title}${strings.colon}${named(cluster)}</h1>
      <p>${texts.day(numbers.rate(peakTps), texts.worlds[world])}</p>
      <p class="quiet">${texts.explained(numbers.until(traitsOf(broker).failover.holdSeconds))}</p>
      <p>
        ${texts.lasts}${strings.colon}${lastingSeconds.map((seconds) => html`${choice(numbers.until(seconds), { for: String(seconds) }, seconds === lastsSeconds)} `)}
        ·
        ${texts.demand}${strings.colon}${worlds.map((each) => html`${choice(texts.worlds[each], { world: each }, each === world)} `)}
      </p>
      ${answer.kind === 'answered' ? renderRadius(answer.radius, view) : emptyState(texts.unanswered[answer.kind])}
      <p class="quiet"><a href="${link(`/ledger/${entry}`)}">${cluster}</a></p>`,
  );
}

function renderRadius({ failures, notSimulated }: BlastRadius, view: View): Html {
  const { numbers, language } = view;
  const texts = blastRadiusLanguages[language];
  const { space } = punctuation[language];
  const felt = failures.filter(isFelt).length;
  const delayed = failures.filter((each) => !isFelt(each) && worstCell(each.hours)?.effect === 'delayed').length;
  const all = numbers.plain(failures.length);
  return html`<p class="verdict ${felt > 0 && 'invalid'}">
      ${felt === 0 ? texts.noneFelt(all) : texts.felt(numbers.plain(felt), all)}${delayed > 0 && space + texts.delayed(numbers.plain(delayed))}${failures.some(({ isBroken }) => isBroken) && space + texts.broken}
    </p>
    ${renderMap(failures, view)} ${renderWorst(failures, view)}
    ${
      notSimulated.length > 0 &&
      html`<h2>${texts.others}</h2>
        <ul>
          ${notSimulated.map(
            ({ kind, hosts, effect }) =>
              html`<li>
                ${texts.notSimulated(kind, numbers.plain(hosts.length))}${view.strings.colon}${texts.missing[effect]}
              </li>`,
          )}
        </ul>`
    }`;
}

function nameOf({ kind, name, alike }: Failure, view: View): Html {
  const texts = blastRadiusLanguages[view.language];
  if (kind === 'zone') return html`<bdi>${texts.zone(name)}</bdi>`;
  const others =
    alike.length > 1 && html`<span class="quiet">${texts.alike(someOf(alike.slice(1), 3, view.language))}</span>`;
  return html`${named(name)} ${others}`;
}

function renderMap(failures: readonly Failure[], view: View): Html {
  const texts = blastRadiusLanguages[view.language];
  return html`<section>
    <h2 id="map">${texts.map}</h2>
    ${scrollable(
      texts.map,
      html`<table class="hours">
        <thead>
          <tr>
            <th scope="col">${texts.failure}</th>
            ${failures[0]?.hours.map(({ hour }) => html`<th scope="col">${String(hour).padStart(2, '0')}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${failures.map(
            (failure) =>
              html`<tr>
                <th scope="row">${nameOf(failure, view)}</th>
                ${failure.hours.map(
                  ({ effect, at }) =>
                    html`<td class="effect ${effect}" title="${at}: ${texts.effects[effect]}">
                      ${texts.marks[effect]}
                    </td>`,
                )}
              </tr>`,
          )}
        </tbody>
      </table>`,
    )}
    <p class="quiet">${texts.mapExplained}</p>
    <ul class="legend quiet">
      ${cellEffects.map((effect) => html`<li><span class="effect ${effect}">${texts.marks[effect]}</span> ${texts.effects[effect]}</li>`)}
    </ul>
  </section>`;
}

function renderWorst(failures: readonly Failure[], view: View): Html {
  const { numbers, language } = view;
  const texts = blastRadiusLanguages[language];
  const rows = failures
    .flatMap((failure) => {
      const cell = worstCell(failure.hours);
      return cell === undefined || cell.effect === 'none' ? [] : [{ failure, cell }];
    })
    .toSorted(({ cell: one }, { cell: other }) => compareCells(one, other));
  if (rows.length === 0) return html``;
  const lasting = (seconds: number) => (seconds > 0 ? numbers.until(Math.ceil(seconds)) : '–');
  return renderTable(
    'worst',
    texts.worst,
    rows,
    [
      textColumn(texts.failure, ({ failure }) => nameOf(failure, view)),
      textColumn(texts.promise, ({ failure: { isPromised, isBroken } }) =>
        isBroken ? texts.notKept : isPromised ? texts.kept : texts.notPromised,
      ),
      briefColumn(texts.at, ({ cell }) => cell.at),
      figureColumn(texts.load, ({ cell }) => cell.offeredTps, numbers.rate),
      figureColumn(
        texts.refused,
        ({ cell }) => cell.failedMessages + cell.lostMessages,
        (messages) => numbers.plain(Math.round(messages)),
      ),
      figureColumn(texts.outside, ({ cell }) => cell.outsideSafeSeconds, lasting),
      figureColumn(texts.lag, ({ cell }) => cell.mostLagSeconds, lasting),
      figureColumn(texts.normal, ({ cell }) => cell.normalAfterSeconds, lasting, texts.notNormal),
      textColumn(texts.domains, ({ cell }) =>
        cell.domains.length === 0
          ? '–'
          : cell.domains.map(({ domain }, index) => html`${index > 0 && view.strings.list}${named(domain)}`),
      ),
    ],
    ({ failure }) => (failure.isBroken ? 'over' : ''),
  );
}
