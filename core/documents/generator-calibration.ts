// Decides from its calibration whether the load generator, rather than the cluster, limits a step.

import { z } from 'zod';
import { durationText } from '../text/duration-text.ts';
import { percentText, quantityText, rateText } from '../text/quantity-text.ts';
import { amount, positive, positiveCount, time } from './values.ts';

/** Seconds. */
const Times = z.strictObject({ p50: amount, p99: amount });

/** The workload in the same threads, against a broker that responds immediately and stores nothing. */
export const Calibration = z.strictObject({
  measuredAt: time,
  /** Response times from sent to acknowledged, by rate or by concurrency of a closed loop. No cluster can be faster. */
  floors: z.array(
    z.strictObject({
      targetTps: positive.optional(),
      lanes: positiveCount.optional(),
      achievedTps: amount,
      serviceSeconds: Times,
      /** CPU share of the busiest worker. */
      workerCpu: amount,
      eventLoopUtilisation: amount,
    }),
  ),
  /** Maximum rate of all workers together, and what limited the busiest worker. */
  ceiling: z.strictObject({
    tps: amount,
    workerCpu: amount,
    eventLoopUtilisation: amount,
  }),
});
export type Calibration = z.infer<typeof Calibration>;

/** A figure of a step that the load generator influences as much as the cluster. */
export const GeneratorLimit = z.strictObject({
  by: z.enum(['latency', 'ceiling', 'cpu', 'event-loop']),
  measured: z.number(),
  limit: z.number(),
});
export type GeneratorLimit = z.infer<typeof GeneratorLimit>;

type Floor = Calibration['floors'][number];
export type GeneratorStep = Pick<Floor, 'achievedTps'> & { [Key in keyof Floor]?: Floor[Key] | undefined };

/** Below three times the calibrated floor, the generator causes a third or more of a latency. */
const floorFactor = 3;
/** Above it queues grow in front of a single server: at 0.85 the wait is 5.7 times the service time (M/M/1). */
const fullShare = 0.85;
/** A run that exceeds a calibrated ceiling by this factor disproves it: on the loopback 1,104,100 msg/s exceeded 60,789. */
const disproved = 1.25;

/**
 * @param calibration if absent, only the workers' reports are judged
 * @returns none if the figures describe the cluster. A latency counts only if both median and p99 do, since one disturbance
 * makes the p99 of a floor useless.
 */
export function judgeGenerator(step: GeneratorStep, calibration: Calibration | undefined): GeneratorLimit[] {
  const limits: GeneratorLimit[] = [];
  const floor = calibration && nearestFloor(step, calibration.floors);
  const { serviceSeconds, achievedTps, workerCpu = 0, eventLoopUtilisation = 0 } = step;
  if (floor !== undefined && serviceSeconds !== undefined) {
    const [median, tail] = [floorFactor * floor.serviceSeconds.p50, floorFactor * floor.serviceSeconds.p99];
    if (serviceSeconds.p50 <= median && serviceSeconds.p99 <= tail) {
      limits.push({ by: 'latency', measured: serviceSeconds.p99, limit: tail });
    }
  }
  const ceiling = calibration?.ceiling.tps ?? Infinity;
  const most = fullShare * ceiling;
  if (achievedTps > most && achievedTps < disproved * ceiling)
    limits.push({ by: 'ceiling', measured: achievedTps, limit: most });
  if (workerCpu > fullShare) limits.push({ by: 'cpu', measured: workerCpu, limit: fullShare });
  if (eventLoopUtilisation > fullShare)
    limits.push({ by: 'event-loop', measured: eventLoopUtilisation, limit: fullShare });
  return limits;
}

/** Distance by ratio: 1,000 to 10,000 msg/s is as far as 10,000 to 100,000. */
function nearestFloor(step: GeneratorStep, floors: readonly Floor[]): Floor | undefined {
  const stepLoad = ({ lanes, targetTps }: { lanes?: number | undefined; targetTps?: number | undefined }) =>
    step.lanes === undefined ? targetTps : lanes;
  const wanted = stepLoad(step);
  if (wanted === undefined || wanted <= 0) return undefined;
  const distance = (floor: Calibration['floors'][number]) => Math.abs(Math.log((stepLoad(floor) ?? Infinity) / wanted));
  return floors.filter((floor) => stepLoad(floor) !== undefined).toSorted((a, b) => distance(a) - distance(b))[0];
}

type LimitText = (limit: GeneratorLimit) => string;

const limitTexts: Readonly<Record<'en' | 'zh', Readonly<Record<GeneratorLimit['by'], LimitText>>>> = {
  en: {
    latency: ({ measured, limit }) =>
      `responses came within ${durationText(measured)} (p99), and a broker without work takes ${durationText(limit / floorFactor)}`,
    ceiling: ({ measured, limit }) =>
      `${quantityText(measured)} of the ${rateText(limit / fullShare)} that its threads can send`,
    cpu: ({ measured }) => `a worker thread used ${percentText(measured)} of a core`,
    'event-loop': ({ measured }) => `the event loop of a worker was ${percentText(measured)} busy`,
  },
  zh: {
    latency: ({ measured, limit }) =>
      `响应时间为 ${durationText(measured, 'zh')}（p99），而空载的 Broker（收到即应答、不存储）也需 ${durationText(limit / floorFactor, 'zh')}`,
    ceiling: ({ measured, limit }) =>
      `已达其线程最大发送能力 ${rateText(limit / fullShare, 'zh')} 中的 ${rateText(measured, 'zh')}`,
    cpu: ({ measured }) => `一个 Worker 线程占用了一个核的 ${percentText(measured)}`,
    'event-loop': ({ measured }) => `一个 Worker 的事件循环繁忙度为 ${percentText(measured)}`,
  },
};

export const generatorLimitText = (limit: GeneratorLimit, language: 'en' | 'zh' = 'en'): string =>
  limitTexts[language][limit.by](limit);
