// Renders docs/chaos.md from the committed record of chaos runs.

import type { ChaosLine, ChaosRow } from './record.ts';
import { seeds } from './seeds.ts';

const intro = `# Chaos runs

Changes of real clusters under load, with one fault each at a moment inside a step. The seed decides the broker, the change, the fault, its moment
and what is done afterwards (\`test/support/chaos/scenario.ts\`). The list of ${seeds.length} seeds (\`test/support/chaos/seeds.ts\`) was committed before the
first run. This page is generated from \`evidence/chaos/runs.ndjson\`, to which each run appends its line; runs that failed stay.

    npm run test:full -- chaos
    PLIMSOLL_CHAOS_SEEDS=1009,1019 npm run test:full -- integration test/integration/chaos

After each run: no borrowed setting and no move is left, the layout is the old or the new one, and the change and what is done after it end within
their limits. The load sends 100 messages a second of 10 KB with acks=all and idempotence; of all runs together no acknowledged message may be lost, and none
duplicated or reordered; clients of RocketMQ send again after a refusal, so there duplicates are counted. After \`kill -9\` of Plimsoll the tests remove its lease, which otherwise expires after 60 s.

Seeds of \`offsets-reset\` and \`scale-in\` are in the list and are not run yet: the suite skips them. The switch of a RocketMQ master is not in it.

## Causes of violations

| seeds | violation | cause |
| --- | --- | --- |
| 1012, 1020, 1028 | the change did not begin: a group has messages to read | defect of Plimsoll, fixed: its RocketMQ consumer ended with \`queueId is illegal\` after somebody reduced the queues of its topic, so the group of the test was offline |
| 1037, 1045 | a change or \`--resume\` took longer than the test allows | the test: its topic grew with every run, and so did what was copied at 1.5 MB/s; the topic is bounded now |
| 1009, 1019, 1033 | the change did not begin | the test: it typed the wrong name |
| 1025, 1033 | a second operator ended with 0 beside the first | the test: at the end of a change its goal is reached, so a second operator has nothing to do and needs no lease; it counts now only if it begins a step |

All of these seeds were run again afterwards without a violation.

## Runs
`;

const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;

export function renderChaosPage(lines: readonly ChaosLine[]): string {
  const runs = lines.filter((each) => each.kind === 'run');
  const deliveries = lines.filter((each) => each.kind === 'delivery');
  const ended = new Set(runs.map(({ seed }) => seed));
  const inside = runs.filter(({ isInside }) => isInside).length;
  const broken = runs.filter(({ violations }) => violations.length > 0);
  const sum = (field: 'acknowledged' | 'lost' | 'duplicated' | 'reordered') =>
    deliveries.reduce((total, each) => total + each[field], 0).toLocaleString('en');
  return [
    intro,
    `${ended.size} of ${seeds.length} seeds have run, ${runs.length} runs in all: ${inside} faults came inside a step, ${broken.length} runs broke an invariant.`,
    `Of ${sum('acknowledged')} acknowledged messages ${sum('lost')} were lost, ${sum('duplicated')} duplicated and ${sum('reordered')} reordered.\n`,
    'Runs by fault and change; in brackets those with a violation:\n',
    ...countsByFault(runs),
    '\nRuns with a violation:\n',
    line(['seed', 'change', 'fault', 'violation', 'commit']),
    line(['---:', '---', '---', '---', '---']),
    ...broken.map(({ seed, product, change, fault, violations, commit }) =>
      line([seed, `${product} ${change}`, fault, cell(violations.join('; ')), commit]),
    ),
    '',
  ].join('\n');
}

const cell = (text: string) => text.replaceAll(/[\s|]+/g, ' ').slice(0, 160);

function countsByFault(runs: readonly ChaosRow[]): string[] {
  const changeOf = ({ product, change }: ChaosRow) => `${product} ${change}`;
  const changes = [...new Set(runs.map(changeOf))].toSorted();
  const count = (fault: string, change: string) => {
    const of = runs.filter((run) => run.fault === fault && changeOf(run) === change);
    const broken = of.filter(({ violations }) => violations.length > 0).length;
    return of.length === 0 ? '' : `${of.length}${broken === 0 ? '' : ` (${broken})`}`;
  };
  return [
    line(['fault', ...changes]),
    line(['---', ...changes.map(() => '---:')]),
    ...[...new Set(runs.map(({ fault }) => fault))]
      .toSorted()
      .map((fault) => line([fault, ...changes.map((change) => count(fault, change))])),
  ];
}
