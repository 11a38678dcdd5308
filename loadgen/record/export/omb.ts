// Exports a run in the OpenMessaging Benchmark result format (since April 2022), one document per step.

import { getOrMake } from '../../../core/get-or-make.ts';
import { runNamePrefix } from '../../plan/run-name-prefix.ts';
import { storedNames } from '../../plan/stored-workload.ts';
import { groupsOf } from '../../plan/workload/group-options.ts';
import type { ExportedFile, ExportedRun, ExportFormat } from './export-format.ts';
import { createOmbStep, type OmbStep } from './omb-step.ts';
import { createStepLocator } from '../step-locator.ts';
import { createWallTime, type WallTime } from '../wall-time.ts';

const products = { kafka: 'Kafka', rocketmq: 'RocketMQ' } as const;

/** Reports of the last second of a step arrive after its end was written. */
const lateSeconds = 2;

export const omb = {
  summary: 'OpenMessaging Benchmark JSON, one file per step: latency in ms, delay in us, arrays per 10 s',

  async *files(run) {
    const places = createStepLocator();
    const backlog = createBacklog();
    const wallTime = createWallTime(run.document.startedAt);
    const shape = shapeOf(run.document);
    /** Steps begun and not yet emitted; two if one ends when the next begins. */
    const open = new Map<number, OmbStep>();
    let hasUnended = false;
    let isFromIntended = false;

    const finish = (step: OmbStep): ExportedFile => {
      open.delete(step.step.index);
      isFromIntended ||= step.isFromIntended();
      return fileOf(run, shape, step, wallTime);
    };

    for await (const line of run.lines()) {
      places.add(line);
      backlog.add(line);
      if (line.kind === 'resumed') {
        for (const step of open.values()) {
          if (step.step.endSeconds < Infinity) yield finish(step);
        }
        open.clear();
      }
      wallTime.add(line);
      if (line.kind === 'produced' || line.kind === 'consumed') {
        const step = places.stepOf(line);
        if (step !== undefined && step.targetTps !== 0) {
          getOrMake(open, step.index, () => createOmbStep(step)).add(line, backlog.messages());
        }
      }
      for (const step of open.values()) {
        if (line.elapsedSeconds > step.step.endSeconds + lateSeconds) yield finish(step);
      }
    }
    for (const step of open.values()) {
      if (step.step.endSeconds === Infinity) hasUnended = true;
      else yield finish(step);
    }
    if (hasUnended) run.notice('a step that was cut off is skipped: it has no end');
    if (isFromIntended) {
      run.notice(
        'the journal has no times from sent to acknowledged: publishLatency counts from the intended moment instead',
      );
    }
  },
} satisfies ExportFormat;

/** Counts messages acknowledged and not yet consumed, summed over groups, because each group reads all messages. */
function createBacklog() {
  let acknowledged = 0;
  const consumed = new Map<string, number>();
  return {
    add(line: Parameters<ReturnType<typeof createStepLocator>['add']>[0]) {
      if (line.kind === 'produced') acknowledged += line.acknowledged;
      if (line.kind === 'consumed') consumed.set(line.group, (consumed.get(line.group) ?? 0) + line.messages);
      if (line.kind !== 'resumed') return;
      acknowledged = 0;
      consumed.clear();
    },
    messages: () => [...consumed.values()].reduce((sum, messages) => sum + Math.max(0, acknowledged - messages), 0),
  };
}

function shapeOf(document: ExportedRun['document']) {
  const { workload } = document;
  const names = storedNames(document);
  const topics = names?.mix?.length ?? names?.topics ?? 1;
  const groups = names === undefined ? [] : groupsOf(names.groups, runNamePrefix(document));
  return {
    messageSize: workload.messageBytes,
    topics,
    ...(workload.partitions !== undefined && { partitions: workload.partitions / topics }),
    ...(workload.workers !== undefined && { producersPerTopic: workload.workers }),
    consumersPerTopic: Math.max(0, ...groups.map(({ members }) => members)),
  };
}

function fileOf({ document }: ExportedRun, shape: object, step: OmbStep, wallTime: WallTime): ExportedFile {
  const { targetTps, lanes } = step.step;
  const rateName = targetTps === undefined ? `${lanes ?? 0}-lanes` : `${Number(targetTps.toFixed(1))}-rate`;
  // The format has no field for the target rate, so it becomes part of the name, as is usual.
  const workload = `${document.profile.name}-${rateName}`;
  const { acks } = document.workload;
  const driver = `${products[document.broker]}${acks === undefined ? '' : `-acks-${acks}`}`;
  const text = `${JSON.stringify({ workload, driver, ...shape, ...step.document() }, undefined, 2)}\n`;
  const ended = new Date(Math.round(wallTime.at(step.endSeconds()) / 1000) * 1000).toISOString();
  const stamp = ended.slice(0, 19).replaceAll(/[T:]/g, '-');
  return { name: `${workload}-${driver}-${stamp}.json`.replaceAll(/[^\w.-]/g, '-'), text: once(text) };
}

async function* once(text: string): AsyncIterable<string> {
  yield text;
}
