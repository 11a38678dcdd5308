// Stops and starts one instance: the common steps of all instance changes.

import { AppError } from '../../core/errors.ts';
import { seconds } from '../../core/clock.ts';
import { findInstances } from '../../hosts/instances/find-instances.ts';
import { isSame } from '../../hosts/instances/same-instance.ts';
import {
  control,
  countStarts,
  isStopped,
  readOutput,
  readService,
  stopIfKnown,
} from '../../hosts/instances/service.ts';
import { changesNothing, done, heldBy, type Step, type StepIo } from '../change/step.ts';
import type { Text } from '../../core/text/bilingual.ts';
import { closeBeforeStop } from './close-master.ts';
import type { ChangedInstance, InstanceFacts, InstanceTools } from './facts.ts';
import { checkStart } from './start-checks.ts';
import { markOf } from './startup-faults.ts';
import { readServing } from './serving.ts';
import { until } from './until.ts';

const glance = seconds(1);
/** Each check calls the supervisor three times, which runs a Python program each time and takes CPU from the starting broker. */
const servingGlance = seconds(2);

/** Timeout for a rollback that starts an instance: a log of a terabyte is recovered in less time. */
const patienceSeconds = 900;

export const stopStepId = (name: string): string => `stop-${name}`;
const startStepId = (name: string): string => `start-${name}`;

export function stop({ name, target, wasRunning }: ChangedInstance, tools: InstanceTools): Step<InstanceFacts> {
  const { hostOf, clock } = tools;
  const { commands } = hostOf(target.host);
  const isControlled = target.supervisord !== undefined || target.systemd !== undefined;
  return {
    id: stopStepId(name),
    description: `stop ${name} on host ${target.host}`,
    zh: `停止主机 ${target.host} 上的 ${name}`,
    pause: glance,
    async run(io) {
      const { wasStopped, holds } = await stopService({ name, target }, tools, io);
      if (holds.length > 0) return { kind: 'held', holds };
      return done(
        wasStopped
          ? { en: `${name} was stopped already`, zh: `${name} 此前已停止` }
          : { en: `${name} is stopped`, zh: `${name} 已停止` },
      );
    },
    undo: wasRunning
      ? {
          description: `start ${name} again and wait until it serves`,
          zh: `重新启动 ${name} 并等待其提供服务`,
          async run(io) {
            const host = hostOf(target.host);
            const mark = markOf(await readOutput(commands, target, io));
            await control(commands, target, 'start', io);
            await until({ clock, patienceSeconds }, io, async () => {
              const serving = await readServing(host, { name, target, mark }, io);
              if (serving.kind === 'failed')
                throw new AppError('change-stopped', serving.reason, { hint: serving.action });
              return serving.kind === 'listens' ? undefined : serving.reason;
            });
            await io.storeIs?.('serving', io);
            return [`${name} serves again`];
          },
        }
      : isControlled
        ? { none: `${name} did not run before`, zh: `${name} 此前没有运行` }
        : { none: `${name} cannot be controlled`, zh: `${name} 无法控制` },
  };
}

/** @param how isSwitched: the start uses another program than the one that ran before */
export function check(
  changed: ChangedInstance,
  facts: InstanceFacts,
  tools: InstanceTools,
  { isSwitched = false }: { isSwitched?: boolean } = {},
): Step<InstanceFacts> {
  const { name, target } = changed;
  return {
    id: `see-startable-${name}`,
    description: `check Java, ports, disk space and data directories of ${name}`,
    zh: `检查 ${name} 的 Java、端口、磁盘空间和数据目录`,
    pause: glance,
    undo: changesNothing,
    async run(io) {
      // If the host booted in between, it started the former program.
      const { holds } = isSwitched ? await stopService(changed, tools, io) : { holds: [] };
      if (holds.length > 0) return { kind: 'held', holds };
      const bad = (await checkStart(changed, tools, io)).filter(({ severity }) => severity === 'critical');
      if (bad.length > 0)
        return heldBy(
          bad.map(({ message, messageZh }) => (messageZh === undefined ? message : { en: message, zh: messageZh })),
        );
      const output = await readOutput(tools.hostOf(target.host).commands, target, io);
      const marks = { ...facts.marks, [name]: markOf(output) };
      return {
        ...done({ en: `nothing prevents the start of ${name}`, zh: `没有妨碍 ${name} 启动的问题` }),
        learnt: { marks },
      };
    },
  };
}

/** @param how isSwitched: the start uses another program than the one that ran before */
export function start(
  each: ChangedInstance,
  facts: InstanceFacts,
  tools: InstanceTools,
  { isSwitched = false }: { isSwitched?: boolean } = {},
): Step<InstanceFacts> {
  const { name, target, wasRunning } = each;
  const { commands } = tools.hostOf(target.host);
  return {
    id: startStepId(name),
    description: `start ${name} on host ${target.host}`,
    zh: `启动主机 ${target.host} 上的 ${name}`,
    pause: glance,
    async run(io) {
      const { state } = await readService(commands, target, io);
      const runs = state === 'running' || state === 'starting';
      if (!runs) await control(commands, target, 'start', io);
      return done(
        runs
          ? { en: `${name} was started already`, zh: `${name} 此前已启动` }
          : { en: `${name} is started`, zh: `${name} 已启动` },
      );
    },
    undo:
      wasRunning && !isSwitched
        ? { none: `${name} ran before`, zh: `${name} 此前已在运行` }
        : {
            description: `stop ${name}`,
            zh: `停止 ${name}`,
            run: (io) => stopInRollback(each, facts, tools, io),
          },
  };
}

