import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../core/clock.ts';
import { Calibration } from '../../../core/documents/generator-calibration.ts';
import { examplePolicy } from '../../support/example-policy.ts';
import { calibrate } from '../../../loadgen/execute/calibration/calibrate.ts';
import { createPlan } from '../../../loadgen/plan/plan.ts';
import { startTrafficThread } from '../../../loadgen/execute/workers/traffic-thread.ts';
import { completeWorkload, WorkloadFile } from '../../../loadgen/plan/workload.ts';
import { fullMatrix } from '../../support/prerequisites.ts';

const io = () => ({ signal: AbortSignal.timeout(60_000) });

function planOf(broker: 'kafka' | 'rocketmq', workload: Record<string, unknown>) {
  const file = WorkloadFile.parse({ messageSize: '500B', ...workload });
  return createPlan({
    id: 'calibrated',
    cluster: { name: 'c', broker, config: {} },
    workload: completeWorkload(file, {}),
    keepTopic: false,
    policy: examplePolicy(),
  });
}

const tools = { brokers: 1, startThread: startTrafficThread, clock: systemClock };
const steps = { kind: 'steps', rates: [100, 200, 400, 800], stepDuration: '10s' };

if (fullMatrix) {
  describe('calibration of the load generator', () => {
    test.each([
      ['kafka', { workers: 2, keys: { kind: 'uniform', distinct: 100 }, compression: 'gzip' }],
      ['rocketmq', { requests: 'single' }],
    ] as const)(
      'measures floors at the rates of a %s run and a ceiling above them',
      async (broker, workload) => {
        const calibration = await calibrate(planOf(broker, { ...workload, profile: steps }), tools, io());
        expect(Calibration.safeParse(calibration).success).toBe(true);
        expect(calibration.floors.map(({ targetTps }) => targetTps)).toEqual([100, 400, 800]);
        // Each takes less than a second, but the machine may be busy.
        for (const { targetTps = 0, achievedTps, serviceSeconds } of calibration.floors) {
          expect(achievedTps).toBeGreaterThan(0.5 * targetTps);
          expect(serviceSeconds.p50).toBeGreaterThan(0);
        }
        expect(calibration.ceiling.tps).toBeGreaterThan(2000);
      },
      60_000,
    );

    test('measures a floor for each concurrency of a closed loop', async () => {
      const profile = { kind: 'closed-loop', threads: [4, 8], producers: 1, stepDuration: '10s' };
      const { floors, ceiling } = await calibrate(planOf('kafka', { profile }), tools, io());
      expect(floors.map(({ lanes }) => lanes)).toEqual([4, 8]);
      expect(ceiling.tps).toBeGreaterThan(0);
    }, 60_000);
  });
}
