// Generates docs/cluster-check-rules.md, the rules of `plimsoll cluster check`, from the files of rules.

import { wantedText } from '../ops/cluster-check/rule.ts';
import { areas, readRules, type AreaRule } from '../ops/cluster-check/rules.ts';

const titles: Readonly<Record<AreaRule['area'], string>> = {
  os: 'Machines',
  jvm: 'JVMs',
  kafka: 'Kafka brokers',
  rocketmq: 'RocketMQ brokers and clusters',
  topics: 'Topics',
  clients: 'Clients and groups',
};

export function renderRulesPage(): string {
  const rules = readRules();
  const sections = areas.flatMap((area) => [
    `## ${titles[area]}`,
    '',
    ...rules.filter((rule) => rule.area === area).map(row),
    '',
  ]);
  return [
    '# Rules of `cluster check`',
    '',
    `Generated from \`ops/cluster-check/rules/*.yaml\` by \`npm run update-golden\`; do not edit. ${rules.length} rules: severity, expected value, reason.`,
    '`plimsoll cluster check` prints the sources and the fix with each finding. How it works: [cluster-check.md](cluster-check.md).',
    '',
    ...sections,
  ].join('\n');
}

function row({ id, severity, fact, must, reason }: AreaRule): string {
  return `- \`${id}\` (${severity}): \`${fact}\` ${wantedText(must)}: ${reason}`;
}