/** Stops a RocketMQ master only once no client sends to it. */
export async function stopInRollback(
  each: ChangedInstance,
  facts: InstanceFacts,
  tools: InstanceTools,
  io: StepIo,
): Promise<Text[]> {
  const closed = await closeBeforeStop(each, facts, tools, io);
  await stopIfKnown(tools.hostOf(each.target.host).commands, each.target, io);
  await noteStopped(each, tools, io);
  return [...closed, { en: `${each.name} is stopped`, zh: `${each.name} 已停止` }];
}

/**
 * Reads the output until the instance serves. @throws AppError change-stopped with the explained error once the
 * supervisor gave up
 */
export function awaitServing(
  { name, target }: ChangedInstance,
  facts: InstanceFacts,
  tools: InstanceTools,
): Step<InstanceFacts> {
  const { hostOf, clock } = tools;
  let listensSince: number | undefined;
  let begunAt: number | undefined;
  // An installation starts other instances before it reads this output.
  let extent: 'recent' | 'long' = 'long';
  const seen = new Set<number>();
  return {
    id: `await-serving-${name}`,
    description: `read the start-up log of ${name} until it serves`,
    zh: `读取 ${name} 的启动日志，直到其提供服务`,
    pause: servingGlance,
    // The supervisor may have given up, for a reason that the operator has since corrected.
    after: startStepId(name),
    undo: changesNothing,
    async run(io) {
      const serving = await readServing(hostOf(target.host), { name, target, mark: facts.marks[name], extent }, io);
      // A broker with ZooKeeper continues to write a line for each assigned partition.
      extent = serving.kind === 'listens' && !serving.isReady ? 'long' : 'recent';
      if (serving.kind === 'failed') throw new AppError('change-stopped', serving.reason, { hint: serving.action });
      if (serving.kind === 'starting') {
        listensSince = undefined;
        if (serving.pid !== undefined) seen.add(serving.pid);
        begunAt ??= clock.monotonic();
        const within = clock.monotonic() - begunAt + justStartedSeconds;
        const now = clock.now().getTime() / 1000;
        const counted = await countStarts(hostOf(target.host).commands, target, { now, within }, io);
        const starts = Math.max(seen.size, counted);
        if (starts < mostStarts) return heldBy(serving.reason);
        throw new AppError(
          'change-stopped',
          `${name} ended repeatedly during its start (${starts - 1}): ${serving.reason}`,
          { hint: 'correct the cause; its supervisor keeps restarting it until --abort stops it' },
        );
      }
      listensSince ??= clock.monotonic();
      const evidence = async (en: string, zh: string) => {
        await io.storeIs?.('serving', io);
        return done({
          en: `${name} listens on ${serving.ports.join(', ')} as process ${serving.pid}${en}`,
          zh: `${name}（进程 ${serving.pid}）监听 ${serving.ports.join('、')}${zh}`,
        });
      };
      if (serving.isReady) return await evidence('; its log states that it serves', '，日志表明已可提供服务');
      // The logging configuration may exclude the line.
      if (clock.monotonic() - listensSince >= withoutLineSeconds) {
        return await evidence(
          ` for ${withoutLineSeconds} s; its output does not state that it serves`,
          `已 ${withoutLineSeconds} 秒；其输出未表明可以提供服务`,
        );
      }
      return heldBy({
        en: `${name} listens, and its output does not state yet that it serves`,
        zh: `${name} 已监听端口，但其输出尚未表明可以提供服务`,
      });
    },
  };
}

const withoutLineSeconds = 15;
/** Time from the start to the first check. */
const justStartedSeconds = 15;
/** Maximum number of processes of one start, because the supervisor restarts those that end. */
const mostStarts = 4;

async function stopService(
  { name, target }: Pick<ChangedInstance, 'name' | 'target'>,
  tools: InstanceTools,
  io: StepIo,
) {
  const { commands } = tools.hostOf(target.host);
  const wasStopped = (await readService(commands, target, io)).state === 'stopped';
  const blocked = (what: string, zh: string) => ({ wasStopped, holds: [{ what, zh }] });
  if (!wasStopped) await control(commands, target, 'stop', io);
  const service = await readService(commands, target, io);
  const { state, reason } = service;
  const why = reason === undefined ? '' : ` (${reason})`;
  if (!isStopped(service)) return blocked(`${name} is ${state}${why}`, `${name} 的状态为 ${state}${why}`);
  const pid = await runningPid(target, tools, io);
  if (pid === undefined) {
    await noteStopped({ target }, tools, io);
    return { wasStopped, holds: [] };
  }
  return blocked(
    `${name} is stopped, and its JVM ${pid} still runs: for a program that is a script, set stopasgroup=true in supervisord`,
    `${name} 已停止，但其 JVM ${pid} 仍在运行：若程序是脚本，请在 supervisord 中设置 stopasgroup=true`,
  );
}

/** Name servers have the cluster's lease; while another one runs, it can be taken over. */
async function noteStopped({ target }: Pick<ChangedInstance, 'target'>, { all }: InstanceTools, io: StepIo) {
  const { cluster, role } = target;
  if (role !== 'rocketmq-name-server') return;
  const servers = Object.values(all).filter((each) => each.cluster === cluster && each.role === role);
  if (servers.length === 1) await io.storeIs?.('stopped', io);
}

async function runningPid(target: ChangedInstance['target'], { hostOf }: InstanceTools, io: StepIo) {
  return (await findInstances(hostOf(target.host), io)).find(
    (each) => isSame(target, each) || (target.settings !== undefined && each.settingsFile === target.settings),
  )?.pid;
}
