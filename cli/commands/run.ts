// Runs, resumes or cleans up a load test.

import { AppError, exitCodes } from '../../core/errors.ts';
import { faultOf, type RunOutcome } from '../../loadgen/execute/run.ts';
import type { RunPlan } from '../../loadgen/plan/plan.ts';
import { resolvePolicy } from '../../core/policy/policy-config.ts';
import { defineCommand } from '../command.ts';
import { runOptions, type RunIo } from '../load/run-options.ts';
import { refuseWithCleanUp, runCallerOf, runRequestOf } from '../load/run-request.ts';
import { configPath, loadConfig, type Config } from '../../app/config/config-file.ts';
import type { CleanedUp } from '../../loadgen/execute/clean-up.ts';
import { cleanUpRun } from '../../app/load-test/clean-up-run.ts';
import { inNamespace } from '../../app/load-test/in-namespace.ts';
import { planOrResume } from '../../app/load-test/plan-run.ts';
import { carryOut } from '../../app/load-test/carry-out.ts';
import { clusterIn, configArgs } from '../../app/observe/named-cluster.ts';
import { guardConfigOf } from '../../app/load-test/load-guard.ts';
import { describeAllowance } from '../../app/load-test/prepare-load.ts';
import { shortStepTexts, unmonitoredTexts } from '../../app/load-test/notices.ts';
import { describePlan } from '../dry-run/describe-plan.ts';
import { knowsUnicode } from '../dry-run/draw-curve.ts';
import { planDocument } from '../../app/load-test/plan-document.ts';
import { quotedWord } from '../../core/text/quoted-word.ts';
import { endTexts, exitCodeOf, resultDocument } from '../run-result.ts';
import { searchStart } from '../../app/load-test/search-start.ts';

export const runCommand = defineCommand({
  positionals: '[WORKLOAD]',
  options: runOptions,
  examples: [
    'plimsoll run --rate-steps 1000,2000,4000 --message-size 500',
    'plimsoll run --config lab.yaml --rate-steps 5000 --step-duration 10m --message-size 1KiB --groups 2 --out runs/soak',
    'plimsoll run examples/workloads/find-safe.yaml --dry-run',
    'plimsoll run --degraded 2 --predicted-by runs/all-brokers --rate-steps 1000,2000,3000 --message-size 500',
    'plimsoll run --resume runs/soak',
    'plimsoll run --cleanup runs/soak --confirm MkU3OEVBNTcwNTJENDM2Qg',
  ],

  async run(io) {
    const { options, signal } = io;
    const config = await loadConfig(configPath(options.config), { signal });
    const leftBehind = options.cleanup;
    if (leftBehind !== undefined) {
      refuseWithCleanUp(io);
      const clusterNamed = (name: string) => clusterIn(config, name).config;
      return inNamespace(config, io, async (inside) =>
        tellCleanUp(await cleanUpRun(leftBehind, clusterNamed, inside), inside),
      );
    }
    const request = runRequestOf(io);
    const { plan, resumption } = await planOrResume(config, request, io);
    if (options['dry-run']) return tellPlan(plan, config, io);
    return inNamespace(config, io, async (inside) =>
      tellOutcome(await carryOut({ plan, config, request, resumption }, runCallerOf(inside)), io),
    );
  },
});

function tellPlan(plan: RunPlan, config: Config, { options, stdout, environment, clock }: RunIo): number {
  const { config: cluster } = clusterIn(config, plan.cluster.name);
  const guard = guardConfigOf(config);
  const page = {
    columns: stdout.columns,
    isPlain: !knowsUnicode(environment),
    allowance: describeAllowance(plan, cluster, clock),
    guard,
    shortSteps: shortStepTexts(plan, resolvePolicy(config.analyzer)),
    notMonitored: unmonitoredTexts(cluster, config.hosts),
  };
  stdout.write(
    options.json
      ? `${JSON.stringify(planDocument(plan, guard))}\n`
      : describePlan(plan, config.loadgen?.networkNamespace, page, searchStart(plan, config)),
  );
  return exitCodes.answered;
}

/** @throws AppError of a run that failed */
function tellOutcome(outcome: RunOutcome, { options, stdout, stderr }: RunIo): number {
  const fault = faultOf(outcome, configArgs(options.config));
  if (fault !== undefined) throw fault;
  if (options.json) stdout.write(`${JSON.stringify(resultDocument(outcome), undefined, 2)}\n`);
  else stdout.write(`${outcome.directory}\n`);
  // Scripts read the folder from standard output; this is for people.
  for (const line of endTexts(outcome)) stderr.write(`${line}\n`);
  stderr.write(`next: plimsoll analyze ${quotedWord(outcome.directory)}${configArgs(options.config)}\n`);
  return exitCodeOf(outcome);
}

/** @throws AppError broker-refused if something remains */
function tellCleanUp({ deleted, left }: CleanedUp, { options, stdout }: RunIo): number {
  const lines = [
    ...deleted.topics.map((name) => `deleted topic ${name}`),
    ...deleted.groups.map((name) => `deleted group ${name}`),
  ];
  const isJson = options.json === true;
  if (left.length === 0 && isJson) stdout.write(`${JSON.stringify({ schemaVersion: 1, deleted, left })}\n`);
  if (!isJson) {
    const nothing = left.length === 0 ? 'there was nothing to delete\n' : '';
    stdout.write(lines.length === 0 ? nothing : lines.map((line) => `${line}\n`).join(''));
  }
  if (left.length === 0) return exitCodes.answered;
  throw new AppError('broker-refused', left.map(({ what, reason }) => `${what}: ${reason}`).join('; '));
}
