// Compares two values of a parameter on the cluster itself, by load tests that take turns.

import { effectOf, type Effect } from '../../analyzer/review/ab-test/effect.ts';
import { turnsOf } from '../../analyzer/review/ab-test/turns.ts';
import { AppError, exitCodes } from '../../core/errors.ts';
import { inNamespace } from '../../app/load-test/in-namespace.ts';
import { onlyOneOf } from '../../app/change/run-change.ts';
import { leaseOptions } from '../change/administration-options.ts';
import { clusterArgs, clusterOf, type NamedCluster } from '../../app/observe/named-cluster.ts';
import { hasColours } from '../command-line.ts';
import {
  choice,
  defineCommand,
  flag,
  type IoOf,
  list,
  number,
  option,
  printReport,
  text,
  wholeNumber,
} from '../command.ts';
import { configPath, loadConfig, type Config } from '../../app/config/config-file.ts';
import { configFileOption, policyOf } from '../options.ts';
import { runCallerOf } from '../load/run-request.ts';
import { bundlesOf, questionOf, type Question } from '../../app/ab-test/question.ts';
import { abortTurns, driveTurns, offerTurns, type RequestedTurns } from '../../app/ab-test/drive-turns.ts';
import { measures, readTurns, type Measure, type Turn } from '../../app/ab-test/read-turns.ts';
import { handSteps } from '../../app/ab-test/steps.ts';
import { columnsOf, plain, renderTable } from '../../core/text/table.ts';
import { changeText, percentText, rateNumberText } from '../../core/text/quantity-text.ts';

const defaultRuns = 8;

const abTestOptions = {
  config: configFileOption,
  cluster: text('NAME', 'name of the cluster in the config file (default: the only one)'),
  workload: text('FILE', 'workload YAML of each run; use one that searches for the limit, such as find-safe'),
  runs: option(
    'N',
    `number of load tests, in blocks of four (default ${defaultRuns})`,
    wholeNumber(4, 100).default(defaultRuns),
  ),
  seed: number('N', 'random seed of the order (default 1)'),
  out: text('DIR', 'folder for the bundles (default runs/ab-test-PARAMETER)'),
  execute: flag(
    'change the setting on the running brokers and run the load tests (default: print the order and the manual steps)',
  ),
  abort: flag('restore the parameter after the process was killed, from its journal'),
  ...leaseOptions,
  bundles: list('A=DIR,DIR', 'compare existing bundles: A=DIR,DIR B=DIR,DIR, or the values in place of A and B'),
  by: option(
    'WHAT',
    `figure to compare: ${measures.join(' or ')} (default safe-max)`,
    choice(measures).default(measures[0]),
  ),
  'accept-blind': flag('run even if some brokers have no host metrics; `plimsoll ready` lists them'),
  json: flag('print one JSON document: { schemaVersion, parameter, a, b, measure, turns, effect, steps, notices }'),
};

type AbTestIo = IoOf<typeof abTestOptions>;

export const abTestCommand = defineCommand({
  positionals: 'PARAMETER=A,B [B=DIR,DIR]',
  options: abTestOptions,
  examples: [
    'plimsoll ab-test num.io.threads=8,16 --workload examples/workloads/find-safe.yaml --cluster orders',
    'plimsoll ab-test num.io.threads=8,16 --workload find-safe.yaml --cluster orders --execute --confirm MkU3OEVBNTcwNTJENDM2Qg',
    'plimsoll ab-test num.io.threads=8,16 --cluster orders --abort --confirm MkU3OEVBNTcwNTJENDM2Qg',
    'plimsoll ab-test sendMessageThreadPoolNums=4,24 --bundles 4=runs/1,runs/4 24=runs/2,runs/3',
  ],

  async run(io) {
    const [word, ...rest] = io.positionals;
    const question = questionOf(word);
    const measure = io.options.by;
    const args = [...io.options.bundles, ...rest];
    if (args.length > 0) return judge(question, bundlesOf(args, question), measure, io);
    return driveOrTell(question, measure, io);
  },
});

async function judge(
  question: Question,
  bundles: Parameters<typeof readTurns>[0],
  measure: Measure,
  io: AbTestIo,
): Promise<number> {
  const { signal, stdout, environment } = io;
  const { turns, notices } = await readTurns(bundles, { measure, policy: await policyOf(io) }, { signal });
  const blind = turns.filter(({ tps }) => tps === undefined);
  const effect =
    blind.length > 0
      ? {
          kind: 'unknown' as const,
          missing: blind.map(({ directory, missing }) => `${directory}: ${missing}`).join('; '),
        }
      : effectOf(turns.map(({ side, tps = 0 }) => ({ side, tps })));
  printReport(io, {
    json: { ...question, measure, turns, effect },
    text: worthText(question, { turns, effect, measure }, { colours: hasColours(stdout, environment) }),
    notices,
  });
  return effect.kind === 'unknown' ? exitCodes.unknown : exitCodes.answered;
}

