// Renders the effect of a parameter as text.

import type { Effect } from '../../analyzer/review/ab-test/effect.ts';
import { columnsOf, plain, renderTable } from '../../core/text/table.ts';
import type { Question } from '../../app/ab-test/question.ts';
import type { Measure, Turn } from '../../app/ab-test/read-turns.ts';
import { changeText, percentText, rateNumberText } from '../../core/text/quantity-text.ts';

export function worthText(
  { parameter, a, b }: Question,
  { turns, effect, measure }: { turns: readonly Turn[]; effect: Effect; measure: Measure },
  { colours }: { colours: boolean },
): string {
  const columns = columnsOf(['>TURN', plain(parameter), measure === 'safe-max' ? '>SAFE MAX/S' : '>ACHIEVED/S', 'RUN']);
  const rows = turns.map(({ side, tps, missing, directory }, index) => [
    String(index + 1),
    side === 'a' ? a : b,
    tps === undefined ? undefined : rateNumberText(tps),
    missing === undefined ? directory : `${directory}: ${missing}`,
  ]);
  return `${renderTable(columns, rows, { colours })}\n${effectText({ parameter, a, b }, effect)}`;
}

function effectText({ parameter, a, b }: Question, effect: Effect): string {
  if (effect.kind === 'unknown') return `unknown: ${effect.missing}\n未知：${effect.missing}\n`;
  const { ratio, low, high, confidence, verdict, driftPerTurn, spread } = effect;
  const [change, least, most] = [ratio, low, high].map((each) => changeText(each - 1));
  const percent = percentText(confidence);
  const said = {
    'b-more': `${parameter}=${b} sustains a higher rate than ${a}`,
    'a-more': `${parameter}=${a} sustains a higher rate than ${b}`,
    'no-difference-seen': `no difference found between ${parameter}=${a} and ${b}`,
  }[verdict];
  const saidToManagers = {
    'b-more': `${parameter}=${b} 的承载能力高于 ${a}`,
    'a-more': `${parameter}=${a} 的承载能力高于 ${b}`,
    'no-difference-seen': `未测出 ${parameter}=${a} 与 ${b} 的差别`,
  }[verdict];
  return [
    `${said}: ${b} over ${a} is ${change} (${percent} interval ${least} to ${most})\n`,
    `${saidToManagers}：${b} 相对 ${a} 为 ${change}（${percent} 区间 ${least} 至 ${most}）\n`,
    `drift from turn to turn ${changeText(driftPerTurn - 1)}, spread of a single run ${percentText(spread)}\n`,
  ].join('');
}
