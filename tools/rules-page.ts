// Which rules does the preflight have? docs/preflight-rules.md, made from the files of rules.

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
  const sections = areas.map((area) => {
    const ofArea = rules.filter((rule) => rule.area === area);
    return [
      `## ${titles[area]}`,
      '',
      '| rule | of | severity | wanted | why | sources |',
      '| - | - | - | - | - | - |',
      ...ofArea.map(row),
      '',
    ].join('\n');
  });
  return [
    '# The rules of the preflight',
    '',
    `Made from \`ops/cluster-check/rules/*.yaml\` by \`npm run update-golden\`: ${rules.length} rules. What they are held against, and what follows, is in`,
    '[preflight.md](preflight.md).',
    '',
    ...sections,
  ].join('\n');
}

function row({ id, on, broker, severity, fact, must, reason, sources, conflict }: AreaRule): string {
  const of = broker === undefined ? on : `${on}, ${broker}`;
  const cited = sources.map(({ document, says }) => `${document}: ${says}`).join('; ');
  const disputed = conflict === undefined ? '' : ` **Sources differ:** ${conflict}`;
  const cells = [`\`${id}\``, of, severity, `${fact} ${wantedText(must)}`, reason, cited + disputed];
  return `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`;
}