async function driveOrTell(question: Question, measure: Measure, io: AbTestIo): Promise<number> {
  const { options } = io;
  const isAborted = onlyOneOf(['execute', 'abort'], options) === 'abort';
  const cluster = await clusterOf(io);
  if (isAborted) {
    return within(io, async (inside) => {
      await abortTurns(inside, cluster, question.parameter);
      return exitCodes.answered;
    });
  }
  const turnsRequest = requestedTurns(question, cluster, options);
  if (!options.execute) {
    await offerTurns(io, turnsRequest);
    const { turns } = turnsRequest;
    const named = { cluster: cluster.name, clusterArgs: clusterArgs({ config: options.config }, cluster.name) };
    const steps = handSteps(question, { ...turnsRequest, ...named, kind: cluster.config.broker });
    printReport(io, {
      json: { ...question, measure, steps },
      text: `${turns.length} load tests, ${turns.map((side) => question[side]).join(' ')} in turns. --execute runs them, if the brokers can change ${question.parameter} while running. By hand:\n${steps.map((step, index) => `${String(index + 1).padStart(3)}. ${step}\n`).join('')}`,
      notices: [],
    });
    return exitCodes.answered;
  }
  return within(io, async (inside, config) => {
    await offerTurns(inside, turnsRequest);
    return judge(
      question,
      await driveTurns(inside, turnsRequest, { config, caller: runCallerOf(inside) }),
      measure,
      inside,
    );
  });
}

/** @throws AppError usage */
function requestedTurns(question: Question, cluster: NamedCluster, options: AbTestIo['options']): RequestedTurns {
  const { workload, runs, seed = 1, 'accept-blind': acceptBlind } = options;
  const { out = `runs/ab-test-${question.parameter}` } = options;
  if (workload === undefined) {
    throw new AppError('usage', 'neither a workload to run nor bundles to compare are given', {
      hint: 'give --workload FILE, or --bundles A=DIR,DIR B=DIR,DIR',
    });
  }
  return { question, cluster, workload, turns: turnsOf(runs, seed), out, acceptBlind };
}

/** Runs in the network namespace of the config, if it names one. */
async function within(io: AbTestIo, act: (io: AbTestIo, config: Config) => Promise<number>): Promise<number> {
  const config = await loadConfig(configPath(io.options.config), io);
  return inNamespace(config, io, (inside) => act(inside, config));
}

function worthText(
  { parameter, a, b }: Question,
  { turns, effect, measure }: { turns: readonly Turn[]; effect: Effect; measure: Measure },
  { colours }: { colours: boolean },
): string {
  const columns = columnsOf(['>TURN', plain(parameter), measure === 'safe-max' ? '>SAFE MAX/S' : '>ACHIEVED/S', 'RUN']);
  const rows = turns.map(({ side, tps, missing, directory }, index) => [
    String(index + 1),
    side === 'a' ? a : b,
    tps === undefined ? undefined : rateNumberText(tps),
    missing === undefined ? directory : `${directory}: ${missing}`,
  ]);
  return `${renderTable(columns, rows, { colours })}\n${effectText({ parameter, a, b }, effect)}`;
}

function effectText({ parameter, a, b }: Question, effect: Effect): string {
  if (effect.kind === 'unknown')
    return `unknown: ${effect.missing}\n未知：每个取值至少需要两次测得速率的压测，建议共八次\n`;
  const { ratio, low, high, confidence, verdict, driftPerTurn, spread } = effect;
  const [change, least, most] = [ratio, low, high].map((each) => changeText(each - 1));
  const percent = percentText(confidence);
  const said = {
    'b-more': `${parameter}=${b} sustains a higher rate than ${a}`,
    'a-more': `${parameter}=${a} sustains a higher rate than ${b}`,
    'no-difference-seen': `no difference found between ${parameter}=${a} and ${b}`,
  }[verdict];
  const saidToManagers = {
    'b-more': `${parameter}=${b} 的承载能力高于 ${a}`,
    'a-more': `${parameter}=${a} 的承载能力高于 ${b}`,
    'no-difference-seen': `未测出 ${parameter}=${a} 与 ${b} 的差别`,
  }[verdict];
  return [
    `${said}: ${b} over ${a} is ${change} (${percent} interval ${least} to ${most})\n`,
    `${saidToManagers}：${b} 相对 ${a} 为 ${change}（${percent} 区间 ${least} 至 ${most}）\n`,
    `drift from turn to turn ${changeText(driftPerTurn - 1)}, spread of a single run ${percentText(spread)}\n`,
  ].join('');
}
