// Finds a cluster with capacity for a new topic, or the figure that rules out each cluster.

import {
  admitTopic,
  type Admission,
  type AdmissionCheck,
  type ClusterAdmission,
} from '../../analyzer/planning/admission/admit-topic.ts';
import { TopicRequest } from '../../analyzer/planning/admission/topic-request.ts';
import { domainsOf } from '../../analyzer/planning/domains/domains-of.ts';
import { readDomainRules } from '../../analyzer/planning/domains/rules.ts';
import { sizeDomains, surroundingsOf } from '../../analyzer/planning/sizing/size-domains.ts';
import { loadConfigFile } from '../../core/config-file.ts';
import { AppError, exitCodes } from '../../core/errors.ts';
import { meantHint } from '../../core/text/nearest.ts';
import { admissionDocument } from '../../app/planning/admission-document.ts';
import type { ReportLanguage } from '../../dashboards/reports/capacity/texts.ts';
import { defineCommand, flag, printDocument, text } from '../command.ts';
import { languageOption, policyOf, policyOption } from '../options.ts';
import { readPlanFile } from '../../app/planning/plan-file.ts';
import { readDomains } from '../../app/planning/read-domains.ts';
import { refusalText } from '../../core/documents/reasons/rejection-reasons.ts';
import { bilingual } from '../../core/text/bilingual.ts';
import { chineseName } from '../../core/text/limit-text.ts';
import { capacityText, percentText, rateNumberText, rateText } from '../../core/text/quantity-text.ts';
import { columnsOf, plain, renderTable } from '../../core/text/table.ts';

/** Default of `plimsoll size`. */
const usualWorlds = 512;

export const admitCommand = defineCommand({
  positionals: 'TOPIC.yaml',
  options: {
    domains: text('FILE', 'business domains, as `plimsoll size` reads them'),
    plan: text(
      'FILE',
      'existing clusters, written by `plimsoll size --json` (default: those that the domains would get)',
    ),
    catalogue: text('FILE', 'YAML of hardware shapes (default: the one the domains name)'),
    config: policyOption,
    lang: languageOption('the answer'),
    json: flag('print one JSON document; docs/schema/admission.schema.json'),
  },
  examples: [
    'plimsoll admit examples/topic.yaml --domains examples/domains.yaml',
    'plimsoll admit topic.yaml --domains domains.yaml --plan plan.json --json',
  ],

  async run(io) {
    const { positionals, options, signal } = io;
    const [path, ...others] = positionals;
    const { domains: domainsPath, plan: planPath } = options;
    if (path === undefined || others.length > 0 || domainsPath === undefined) {
      throw new AppError('usage', 'admit takes one file of a topic, and --domains FILE', {
        hint: 'examples/topic.yaml shows one; docs/explanation/admission.md describes its keys',
      });
    }
    const topic = await loadConfigFile(path, TopicRequest, { signal });
    const { catalogue } = options;
    const reading = await readDomains(domainsPath, { catalogue, policy: await policyOf(io), signal });
    const { policy } = reading;
    const rules = readDomainRules();
    const { domains } = domainsOf(reading.file, rules, policy.clustersOfDomain.value);
    const domain = domains.find(({ name }) => name === topic.domain);
    if (domain === undefined) throw strange(topic.domain, domainsPath, Object.keys(reading.file.domains));
    const plans =
      planPath === undefined
        ? sizeDomains({ ...reading, seed: 'plimsoll', worlds: usualWorlds })
        : await readPlanFile(planPath, io);
    const { seed, count } = plans.worlds;
    const surroundings = surroundingsOf({ ...reading, seed, worlds: count });
    const admission = admitTopic(topic, { plans, domain, domains, surroundings, rules });
    printDocument(io, admissionDocument(topic, admission), () => admissionText(topic, admission, options.lang));
    return admission.kind === 'admitted' ? exitCodes.answered : exitCodes.threshold;
  },
});

function strange(domain: string, path: string, known: readonly string[]): AppError {
  return new AppError('not-found', `${path} has no domain ${domain}`, {
    hint: meantHint(domain, known, `it has ${known.join(', ')}`),
  });
}

