// Renders a running load test with its progress, or the last one with its verdict.

import { punctuation } from '../../../core/text/punctuation.ts';
import { html, type Content, type Html } from '../../../core/text/html.ts';
import { binaryBytesText, ifKnown } from '../../../core/text/quantity-text.ts';
import { quotedWord } from '../../../core/text/quoted-word.ts';
import { Duration, Size } from '../../../core/text/quantity.ts';
import { clusterPath } from '../cluster/cluster-frame.ts';
import { summaryOf } from '../entries/entry-page.ts';
import { type Fact, renderFactList } from '../tables.ts';
import { isolated, named, prose } from '../layout.ts';
import { mayOperate, type View } from '../view.ts';
import { loadTestLanguages } from './load-test-texts.ts';
import type { WatchedLimit } from '../../../core/documents/watched-limit.ts';
import type { ChosenLoad, LoadTestNow, ShownLoadTest } from './load-test-view.ts';

/** Renders a part that is replaced on changes. Empty before the first load test. */
export function renderLoadTest(test: ShownLoadTest | undefined, view: View): Html {
  return html`<div data-live="load-test">${test && renderTest(test, view)}</div>`;
}

function renderTest(test: ShownLoadTest, view: View): Html {
  const texts = loadTestLanguages[view.language];
  const { numbers, strings } = view;
  const { now, end, stop } = test;
  const title = end === undefined ? texts.underWay : texts.last;
  return html`<section class="card ${end === undefined ? 'under-way' : ''}" aria-label="${title}">
    <h2>${title}</h2>
    <p class="quiet">
      ${texts.startedBy(isolated(test.by), numbers.moment(test.startedAt))}${end && html`${punctuation[view.language].comma}${texts.endedAt(numbers.moment(end.at))}`}${strings.colon}<bdi
        >${loadText(test.load, view)}</bdi
      >
    </p>
    ${
      stop !== undefined &&
      html`<p>${texts.stopped(isolated(stop.by), numbers.moment(stop.at))} ${end === undefined && texts.completing}</p>`
    }
    ${now && renderNow(now, view)} ${end && renderEnd(end, view)}
    <p class="quiet path">${texts.bundle}${strings.colon}<bdi>${test.directory}</bdi></p>
    ${end === undefined && stop === undefined && now?.phase !== 'analyzing' && renderStop(test, view)}
  </section>`;
}

export const loadText = (
  { rates, stepDuration, messageSize }: ChosenLoad,
  { numbers, strings, language }: View,
): string =>
  loadTestLanguages[language].loadOf(
    rates.map(numbers.rate).join(strings.list),
    numbers.until(Duration.parse(stepDuration)),
    binaryBytesText(Size.parse(messageSize)),
  );

function renderNow(now: LoadTestNow, view: View): Html {
  const texts = loadTestLanguages[view.language];
  const { numbers } = view;
  const { step, steps, elapsedSeconds, leftSeconds, achievedTps, targetTps, p99Seconds, lagMessages } = now;
  const facts: Fact[] = [
    [texts.phase, texts.phases[now.phase]],
    [view.strings.step, ifKnown(step, (each) => texts.stepOf(String(each), ifKnown(steps, String)))],
    [texts.left, ifKnown(leftSeconds, (left) => numbers.until(Math.ceil(left)))],
    [texts.rate, ifKnown(achievedTps, (tps) => texts.rateOf(numbers.rate(tps), ifKnown(targetTps, numbers.rate)))],
    [texts.p99, ifKnown(p99Seconds, numbers.seconds)],
    [texts.lag, ifKnown(lagMessages, numbers.plain)],
    [texts.failed, now.failedMessages ? numbers.plain(now.failedMessages) : undefined],
    [texts.guard, now.guard && guardText(now.guard, view)],
  ];
  const whole = (elapsedSeconds ?? 0) + (leftSeconds ?? 0);
  return html`${
    leftSeconds !== undefined &&
    whole > 0 &&
    html`<progress
      max="100"
      value="${Math.round((100 * Math.max(0, elapsedSeconds ?? 0)) / whole)}"
      aria-label="${texts.underWay}"
    ></progress>`
  }
  ${renderFactList(facts)} ${now.output !== undefined && html`<p class="quiet"><bdi lang="en">${now.output}</bdi></p>`}`;
}

function guardText({ isBreached, reason, limits }: NonNullable<LoadTestNow['guard']>, view: View): Content {
  const { language, strings } = view;
  const texts = loadTestLanguages[language];
  if (!isBreached)
    return html`${texts.guardWatches}${limits.map((limit, at) => html`${at === 0 ? strings.colon : strings.list}${limitText(limit, view)}`)}`;
  return html`<strong class="bad">${texts.guardStopped}</strong
    >${reason !== undefined && html`${punctuation[language].colon}<bdi lang="en">${reason}</bdi>`}`;
}

function limitText({ kind, name, value, limit, isLeast = false }: WatchedLimit, { language, numbers }: View): Content {
  const { limitOf, limits } = loadTestLanguages[language];
  const text = kind === 'p99' ? numbers.seconds : kind === 'lag' || kind === 'rule' ? numbers.plain : numbers.percent;
  const what = [...(name === undefined ? [] : [isolated(name)]), ...(kind === 'rule' ? [] : [limits[kind]])].join(' ');
  return limitOf(what, text(value), text(limit), isLeast);
}

function renderEnd({ verdict, reason }: NonNullable<ShownLoadTest['end']>, view: View): Html {
  const texts = loadTestLanguages[view.language];
  return html`${
    verdict === undefined
      ? html`<p><strong>${texts.noVerdict}</strong></p>`
      : html`<p>
          <a href="${view.link(`/ledger/${verdict.id}`)}">${view.strings.verdict}</a
          >${view.strings.colon}${summaryOf(verdict, view)}
        </p>`
  }
  ${reason !== undefined && html`<p class="verdict invalid"><bdi lang="en">${reason}</bdi></p>`}`;
}

function renderStop({ cluster, directory }: ShownLoadTest, view: View): Content {
  const texts = loadTestLanguages[view.language];
  if (!mayOperate(view.visitor)) return html`<p>${prose(texts.stopHow(`plimsoll stop ${quotedWord(directory)}`))}</p>`;
  return html`<form class="filter" method="post" action="${view.link(clusterPath(cluster, 'load-test'))}">
    <input type="hidden" name="what" value="load-test-stopped" />
    <button>${texts.stop}</button> <span class="quiet">${texts.stopExplained}</span>
  </form>`;
}

/** Renders the load test that blocks one on this cluster. */
export function renderElsewhere(
  { cluster, by, startedAt }: Pick<ShownLoadTest, 'cluster' | 'by' | 'startedAt'>,
  view: View,
): Html {
  const texts = loadTestLanguages[view.language];
  return html`<p class="verdict invalid">
    ${texts.elsewhere(isolated(cluster), isolated(by), view.numbers.moment(startedAt))}
    <a href="${view.link(clusterPath(cluster, 'load-test'))}">${named(cluster)}</a>
  </p>`;
}
