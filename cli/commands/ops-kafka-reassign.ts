// Plans and executes a reassignment with the least data movement when brokers join or leave.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openKafkaChanges } from '../../brokers/kafka/changes/kafka-changes.ts';
import { AppError, exitCodes } from '../../core/errors.ts';
import { journalFile } from '../../ops/change/journal.ts';
import { reassignFolder } from '../../ops/kafka/execute/reassign-facts.ts';
import { renderNotice, type NoticeLanguage } from '../../ops/kafka/reassign/notice.ts';
import { scriptFiles } from '../../ops/kafka/reassign/script-files.ts';
import { stateFolderOf } from '../../app/change/state-folder.ts';
import { offerForApproval } from '../../app/change/require-approval.ts';
import { clusterOfKind } from '../../app/observe/named-cluster.ts';
import { defineCommand } from '../command.ts';
import { isAddressed, verifyLive } from '../../app/observe/verify-cluster.ts';
import { requestedCut } from '../../app/change/reassign/retention-cut.ts';
import { controlChange } from '../../app/change/reassign/control-change.ts';
import {
  changeName,
  executePlan,
  exitOf,
  refuseUnable,
  subjectOf,
  type Executed,
} from '../../app/change/reassign/execute-plan.ts';
import { planLive } from '../../app/change/reassign/live-plan.ts';
import type { MadePlan } from '../../app/change/reassign/made-plan.ts';
import { announcedIn } from '../reassign/notice-language.ts';
import { planOffline } from '../../app/change/reassign/offline-plan.ts';
import { tellControlled } from '../reassign/tell-controlled.ts';
import { reassignView } from '../reassign/progress-view.ts';
import { executedText, planText } from '../reassign/plan-text.ts';
import { factsOf, plannedReassignment } from '../../app/change/reassign/planned-reassignment.ts';
import { reassignDocument } from '../../app/change/reassign/reassign-document.ts';
import { controls, reassignOptions, type ReassignIo } from '../reassign/reassign-options.ts';
import { renderJson } from '../report.ts';

export const opsKafkaReassignCommand = defineCommand({
  name: 'ops kafka reassign',
  options: reassignOptions,
  examples: [
    'plimsoll ops kafka reassign --assignment examples/reassignment/current.json --brokers examples/reassignment/brokers.json --add 4',
    'plimsoll ops kafka reassign --assignment current.json --brokers brokers.json --topics "order-.*" --notice zh',
    'plimsoll ops kafka reassign --cluster orders --remove 3 --network 10gbit',
    'plimsoll ops kafka reassign --cluster orders --add 4 --topics top-tps:20 --network 10gbit --execute',
    'plimsoll ops kafka reassign --cluster orders --abort',
  ],

  async run(io) {
    const { notice: language, cluster, config, bootstrap } = io.options;
    const isLive = [cluster, config, bootstrap].some((value) => value !== undefined);
    const control = (Object.keys(controls) as (keyof typeof controls)[]).find((option) => io.options[option]);
    if (isLive || control !== undefined) return runLive(io, language, control);
    if (io.options.execute) {
      throw new AppError('usage', '--execute needs a cluster: files are a plan only', {
        hint: 'give --cluster or --bootstrap',
      });
    }
    const made = await planOffline(io);
    await finish(io, made, language);
    return exitCodes.answered;
  },
});

async function runLive(
  io: ReassignIo,
  language: NoticeLanguage | undefined,
  control: string | undefined,
): Promise<number> {
  const named = await clusterOfKind(io, 'kafka');
  await using changes = openKafkaChanges(named.name, named.config, { clock: io.clock });
  const { clusterId, brokers } = await changes.describe(io);
  const path = journalFile(stateFolderOf(io), reassignFolder, [clusterId ?? named.name]);
  const live = { name: named.name, kind: named.config.broker, ...(clusterId && { clusterId }), brokers };
  if (control !== undefined) {
    const isRead = control === 'status';
    const typed = isRead ? named.name : verifyLive(named, live, { isRequired: false });
    const { name, config } = named;
    const view = reassignView(io);
    return tellControlled(io, await controlChange(io, changes, { path, name, config, typed, control, view }));
  }
  const isExecuted = io.options.execute;
  if (isExecuted) {
    verifyLive(named, live, { isRequired: !isAddressed(io) });
    await refuseUnable(changes, path, io);
  }
  const made = await planLive(io, { name: named.name, config: named.config }, changes);
  const cut = await requestedCut(io, made, changes);
  const whole = cut === undefined ? made : { ...made, findings: [...made.findings, ...cut.findings] };
  const facts = factsOf(io, whole, cut);
  const what = { change: changeName, subject: subjectOf(facts) };
  await offerForApproval(io, named, what, plannedReassignment(facts));
  // Two clusters behind typed addresses have the same name: their own ids distinguish them.
  const name = io.options.bootstrap === undefined ? named.name : (clusterId ?? named.name);
  if (!isExecuted || facts.target.length === 0) {
    await finish(io, whole, language);
    return exitCodes.answered;
  }
  if (!io.options.json) io.stderr.write(`${planText(whole.plan, whole.findings)}\n`);
  const executed = await executePlan(io, changes, whole, {
    name,
    config: named.config,
    path,
    facts,
    view: reassignView(io),
  });
  await finish(io, whole, language, executed);
  return exitOf(executed);
}

async function finish(
  io: ReassignIo,
  made: MadePlan,
  language: NoticeLanguage | undefined,
  executed?: Executed,
): Promise<void> {
  const { options, stdout } = io;
  const { plan, findings } = made;
  const announced = announcedIn(options);
  const notices = { en: renderNotice(plan, announced, 'en'), zh: renderNotice(plan, announced, 'zh') };
  const notice = language && notices[language];
  if (options.files !== undefined)
    await writeFiles(
      options.files,
      new Map([...scriptFiles(plan), ...(notice === undefined ? [] : [['notice.txt', notice] as const])]),
    );
  if (options.json) {
    stdout.write(renderJson(reassignDocument(made, { notice, notices }, executed)));
    return;
  }
  if (executed === undefined) stdout.write(planText(plan, findings));
  else stdout.write(executedText(executed));
  if (notice !== undefined) stdout.write(`\n${notice}`);
}

async function writeFiles(folder: string, files: ReadonlyMap<string, string>): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    for (const [name, text] of files) await writeFile(join(folder, name), text, { flag: 'wx' });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const fault = code === 'EEXIST' ? 'file-exists' : code === 'ENOSPC' ? 'no-space' : 'no-permission';
    throw new AppError(fault, `cannot write into ${folder}: ${message}`, {
      cause,
      ...(code === 'EEXIST' && { hint: 'give --files a folder that does not exist yet' }),
    });
  }
}
