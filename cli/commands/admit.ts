// Finds a cluster that can take a new topic, or the figure by which each one refuses it.

import { admitTopic } from '../../analyzer/planning/admission/admit-topic.ts';
import { TopicRequest } from '../../analyzer/planning/admission/topic-request.ts';
import { domainsOf } from '../../analyzer/planning/domains/domains-of.ts';
import { readDomainRules } from '../../analyzer/planning/domains/rules.ts';
import { sizeDomains } from '../../analyzer/planning/sizing/size-domains.ts';
import { loadConfigFile } from '../../core/config-file.ts';
import { AppError, exitCodes } from '../../core/errors.ts';
import { meantHint } from '../../core/text/nearest.ts';
import { admissionDocument } from '../../app/planning/admission-document.ts';
import { languages, type ReportLanguage } from '../../dashboards/reports/capacity/texts.ts';
import { admissionText } from '../admit/admission-text.ts';
import { defineCommand } from '../command.ts';
import { policyOf, policyOption } from '../config-option.ts';
import { choice, flag, option, text } from '../option.ts';
import { readPlanFile } from '../../app/planning/plan-file.ts';
import { readDomains } from '../../app/planning/read-domains.ts';
import { printDocument } from '../report.ts';

/** As `plimsoll size` does without options. */
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
    lang: option(
      'NAME',
      'language of the answer: en or zh (default en)',
      choice(Object.keys(languages) as ReportLanguage[]).default('en'),
    ),
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
        hint: 'examples/topic.yaml shows one; docs/admission.md describes its keys',
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
    const admission = admitTopic(topic, { plans, domain, domains, policy, rules });
    printDocument(io, admissionDocument(topic, admission), () => admissionText(topic, admission, options.lang));
    return admission.kind === 'admitted' ? exitCodes.answered : exitCodes.threshold;
  },
});

function strange(domain: string, path: string, known: readonly string[]): AppError {
  return new AppError('not-found', `${path} has no domain ${domain}`, {
    hint: meantHint(domain, known, `it has ${known.join(', ')}`),
  });
}
