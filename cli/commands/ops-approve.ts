// Approves the plan of a change as a second person, or makes the key of an approver.

import type { FindingLanguage } from '../../core/documents/findings/finding-entry.ts';
import { AppError } from '../../core/errors.ts';
import { plain } from '../../core/text/table.ts';
import { type ApprovablePlan, planDigest } from '../../ops/change/approvable-plan.ts';
import { approve, approverOf } from '../../ops/change/approval.ts';
import { readPlanFile, isNew, readPrivateKey, writeNewKey } from '../../app/change/approval-files.ts';
import { type CommandIo, defineCommand, oneWord, text } from '../command.ts';
import { configPath, loadConfig } from '../../app/config/config-file.ts';
import { languageOption, configFileOption } from '../options.ts';
import { writeNew } from '../../app/files/write-new.ts';

const keyVariable = 'PLIMSOLL_APPROVAL_KEY';

export const opsApproveCommand = defineCommand({
  positionals: 'PLAN',
  options: {
    config: configFileOption,
    key: text(
      'FILE',
      `private key of the approver, readable only by the owner (default: the file that ${keyVariable} names)`,
    ),
    out: text('FILE', 'file for the approval (default PLAN.approval)'),
    lang: languageOption('the plan'),
    'new-key': text('FILE', 'write a new private key, and print the line for the config'),
  },
  examples: [
    'plimsoll ops approve --new-key ~/.config/plimsoll/approval-key.pem',
    'plimsoll ops approve plan.json --key ~/.config/plimsoll/approval-key.pem',
  ],

  async run(io) {
    const fresh = io.options['new-key'];
    if (typeof fresh === 'string') {
      io.stdout.write(`publicKey: ${await writeNewKey(fresh)}\n`);
      io.stderr.write(`private key: ${fresh}; add the public key under changes.approval.approvers\n`);
      return;
    }
    const path = oneWord(io, 'ops approve', 'the file of a plan');
    const { changes } = await loadConfig(configPath(io.options.config), io);
    const { approval: config } = changes;
    if (config === undefined)
      throw new AppError('usage', 'the config has no changes.approval, so no change can be approved');
    const plan = await readPlanFile(path, io);
    const privateKey = await readPrivateKey(keyOf(io), io);
    const approver = approverOf(privateKey, config);
    if (approver === undefined) {
      throw new AppError(
        'approval-refused',
        'this key belongs to no approver under changes.approval.approvers: nothing was approved',
      );
    }
    io.stdout.write(planText(plan, io.options.lang));
    const approval = approve(plan, { approver, privateKey, now: io.clock.now(), config });
    const out = typeof io.options.out === 'string' ? io.options.out : `${path}.approval`;
    await writeNew(out, `${JSON.stringify(approval, undefined, 2)}\n`, { hint: isNew });
    const signed = {
      en: `approved by ${approver} until ${approval.expiresAt}`,
      zh: `已由 ${approver} 批准，有效期至 ${approval.expiresAt}`,
    };
    io.stdout.write(`${signed[io.options.lang]}: ${out} (${planDigest(plan)})\n`);
  },
});

function planText({ clusterId, change, subject, ...plan }: ApprovablePlan, language: FindingLanguage): string {
  const steps = (language === 'zh' ? plan.stepsZh : undefined) ?? plan.steps;
  const title = {
    en: `${change} of ${subject} in cluster ${clusterId}`,
    zh: `集群 ${clusterId} 的变更 ${change}，对象 ${subject}`,
  };
  return `${[title[language], ...steps.map((step) => `  ${step}`)].map(plain).join('\n')}\n`;
}

function keyOf({ options, environment }: CommandIo): string {
  const path = options.key ?? environment[keyVariable];
  if (typeof path === 'string' && path !== '') return path;
  throw new AppError(
    'usage',
    `--key is missing: the file with the private key of the approver; ${keyVariable} can name it`,
  );
}
