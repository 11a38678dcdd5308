// Renders docs/evidence/chaos.md from the committed record of chaos runs.

import type { ChaosLine, ChaosRow } from './record.ts';
import { scenarioOf, type Scenario } from './scenario.ts';
import { seeds } from './seeds.ts';

const intro = `# Chaos runs

Changes of real clusters under load, with one fault each after a step has begun. The seed decides the broker, the change, the fault, its moment and what is done afterwards
(\`test/support/chaos/scenario.ts\`). Generated from \`evidence/chaos/runs.ndjson\`, which has every run, failed ones included.

    npm run test:full -- chaos
    PLIMSOLL_CHAOS_SEEDS=1009,1019 npm run test:full -- integration test/integration/chaos

After each run, no throttle, shortened retention, closed broker or move may be left, and the layout is the old or the new one. The load sends 100 msg/s of 10 KB with acks=all and idempotence. Over all runs no acknowledged message may be lost,
duplicated or reordered; RocketMQ clients repeat refused sends, so their duplicates are only counted. In \`scale-in\` and \`switch\` the test is the
operator who stops and starts members when the change asks for it.

Twelve runs broke an invariant, all run again without. Three showed a defect of Plimsoll, fixed since: its RocketMQ consumer ended after the queues of its
topic were reduced. In the others the test was at fault (\`violations\` in the record).

## Runs
`;

const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;

export function renderChaosPage(lines: readonly ChaosLine[]): string {
  const runs = lines.filter((each) => each.kind === 'run');
  const deliveries = lines.filter((each) => each.kind === 'delivery');
  const ended = new Set(runs.map(({ seed }) => seed));
  const waiting = seeds.filter((seed) => !ended.has(seed)).map(scenarioOf);
  const inside = runs.filter(({ isInside }) => isInside).length;
  const broken = runs.filter(({ violations }) => violations.length > 0);
  const sum = (field: 'acknowledged' | 'lost' | 'duplicated' | 'reordered') =>
    deliveries.reduce((total, each) => total + each[field], 0).toLocaleString('en');
  return [
    intro,
    `${ended.size} of ${seeds.length} seeds have run, ${runs.length} runs in all: in ${inside} the process of the change was running when the fault came, ${broken.length} runs broke an invariant.`,
    `Of ${sum('acknowledged')} acknowledged messages ${sum('lost')} were lost, ${sum('duplicated')} duplicated and ${sum('reordered')} reordered.\n`,
    ...(waiting.length === 0 ? [] : [`Not run yet: ${waiting.map(waitingText).join(', ')}.\n`]),
    'Runs by fault and change; in brackets those with a violation:\n',
    ...countsByFault(runs),
    '',
  ].join('\n');
}

const waitingText = ({ seed, product, change, fault }: Scenario) => `${seed} (${product} ${change}, ${fault})`;

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
