// Renders the tables of docs/evidence/blast-radius.md: prediction and measurement of each cell, and totals of right predictions.

import { affectedDomains, isOutside, type CellFigures, type CellGrade } from './cell-figures.ts';
import { lastGraded, type CellLine, type GradedCell } from './cell-lines.ts';
import { cells, tpsOfDomains } from './cells.ts';

const judged: readonly (readonly [keyof CellGrade, string])[] = [
  ['affected', 'affected domains'],
  ['outsideSafe', 'outside the safe range or not'],
  ['lag', 'highest lag, within a factor of 2'],
  ['recovery', 'time to recover, within a factor of 2'],
];

/** @returns for each question, the number of right predictions and of all */
export const rightOf = (cells: readonly GradedCell[]) =>
  judged.map(([question, title]) => ({
    question,
    title,
    right: cells.filter(({ broken }) => broken.grade[question]).length,
    all: cells.length,
  }));

export function renderCellsPage(lines: readonly CellLine[]): string {
  const graded = lastGraded(lines);
  const failed = lines.filter(({ kind }) => kind === 'failed').length;
  const missing = cells
    .map(({ number }) => number)
    .filter((each) => !graded.some(({ broken }) => broken.cell === each));
  const voided = lines.filter(({ kind }) => kind === 'void').length;
  return [
    '# Blast radius: predicted and measured',
    introduction,
    '## How many predictions were right',
    table(
      ['prediction', 'right'],
      rightOf(graded).map(({ title, right, all }) => [title, `${right} of ${all}`]),
    ),
    '## Cells',
    'Predicted → measured; **bold** where the prediction is wrong.\n\n' +
      '- affected domains: those with a refused message, or a lag of 2 s of their load; smaller lags count as equal\n' +
      '- outside safe: time above the policy, beyond that without the failure\n' +
      '- recovery: from the kill until lag, waiting messages and cards are as before\n' +
      '- quiet: longest time without an acknowledged message, of a partition (Kafka) or topic (RocketMQ); not graded',
    table(
      [
        '',
        'lab',
        'failure',
        'msg/s',
        'affected domains',
        'outside safe',
        'highest lag',
        'recovery',
        'quiet',
        'fullest card',
      ],
      graded.map(rowOf),
    ),
    ...(missing.length > 0
      ? [`Not graded yet, because the only attempts are void or failed: cells ${missing.join(', ')}.`]
      : []),
    '## Why predictions differ',
    changes,
    `All predictions and measurements, also ${voided} void and ${failed} failed ones: [cells.ndjson](../../evidence/blast-radius/cells.ndjson).`,
  ].join('\n\n');
}

const introduction = `How well does [\`plimsoll blast-radius\`](../explanation/simulation.md#blast-radius-each-failure-in-each-hour) predict a failure? A cell is one failure at one
load. \`npm run bench -- blast-radius --lab kafka\` predicts cells with \`plimsoll size\` and \`plimsoll blast-radius\`, records the predictions, and then
causes each failure in a lab with \`kill -9\`; the process starts again after 24 s.

- Kafka 4.3.1: three brokers (each a controller too), 3 copies, min.insync.replicas 2, two groups per topic; preferred leaders are elected when
  the broker is back
- RocketMQ 5.3.3: two masters with an asynchronous slave each, two name servers, one group per topic
- Both: each process in its own network namespace behind a card of 50 Mbit/s; two topics, \`orders\` and \`waybills\` (3:1), with messages of 10,000 bytes;
  Apache's Java clients with their defaults; four levels of load instead of the hours of a day`;

const changes = `The first predictions of lag were wrong in eight of twelve cells. Then the simulation was changed, and all cells but 7 and 10 were predicted again.
So the table is no independent test: it confirms the simulation on the lab that it was changed for. The changes, now part of the
[model](../explanation/simulation.md#model): with acks=all a lost broker stops all partitions with a copy on it; a full card delays sends on Kafka, and is shared
evenly by copies and groups on RocketMQ; late copies keep it full.

The remaining differences, not simulated:

- RocketMQ: a send under way fails when its master is killed (cell 7). Clients use a master that came back only after their route refresh, up to 30 s later.
- Kafka: a producer holds at most 2,048 messages of 10 kB (\`buffer.memory\`), and then stops for all partitions.
- A restarted JVM needs 5 to 9 s.`;

function rowOf({ predicted: { figures }, broken }: GradedCell): string[] {
  const { cell, lab, failure, tps, grade, fullestCard, figures: measured } = broken;
  const pair = (question: keyof CellGrade, text: (of: CellFigures) => string) => {
    const shown = `${text(figures)} → ${text(measured)}`;
    return grade[question] ? shown : `**${shown}**`;
  };
  return [
    String(cell),
    lab,
    failure,
    String(tps),
    pair('affected', (of) => affectedDomains(of, tpsOfDomains(tps)).join(', ') || 'none'),
    pair('outsideSafe', (of) => (isOutside(of) ? seconds(of.outsideSafeSeconds) : 'no')),
    pair('lag', ({ mostLagMessages }) => String(Math.round(mostLagMessages))),
    pair('recovery', ({ normalAfterSeconds }) =>
      normalAfterSeconds === undefined ? 'not seen' : seconds(normalAfterSeconds),
    ),
    `${seconds(figures.quietSeconds)} → ${seconds(measured.quietSeconds)}`,
    `${percent(fullestCard.before)}, then ${percent(fullestCard.after)}`,
  ];
}

const seconds = (value: number) => `${Math.round(value)} s`;
const percent = (share: number) => `${Math.round(100 * share)}%`;

const table = (titles: readonly string[], rows: readonly (readonly string[])[]) =>
  [titles, titles.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
