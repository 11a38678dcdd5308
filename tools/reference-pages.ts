// Generates pages of docs/reference/ from tables in the code: errors, findings, policy, cluster-check rules and importers.

import { readFile } from 'node:fs/promises';
import { exitCodes, faults } from '../core/errors.ts';
import { formatJson } from './format-json.ts';
import {
  findingCodes,
  findingExamples,
  findingMessage,
  type FindingCode,
} from '../core/documents/findings/findings.ts';
import { readDefaultPolicy, type Cited } from '../core/policy/policy.ts';
import { wantedText } from '../ops/cluster-check/rule.ts';
import { areas, readRules, type AreaRule } from '../ops/cluster-check/rules.ts';
import { loadTests } from '../analyzer/evidence/importers/load-tests/registry.ts';

// Generates docs/reference/errors.md and its data from the table of faults.

const meanings = {
  answered:
    'answered: `confirmed`, `predicted`, `observed`, or `at-least` with a known cause of the limit (unknown cause: 3)',
  unexpected: 'a defect of Plimsoll',
  usage: 'usage or bad input',
  unknown: 'the answer is unknown',
  invalidRun: 'the run is invalid, or a file is damaged or of a newer version',
  prerequisite: 'something needed is missing or refused',
  threshold: 'a threshold was crossed, or a change stopped before its end',
  aborted: 'interrupted',
} satisfies Record<keyof typeof exitCodes, string>;

export function renderErrorsPage(): string {
  const codes = Map.groupBy(Object.entries(faults), ([, { exitCode }]) => exitCode);
  const exits = Object.entries(exitCodes).map(([name, exitCode]) => {
    const own = (codes.get(exitCode) ?? []).map(([code]) => `\`${code}\``);
    const meaning = `- ${exitCode}: ${meanings[name as keyof typeof meanings]}`;
    return own.length === 0 ? meaning : `${meaning}: ${own.join(', ')}`;
  });
  return [
    '# Errors',
    '',
    'Generated from `core/errors.ts` by `npm run update-golden`; do not edit.',
    '',
    'A command that fails prints `error:` with what failed and where, and `hint:` with what to do. With `--json` standard',
    'output is `{ "schemaVersion": 1, "error": { "code", "message", "hint" } }`. `code` is stable; message and hint are for people.',
    '[errors.json](data/errors.json) has the default hint of each code.',
    '',
    '## Exit codes',
    '',
    ...exits,
    '',
  ].join('\n');
}

/** Renders docs/reference/data/errors.json: each code with its exit code and default hint. */
export const renderErrorsDocument = (): Promise<string> =>
  formatJson({
    schemaVersion: 1,
    errors: Object.entries(faults).map(([code, fault]) => ({ code, ...fault })),
  });

// Renders docs/reference/findings.md from the table of findings.

export function renderFindingsPage(): string {
  return [
    '# Findings',
    '',
    'Generated from `core/documents/findings/` by `npm run update-golden`; do not edit by hand.',
    '',
    'A finding has a stable `code`, a severity, a message and evidence. Each line has the code, its severity, and how an example of the message',
    'begins. The whole message also states the reason and what to do; `--verbose` and `--json` print it.',
    '[findings.json](data/findings.json) has an example of each in full, in English and Chinese, with the names of its evidence.',
    '',
    ...findingCodes.toSorted().map(findingRow),
    '',
  ].join('\n');
}

const findingRow = (code: FindingCode) => `- \`${code}\` (${severitiesOf(code).join(' or ')}): ${beginningOf(code)}`;

const severitiesOf = (code: FindingCode) => [...new Set(findingExamples(code).map(({ severity }) => severity))];

/** Renders docs/reference/data/findings.json: each finding with its severities, the names of its evidence and an example of its message. */
export function renderFindingsDocument(): Promise<string> {
  const findings = findingCodes.toSorted().map((code) => {
    const made = findingExamples(code);
    const [example] = made;
    return {
      code,
      severities: severitiesOf(code),
      evidence: [...new Set(made.flatMap((finding) => finding.evidence.map(({ name }) => name)))],
      message: example === undefined ? '' : findingMessage(example, 'en'),
      messageZh: example === undefined ? '' : findingMessage(example, 'zh'),
    };
  });
  return formatJson({ schemaVersion: 1, findings });
}