function admissionText(topic: TopicRequest, admission: Admission, language: ReportLanguage): string {
  const { answer } = texts[language];
  return [answer(topic, admission), ...admission.clusters.map((each) => clusterText(each, language))].join('');
}

const texts = bilingual({
  answer: ({ topic, domain, peakTps }: TopicRequest, { kind, cluster, reason, factor, refusal }: Admission) => {
    const rate = peakTps * factor;
    const [en, zh] = [`${rateText(rate)} at the planned peak`, `计划峰值 ${rateNumberText(rate)} 条/秒`];
    const why = refusal === undefined ? '' : `：${plain(refusalText(refusal, 'zh').reason)}`;
    return kind === 'admitted'
      ? [
          `ADMITTED: cluster ${cluster} can take ${topic}, ${en}\n`,
          `准入：集群 ${cluster} 可以承载 Topic ${topic}，${zh}\n`,
        ]
      : [
          `REFUSED: ${topic}, ${en}: ${plain(reason ?? '')}\n`,
          `拒绝：业务域 ${plain(domain)} 没有集群可以承载 Topic ${topic}，${zh}${why}\n`,
        ];
  },
  room: (cluster: string, isAdmitted: boolean) => [
    `${cluster}: ${isAdmitted ? 'has room' : 'has no room'}; use of one broker after the worst loss that the plan covers`,
    `${cluster}：${isAdmitted ? '有余量' : '余量不足'}；以下为规划所覆盖的最坏故障后单个 Broker 的用量`,
  ],
  headings: [
    ['RESOURCE', '>NOW', '>AFTER', '>LIMIT', ''],
    ['资源', '>当前', '>加入后', '>上限', ''],
  ],
  over: ['over', '超限'],
  within: ['ok', '正常'],
  named: (name: string) => [
    name === 'brokers' ? 'brokers needed' : name,
    { messages: '消息', partitions: '分区', brokers: '所需 Broker' }[name] ?? chineseName(name).trim(),
  ],
  tooFew: (needed: number, planned: number) => [
    `- brokers needed: plimsoll size plans ${needed} for this cluster with the topic, it has ${planned}\n`,
    `- 所需 Broker：加入该 Topic 后 plimsoll size 为该集群规划 ${needed} 个，而集群只有 ${planned} 个\n`,
  ],
  beyondQueue: [
    '- brokers needed: no number is enough with the reserve, because one broker accepts all messages of a global order\n',
    '- 所需 Broker：计入余量后多少个都不够，因为全局有序的消息全部由一个 Broker 接收\n',
  ],
  withoutReserve: [
    'No reserve for uncertain figures: the domains file lacks a measurement of this setup, or a domain of the plan\n',
    '未计入不确定性余量：domains 文件缺少该配置的实测，或缺少规划中的某个业务域\n',
  ],
  exceeds: (name: string, after: string, limit: string) => [
    `- ${name}: ${after}, limit ${limit}`,
    `- ${name}：${after}，上限 ${limit}`,
  ],
});

function clusterText({ cluster, isAdmitted, checks }: ClusterAdmission, language: ReportLanguage): string {
  const { room, headings, over, within, named, exceeds, tooFew, beyondQueue, withoutReserve } = texts[language];
  const amount = ({ unit }: AdmissionCheck, value: number) =>
    unit === 'ratio' ? percentText(value) : unit === 'brokers' ? `${value}` : capacityText(value, unit, language);
  return [
    `\n${room(cluster, isAdmitted)}\n`,
    renderTable(
      columnsOf(headings),
      checks.map((check) => [
        named(check.name),
        amount(check, check.now),
        check.beyondQueue ? '-' : amount(check, check.after),
        amount(check, check.limit),
        check.after > check.limit ? over : within,
      ]),
    ),
    ...checks
      .filter(({ after, limit }) => after > limit)
      .map((check) =>
        check.name === 'brokers'
          ? check.beyondQueue
            ? beyondQueue
            : tooFew(check.after, check.limit)
          : `${exceeds(named(check.name), amount(check, check.after), amount(check, check.limit))}\n`,
      ),
    checks.some(({ name }) => name === 'brokers') ? '' : withoutReserve,
  ].join('');
}
