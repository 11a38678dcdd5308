// Generates docs/reference/cluster-check-rules.md, the rules of `plimsoll cluster check`, from the files of rules.

import { wantedText } from '../ops/cluster-check/rule.ts';
import { areas, readRules, type AreaRule } from '../ops/cluster-check/rules.ts';
import { formatJson } from './format-json.ts';

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
    `Generated from \`ops/cluster-check/rules/*.yaml\` by \`npm run update-golden\`; do not edit. ${rules.length} rules with the expected value;`,
    'without a stated severity: warning.',
    '[cluster-check-rules.json](data/cluster-check-rules.json) has the reasons; `plimsoll cluster check` prints reason, sources and fix with each',
    'finding. How it works: [cluster-check.md](../explanation/cluster-check.md).',
    '',
    ...sections,
  ].join('\n');
}

const row = ({ id, severity, fact, must }: AreaRule) =>
  `- \`${id}\`${severity === 'warning' ? '' : ` (${severity})`}: \`${fact}\` ${wantedText(must)}`;

/** Renders docs/reference/data/cluster-check-rules.json: each rule with its reason. */
export function renderRulesDocument(): Promise<string> {
  const rules = readRules().map(({ id, area, severity, fact, must, reason }) => ({
    id,
    area,
    severity,
    fact,
    expected: wantedText(must),
    reason,
  }));
  return formatJson({ schemaVersion: 1, rules });
}