/** Word limit: from a longer sentence only the finding is kept, without the reason. */
const mostWords = 18;

/** Returns the first sentence. A `<` would begin an HTML tag. */
function beginningOf(code: FindingCode): string {
  const [example] = findingExamples(code);
  if (example === undefined) return '';
  const [first = ''] = findingMessage(example, 'en').split(/(?<=\.) (?=[A-Z`])/);
  const clause = first.split(' ').length > mostWords ? /^(?:[^ ]+ ){7,}?[^ ]+?(?=[:;] )/.exec(first)?.[0] : undefined;
  return (clause === undefined ? first : `${clause}.`).replaceAll('<', '&lt;').replaceAll('\n', ' ').trim();
}

// Renders docs/reference/policy.md from core/policy/default.yaml.

export function renderPolicyPage(): string {
  const rows = rowsOf(readDefaultPolicy());
  const others = rows.filter(({ key }) => !key.startsWith('limits.'));
  return [
    '# Policy',
    '',
    'Generated from `core/policy/default.yaml` by `npm run update-golden`; do not edit by hand.',
    '',
    'Limits and thresholds of all commands; [policy.json](data/policy.json) has the source of each, here stated for the limits of resources. A',
    'source without a name is a decision of Plimsoll. `analyzer.policy` in plimsoll.yaml overrides `cpu`, `network`, `disk`, `memory` and',
    '`confirmationTime` ([config.md](config.md)); `policy` in a domains file overrides values of `planning` ([sizing.md](../explanation/sizing.md)).',
    '`plimsoll alerts --config FILE --out DIR` writes the alerting rules with your values.',
    '',
    ...limits(rows.filter(({ key }) => key.startsWith('limits.'))),
    ...[...Map.groupBy(others, ({ key }) => key.split('.')[0] ?? '')].map(([section, each]) =>
      sectionLine(section, each),
    ),
    '',
  ].join('\n');
}

/** Limits with the same value and source share a line. */
const limits = (rows: readonly PolicyRow[]): string[] =>
  [...Map.groupBy(rows, ({ value, source }) => `${value}: ${source}`)].map(
    ([cited, each]) => `- ${each.map(({ key }) => `\`${key}\``).join(', ')} ${cited}`,
  );

function sectionLine(section: string, rows: readonly PolicyRow[]): string {
  const [first] = rows;
  if (first?.key === section) return `- \`${section}\` ${first.value}`;
  return `- \`${section}\`: ${rows.map(({ key, value }) => `\`${key.slice(section.length + 1)}\` ${value}`).join(', ')}`;
}

/** Renders docs/reference/data/policy.json: each value of the policy with its source. */
export const renderPolicyDocument = (): Promise<string> =>
  formatJson({ schemaVersion: 1, policy: rowsOf(readDefaultPolicy()) });

interface PolicyRow {
  key: string;
  value: string;
  source: string;
}

function rowsOf(section: object, path: readonly string[] = []): PolicyRow[] {
  return Object.entries(section as Record<string, Cited | object>).flatMap(([name, part]) => {
    const key = [...path, name];
    if (!('source' in part)) return rowsOf(part, key);
    const source = part.source.replace(/^Plimsoll: /, '').replaceAll('<', '&lt;');
    return [{ key: key.join('.'), value: String(part.value), source }];
  });
}

// Generates docs/reference/cluster-check-rules.md, the rules of `plimsoll cluster check`, from the files of rules.

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
    ...rules.filter((rule) => rule.area === area).map(ruleRow),
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

const ruleRow = ({ id, severity, fact, must }: AreaRule) =>
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

// Fills the table of formats in docs/reference/importers.md from the registry of load-test importers.

const [begin, end] = ['<!-- generated: formats -->', '<!-- /generated -->'];

export async function renderImportersPage(): Promise<string> {
  const page = await readFile(new URL('../docs/reference/importers.md', import.meta.url), 'utf8');
  const rows = Object.values(loadTests).map(({ tool, reads }) => `| ${tool} | ${reads} |`);
  const table = ['', '| tool | reads |', '| - | - |', ...rows, ''].join('\n');
  return `${page.slice(0, page.indexOf(begin) + begin.length)}\n${table}\n${page.slice(page.indexOf(end))}`;
}
