// Stops an instance and waits for the cluster in an upgrade; both are undone so that the former version serves before the next step back.

import { AppError, isUnreachable } from '../../../core/errors.ts';
import { control, readOutput } from '../../../hosts/instances/service.ts';
import type { Step } from '../../change/step.ts';
import type { ChangedInstance, InstanceFacts, InstanceTools } from '../facts.ts';
import { awaitHealthy } from '../gate-steps.ts';
import { stop } from '../instance-steps.ts';
import { readServing } from '../serving.ts';
import { markOf } from '../startup-faults.ts';
import { until } from '../until.ts';

/** A log of a terabyte is recovered in less. */
const patienceSeconds = 900;

export function stopForSwitch(each: ChangedInstance, tools: InstanceTools): Step<InstanceFacts> {
  const { name, target } = each;
  return {
    ...stop(each, tools),
    undo: {
      description: `start ${name} again and wait until it serves`,
      async run(io) {
        const host = tools.hostOf(target.host);
        const mark = markOf(await readOutput(host.commands, target, io));
        await control(host.commands, target, 'start', io);
        await until({ clock: tools.clock, patienceSeconds }, io, async () => {
          const serving = await readServing(host, { name, target, mark }, io);
          if (serving.kind === 'failed') throw new AppError('change-stopped', serving.reason, { hint: serving.action });
          return serving.kind === 'listens' ? undefined : serving.reason;
        });
        return [`${name} serves again`];
      },
    },
  };
}

export function awaitHealthyBothWays(
  of: { id: string; before?: string },
  facts: InstanceFacts,
  tools: InstanceTools,
): Step<InstanceFacts> {
  return {
    ...awaitHealthy(of, facts, tools),
    undo: {
      description: 'wait until the cluster is healthy',
      async run(io) {
        const { baseline } = facts;
        if (baseline === undefined) return [];
        await until({ clock: tools.clock, patienceSeconds }, io, async () => {
          try {
            return (await tools.gate.blockers(baseline, io)).map(({ what }) => what).join('; ') || undefined;
          } catch (cause) {
            if (cause instanceof AppError && isUnreachable(cause)) return cause.message;
            throw cause;
          }
        });
        return ['the cluster is healthy'];
      },
    },
  };
}
